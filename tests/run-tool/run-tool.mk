# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of `pillion run`: what it packs, writes and asks of QEMU, with a kernel of their own.
#	make check-run

RUNTOOL_OUT	:= $(BUILD)/x86_64/tests/run-tool
RUNTOOL_KERNEL	:= $(RUNTOOL_OUT)/kernel.elf
RUNTOOL_CFLAGS	:= -m32 -std=gnu11 -O1 -ffreestanding -fno-pic -fno-stack-protector \
		   -fno-asynchronous-unwind-tables -fcf-protection=none -mgeneral-regs-only \
		   -Wall -Wextra -Werror -Iinclude

.PHONY: check-run
check-run: $(TOOL) $(RUNTOOL_KERNEL)
	PILLION=$(abspath $(TOOL)) KERNEL=$(abspath $(RUNTOOL_KERNEL)) prove --timer tests/run-tool

# 32-bit code in a 64-bit file: loaders enter it so.
$(RUNTOOL_KERNEL): tests/run-tool/kernel.c tests/run-tool/kernel.lds include/pillion/image.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@{ echo .code32; $(CC) $(RUNTOOL_CFLAGS) -S -o - $<; } | as --64 -o $(@:.elf=.o) -
	@ld -m elf_x86_64 -z noexecstack --no-warn-rwx-segments --build-id=none \
		-T tests/run-tool/kernel.lds -o $@ $(@:.elf=.o)
