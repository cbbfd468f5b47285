# SPDX-License-Identifier: BSD-2-Clause
# The nucleus: build/<isa>/nucleus/<board>/nucleus.a, which an image links whole:
#	nucleus/link OUT cpu/<isa>/image.lds OBJECT... (see NUCLEUS_LINK)
# Included by the top Makefile. BOARD: pc; virt or raspi3 with ISA=aarch64. CHECKED=1: a build that
# counts locks and can provoke races (nucleus/checked.h), in a folder <board>-checked.

BOARD		?= $(if $(filter aarch64,$(ISA)),virt,pc)
NUCLEUS_ISA	= $(ISA)
NUCLEUS_BOARDS_x86_64 = pc
NUCLEUS_BOARDS_aarch64 = virt raspi3
ifneq ($(NUCLEUS_BOARDS_$(ISA)),)
ifeq ($(filter $(BOARD),$(NUCLEUS_BOARDS_$(ISA))),)
$(error BOARD=$(BOARD): with ISA=$(ISA) it can be: $(NUCLEUS_BOARDS_$(ISA)))
endif
endif
NUCLEUS_OUT	= $(BUILD)/$(NUCLEUS_ISA)/nucleus/$(BOARD)$(if $(CHECKED),-checked)
NUCLEUS_LIB	= $(NUCLEUS_OUT)/nucleus.a
NUCLEUS_CFLAGS	= -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-common \
		  -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-pic -fno-pie \
		  -fstack-protector-strong -mstack-protector-guard=global \
		  -mgeneral-regs-only -mno-omit-leaf-frame-pointer \
		  -ffunction-sections -MMD -MP $(NUCLEUS_CFLAGS_$(NUCLEUS_ISA)) \
		  -I. -Icpu/$(NUCLEUS_ISA) $(if $(CHECKED),-DNUCLEUS_CHECKED)
NUCLEUS_CFLAGS_x86_64 = -mno-red-zone -mcmodel=kernel -fcf-protection=none
NUCLEUS_CFLAGS_aarch64 = -march=armv8-a -mno-outline-atomics -mbranch-protection=none \
		  -mfix-cortex-a53-835769
# A Cortex-A53, as in the Raspberry Pi 3, may compute a wrong address after adrp at a page's end.
NUCLEUS_LDFLAGS_aarch64 = --fix-cortex-a53-843419=adr
# Called by no function: each instruction counts.
$(NUCLEUS_OUT)/nucleus/fastpath.c.o: NUCLEUS_CFLAGS += -fomit-frame-pointer \
		  -momit-leaf-frame-pointer
# Folders of a board beside its own.
NUCLEUS_SHARED_pc = screen
NUCLEUS_SHARED_virt = arm
NUCLEUS_SHARED_raspi3 = arm
NUCLEUS_SRC	= $(filter-out $(if $(CHECKED),,nucleus/checked.c), \
		  $(wildcard nucleus/*.c cpu/$(NUCLEUS_ISA)/*.[cS] \
		  $(patsubst %,board/%/*.[cS],$(BOARD) $(NUCLEUS_SHARED_$(BOARD)))))
NUCLEUS_OBJ	= $(patsubst %,$(NUCLEUS_OUT)/%.o,$(NUCLEUS_SRC))
NUCLEUS_LDS	= cpu/$(NUCLEUS_ISA)/image.lds
NUCLEUS_LINK	= CC="$(CC)" LD="$(LD) $(NUCLEUS_LDFLAGS_$(NUCLEUS_ISA))" NM=$(NM) nucleus/link

.PHONY: nucleus
nucleus: $(NUCLEUS_LIB)

$(NUCLEUS_LIB): $(NUCLEUS_OBJ)
	@rm -f $@
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

$(NUCLEUS_OUT)/%.o: % nucleus/nucleus.mk | $(BUILD)/setup.stamp
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(NUCLEUS_CFLAGS) -c -o $@ $<

-include $(NUCLEUS_OBJ:.o=.d)
