# SPDX-License-Identifier: BSD-2-Clause
#
# The native image in QEMU, its session on the terminal: ^A X ends QEMU, halt the machine.
#	make run-pi | run-virt | run-pc [CPUS=N] [QEMUFLAGS=...]
#	make debug-pi		beside GDB; the session is on a terminal that QEMU names
#	make pi			build/pi: what goes to a Raspberry Pi's boot partition
# Included by the top Makefile. The images are other runs of it.

RUN_FLAGS	= -accel tcg -nodefaults -display none -no-reboot $(QEMUFLAGS)
RUN_IMAGE	= $(BUILD)/$(1)/nucleus/$(2)/native
RUN_PI		= -machine raspi3b -kernel $(BUILD)/pi/kernel8.img
RUN_MAKE	= +@$(MAKE) -s --no-print-directory native

.PHONY: pi run-pi run-virt run-pc debug-pi
pi:
	$(RUN_MAKE) ISA=aarch64 BOARD=raspi3
	@mkdir -p $(BUILD)/pi
	@cp $(call RUN_IMAGE,aarch64,raspi3).img $(BUILD)/pi/kernel8.img
	@cp board/raspi3/config.txt board/raspi3/cmdline.txt $(BUILD)/pi

run-pi: pi
	@qemu-system-aarch64 $(RUN_PI) -serial mon:stdio $(RUN_FLAGS)

run-virt:
	$(RUN_MAKE) ISA=aarch64 BOARD=virt
	@qemu-system-aarch64 -machine virt -cpu cortex-a53 -smp $(or $(CPUS),4) -m 128 \
		-kernel $(call RUN_IMAGE,aarch64,virt).img -serial mon:stdio $(RUN_FLAGS)

run-pc:
	$(RUN_MAKE) ISA=x86_64 BOARD=pc
	@qemu-system-x86_64 -machine q35 -cpu max -smp $(or $(CPUS),4) -m 128 \
		-kernel $(call RUN_IMAGE,x86_64,pc) -serial mon:stdio $(RUN_FLAGS)

debug-pi: pi
	@tools/debug-pi $(call RUN_IMAGE,aarch64,raspi3) $(RUN_PI) $(RUN_FLAGS)
