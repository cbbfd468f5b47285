# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of devices, each in QEMU with the donor's own driver, data going both ways:
#	make check-devices		all of them, CONFIG=pc
#	make check-devices-NAME CONFIG=pc	tests/devices/NAME.t
# PILLION_LONG=1: each device on each machine that can have it, and more of everything.

DV_OUT		= $(IMAGE_OUT)/tests
DV_TOOL		= $(BUILD)/$(ISA)/default/bin/pillion
DV_MOVER	= $(DV_OUT)/mover
DV_FRAMES	= $(DV_OUT)/frames
DV_TESTS	= $(patsubst tests/devices/%.t,check-devices-%,$(wildcard tests/devices/*.t))

.PHONY: check-devices check-devices-run $(DV_TESTS)
check-devices:
	+@$(MAKE) --no-print-directory CONFIG=default tool
	+@$(MAKE) --no-print-directory CONFIG=pc check-devices-run
check-devices-run: $(DV_TESTS)

$(DV_TESTS): check-devices-%: $(IMAGE_ELF) $(DV_MOVER) $(DV_FRAMES)
	PILLION=$(abspath $(DV_TOOL)) KERNEL=$(abspath $(IMAGE_ELF)) MOVER=$(abspath $(DV_MOVER)) \
		FRAMES=$(abspath $(DV_FRAMES)) prove --timer tests/devices/$*.t

$(DV_OUT)/%: tests/devices/%.c tests/lib/tap.h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -Itests/lib -static -o $@ $<
