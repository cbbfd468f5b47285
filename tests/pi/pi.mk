# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus on QEMU's Raspberry Pi 3 and virt: make check-pi. The images are other runs of the
# Makefile.

PI_IMAGE	= $(abspath $(BUILD))/aarch64/nucleus/$(1)/nucleus-test.img

.PHONY: check-pi pi-images
pi-images:
	@$(MAKE) --no-print-directory ISA=aarch64 BOARD=raspi3 nucleus-test native-test native
	@$(MAKE) --no-print-directory ISA=aarch64 BOARD=virt nucleus-test native-test native
	@$(MAKE) --no-print-directory ISA=aarch64 BOARD=virt CHECKED=1 nucleus-test native-test

# A portable part, on the host.
PI_FDT		= $(BUILD)/tests/pi/fdt
$(PI_FDT): tests/pi/fdt.c board/arm/fdt.c board/arm/fdt.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined \
		-fno-sanitize-recover -I. -o $@ $(filter %.c,$^)

check-pi: pi-images $(PI_FDT) | $(BUILD)/setup.stamp
	@PI_RASPI3=$(call PI_IMAGE,raspi3) PI_VIRT=$(call PI_IMAGE,virt) PI_FDT=$(abspath $(PI_FDT)) \
		PI_ARCHIVE=$(abspath $(BUILD))/aarch64/user/tests.cpio \
		prove --timer $(sort $(wildcard tests/pi/*.t))
