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

-include $(NT_OBJ:.o=.d)
