# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus's tests that run inside it, on every CPU and board: an image, which the suites of the
# machines (tests/pc, tests/pi) boot.
#	make nucleus-test [ISA=aarch64 BOARD=virt|raspi3]

NT_IMAGE	= $(NUCLEUS_OUT)/nucleus-test
NT_SRC		= $(wildcard tests/nucleus/*.c tests/nucleus/cpu/$(NUCLEUS_ISA)/*.[cS])
NT_OBJ		= $(patsubst %,$(NUCLEUS_OUT)/%.o,$(NT_SRC))

# For a Raspberry Pi's firmware, and for QEMU's -kernel on Arm: the bytes as they lie in memory.
NT_RAW		= $(if $(filter aarch64,$(NUCLEUS_ISA)),$(NT_IMAGE).img)

.PHONY: nucleus-test
nucleus-test: $(NT_IMAGE) $(NT_RAW)

$(NT_IMAGE).img: $(NT_IMAGE)
	@$(OBJCOPY) -O binary $< $@

$(NT_OBJ): NUCLEUS_CFLAGS += -Itests/nucleus -Itests/nucleus/cpu/$(NUCLEUS_ISA)

$(NT_IMAGE): $(NT_OBJ) $(NUCLEUS_OBJ) $(NUCLEUS_LDS) nucleus/link nucleus/symtab.pl
	@echo "  LINK    $@"
	@$(NUCLEUS_LINK) $@ $(NUCLEUS_LDS) $(NUCLEUS_OBJ) $(NT_OBJ)

# Portable parts of it that need no CPU of the nucleus, on the host.
NT_HOST		= $(BUILD)/tests/nucleus/host
NT_HOST_SRC	= $(wildcard tests/nucleus/host/*.c) tests/nucleus/cap.c tests/nucleus/vm.c \
		  $(addprefix nucleus/,account.c cap.c elf.c memory.c pagetable.c region.c space.c vm.c \
		  vm_copy.c)

$(NT_HOST): $(NT_HOST_SRC) tests/nucleus/host/arch.h tests/nucleus/tap.h $(wildcard nucleus/*.h)
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined \
		-fno-sanitize-recover -Itests/nucleus/host -Icpu/x86_64 -I. -o $@ $(NT_HOST_SRC)

# The page tables of x86_64 with a model of its TLB, which no emulator has: threads are CPUs.
NT_TLB		= $(BUILD)/tests/nucleus/tlb
NT_TLB_SRC	= $(wildcard tests/nucleus/tlb/*.c) nucleus/asid.c nucleus/pagetable.c \
		  cpu/x86_64/pagetable.c

$(NT_TLB): $(NT_TLB_SRC) $(wildcard tests/nucleus/tlb/*.h nucleus/*.h cpu/x86_64/pte.h)
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -pthread -fsanitize=address,undefined \
		-fno-sanitize-recover -Itests/nucleus/tlb -Icpu/x86_64 -I. -o $@ $(NT_TLB_SRC)

-include $(NT_OBJ:.o=.d)
