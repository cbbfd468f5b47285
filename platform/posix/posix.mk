# SPDX-License-Identifier: BSD-2-Clause
# The POSIX platform: build/<isa>/posix/librumpuser.a. Included by the top Makefile, or alone:
#	make -f platform/posix/posix.mk [ISA=aarch64 CROSS_COMPILE=aarch64-linux-gnu-] [SAN=...]
# Variables: CC, AR, BUILD, ISA, CROSS_COMPILE, SAN (sanitizers, such as address,undefined or
# thread; built beside the other).

.DEFAULT_GOAL := posix
ISA ?= x86_64
BUILD ?= build
POSIX_CC ?= $(if $(CROSS_COMPILE),$(CROSS_COMPILE)gcc,$(CC))
POSIX_AR ?= $(if $(CROSS_COMPILE),$(CROSS_COMPILE)ar,$(AR))

comma := ,
POSIX_SAN = $(subst $(comma),-,$(SAN))
POSIX_OUT = $(BUILD)/$(ISA)/posix$(addprefix -,$(POSIX_SAN))
POSIX_LIB = $(POSIX_OUT)/librumpuser.a
POSIX_WARN = -Wall -Wextra -Werror
# Offsets and times of 64 bits also where the host's own are narrower.
POSIX_WIDE = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
POSIX_CFLAGS = -std=gnu11 -O2 -g $(POSIX_WARN) $(POSIX_WIDE) -fPIC -fno-omit-frame-pointer \
	-fvisibility=default $(addprefix -fsanitize=,$(SAN)) \
	-Iinclude -Iplatform/posix -Iplatform/posix/cpu/$(ISA) -MMD -MP

POSIX_SRC = $(wildcard platform/posix/*.c) $(wildcard platform/posix/cpu/$(ISA)/*.[cS])
POSIX_OBJ = $(patsubst platform/posix/%,$(POSIX_OUT)/%.o,$(POSIX_SRC))

.PHONY: posix
posix: $(POSIX_LIB)

$(POSIX_LIB): $(POSIX_OBJ)
	@rm -f $@
	@echo "  AR      $@"
	@$(POSIX_AR) rcs $@ $^

$(POSIX_OUT)/%.o: platform/posix/%
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(POSIX_CC) $(POSIX_CFLAGS) -c -o $@ $<

-include $(POSIX_OBJ:.o=.d)
