# SPDX-License-Identifier: BSD-2-Clause
#
# Pillion. `make help` says what there is. Everything built goes to build/<isa>/; the donor's
# unpacked source, which is shared by all configurations, to build/linux.
#
#	ISA=x86_64|aarch64	instruction set of what is built (aarch64 is cross-compiled on another host)
#	CONFIG=default|full|pci|web|pc|debug	what the donor contains: donor/linux/config/$(CONFIG).list

HOST_ISA := $(shell uname -m)
ISA	?= $(HOST_ISA)
CONFIG	?= default
BUILD	?= build
PREFIX	?= /usr/local
DESTDIR	?=

ifneq ($(ISA),$(HOST_ISA))
CROSS_COMPILE ?= $(ISA)-linux-gnu-
endif
ifneq ($(CROSS_COMPILE),)
CC := $(CROSS_COMPILE)gcc
AR := $(CROSS_COMPILE)ar
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
else
NM ?= nm
OBJCOPY ?= objcopy
endif
VERSION	:= 0.1.0

CFLAGS	?= -O2 -g -fstack-protector-strong
CFLAGS_OURS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -fPIC -fno-omit-frame-pointer -MMD -MP

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

.PHONY: all setup check check-posix check-long demo tour clean distclean help install
# The tool needs Debian's libraries for its instruction set.
all: lib $(if $(filter $(ISA),$(HOST_ISA)),tool)

include platform/posix/posix.mk
include platform/example/example.mk
include donor/linux/donor.mk
include libpillion/lib.mk
include nucleus/nucleus.mk
include user/user.mk
include user/tests/user-tests.mk
include nucleus/native/native.mk
include nucleus/native/run.mk
include platform/nucleus/nucleus-platform.mk
$(POSIX_OBJ): | $(BUILD)/setup.stamp

LIBPILLION = $(LIB_A)
LIBPILLION_LIBS = -lpthread
include tools/tools.mk
$(TOOL_OBJ): | $(BUILD)/setup.stamp
include examples/examples.mk
# First those that others name the programs of.
TESTS_FIRST := tests/smoke/smoke.mk tests/rules/rules.mk tests/lib/lib-tests.mk
TESTS_FIRST := $(wildcard $(TESTS_FIRST))
include $(TESTS_FIRST) $(filter-out $(TESTS_FIRST),$(wildcard tests/*/*.mk))
-include tests/tests.mk
-include bench/bench.mk

.DEFAULT_GOAL := all

# Packages that are missing, and only then.
setup:
	@tools/setup

# Other configurations and instruction sets are other runs of this Makefile.
PI_SUITES := pi
POSIX_SUITES := style example rules smoke conformance conformance-asan lib net tool \
	smoke-aarch64 debug pci full faults
PC_SUITES := $(if $(filter x86_64,$(HOST_ISA)),pc boot program run image devices apps)

check:
	@tests/run $(POSIX_SUITES) $(PC_SUITES) $(PI_SUITES)
check-posix:
	@tests/run $(POSIX_SUITES)
check-long:
	@PILLION_LONG=1 tests/run $(POSIX_SUITES) $(PC_SUITES) $(PI_SUITES) conformance-tsan

# The demo's machine is a PC, and so are its programs.
ifeq ($(HOST_ISA),x86_64)
demo: tool
	+@$(MAKE) --no-print-directory CONFIG=web image
	@BUILD=$(BUILD) PILLION=$(abspath $(TOOL)) tools/demo
else
demo:
	@echo "demo: needs an x86-64 machine; make tour does not" >&2; exit 1
endif

tour: tool
	@PILLION=$(abspath $(TOOL)) tools/tour

install: lib tool
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin lib/pkgconfig include/pillion share/man/man1 \
		share/man/man3 share/bash-completion/completions)
	install -m 755 $(TOOL) $(DESTDIR)$(PREFIX)/bin/pillion
	install -m 644 $(LIB_A) $(DESTDIR)$(PREFIX)/lib/libpillion.a
	install -m 755 $(LIB_SO) $(DESTDIR)$(PREFIX)/lib/libpillion.so.0
	ln -sf libpillion.so.0 $(DESTDIR)$(PREFIX)/lib/libpillion.so
	install -m 644 $(LIB_OUT)/pillion.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/pillion.pc
	install -m 644 $(wildcard include/pillion/*.h) $(DESTDIR)$(PREFIX)/include/pillion
	install -m 644 docs/man/pillion.1 docs/man/pillion-run.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/man/libpillion.3 $(DESTDIR)$(PREFIX)/share/man/man3
	install -m 644 tools/completion/pillion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/pillion
	for image in $(wildcard $(BUILD)/x86_64/*/image/pillion.elf); do \
		name=$$(basename $${image%/image/pillion.elf}) && \
		install -D -m 644 $$image $(DESTDIR)$(PREFIX)/share/pillion/$$name.elf || exit; \
	done

clean:
	rm -rf $(BUILD)/x86_64 $(BUILD)/aarch64 $(BUILD)/tests $(BUILD)/bench

distclean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#|//p' Makefile

#|Targets:
#|  make              the library and the pillion command for this machine
#|  make setup        install the Debian packages that are missing; others do so when needed
#|  make demo         build, then Debian's nginx on a machine without an operating system (x86_64)
#|  make tour         build, then a tour of the pillion command on images it makes
#|  make check        all tests; make check-posix: those of the library and the command
#|  make check-long   the same with larger seeds, and soaks
#|  make check-pc     one suite: the nucleus on PCs; check-pi: on Arm; others: docs/SPECIFICATION.md
#|  make image        CONFIG=web|pc: the nucleus with the donor, for pillion run (x86_64)
#|  make run-pi       a native session in QEMU; also run-virt, run-pc; make debug-pi: with GDB
#|  make pi           build/pi: for a Raspberry Pi's boot partition
#|  make bench        measure against the host and others; writes build/bench/*.json
#|  make bench-ipc    native processes and their messages on a PC; make bench-pi: on Arm
#|  make install      to DESTDIR and PREFIX (default /usr/local); of images, those that are built
#|  make clean        remove what was built, but for the donor's unpacked source
#|Variables:
#|  CONFIG=default|full|pci|web|pc|debug   what the donor contains
#|  ISA=x86_64|aarch64                  for which instruction set
