# SPDX-License-Identifier: BSD-2-Clause
# The example platform: build/<isa>/example/libexample.a, and a check that it, and with it the POSIX
# platform, defines the whole contract, and that the example needs nothing but its board and the C
# language's own functions. Included by the top Makefile, or alone, for the example only:
#	make -f platform/example/example.mk [example | check-example]

.DEFAULT_GOAL := example
ISA ?= x86_64
BUILD ?= build
EXAMPLE_CC ?= $(if $(CROSS_COMPILE),$(CROSS_COMPILE)gcc,$(CC))
EXAMPLE_AR ?= $(if $(CROSS_COMPILE),$(CROSS_COMPILE)ar,$(AR))
EXAMPLE_NM ?= $(CROSS_COMPILE)nm
EXAMPLE_OUT = $(BUILD)/$(ISA)/example
EXAMPLE_LIB = $(EXAMPLE_OUT)/libexample.a
EXAMPLE_CFLAGS = -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-stack-protector \
	-Iinclude -Iplatform/example -MMD -MP
EXAMPLE_OBJ = $(patsubst platform/example/%.c,$(EXAMPLE_OUT)/%.o,$(wildcard platform/example/*.c))

.PHONY: example check-example
example: $(EXAMPLE_LIB)

$(EXAMPLE_LIB): $(EXAMPLE_OBJ)
	rm -f $@
	$(EXAMPLE_AR) rcs $@ $^

$(EXAMPLE_OUT)/%.o: platform/example/%.c
	@mkdir -p $(@D)
	$(EXAMPLE_CC) $(EXAMPLE_CFLAGS) -c -o $@ $<

check-example: $(EXAMPLE_LIB) $(POSIX_LIB)
	NM=$(EXAMPLE_NM) $(or $(PROVE),prove) --exec sh tests/conformance/example.t :: \
		$(EXAMPLE_LIB) $(POSIX_LIB)

-include $(EXAMPLE_OBJ:.o=.d)
