# SPDX-License-Identifier: BSD-2-Clause
#
# Native programs of the nucleus: build/<isa>/user/<program>, and archives of them.
#	make user [ISA=aarch64]
# A program is a folder user/<program>, or a file user/programs/<program>.c. Included by the top
# Makefile after nucleus/nucleus.mk.
#
# $(call USER_ARCHIVE,FOLDER,OUT): a command that makes the archive OUT of what is in FOLDER.

USER_OUT	= $(BUILD)/$(NUCLEUS_ISA)/user
USER_CFLAGS	= -std=gnu11 -Os -g -Wall -Wextra -Werror -ffreestanding -fno-common -fno-pic \
		  -fno-pie -fno-asynchronous-unwind-tables -fstack-protector-strong \
		  -mstack-protector-guard=global -mgeneral-regs-only -ffunction-sections \
		  -fdata-sections -MMD -MP $(USER_CFLAGS_$(NUCLEUS_ISA)) -I. -Iuser/lib \
		  -Iuser/lib/cpu/$(NUCLEUS_ISA) -Icpu/$(NUCLEUS_ISA)
USER_CFLAGS_x86_64 = -fcf-protection=none
USER_CFLAGS_aarch64 = -march=armv8-a -mno-outline-atomics -mbranch-protection=none \
		  -mfix-cortex-a53-835769
USER_LDS	= user/lib/program.lds
USER_LINK	= $(LD) $(NUCLEUS_LDFLAGS_$(NUCLEUS_ISA)) -nostdlib -static --gc-sections \
		  -z max-page-size=4096 -z noexecstack --build-id=none -T $(USER_LDS)
USER_ARCHIVE	= (cd $(1) && find . -type f | LC_ALL=C sort | \
		  cpio --quiet --reproducible -o -H newc -R 0:0) >$(2)

# Strings, numbers and memory are the nucleus's.
USER_LIB	= $(USER_OUT)/lib.a
USER_LIB_SRC	= $(wildcard user/lib/*.c user/lib/cpu/$(NUCLEUS_ISA)/*.S) nucleus/format.c \
		  nucleus/string.c cpu/$(NUCLEUS_ISA)/memory.S
# The console's server and the kernel have the same drivers.
USER_DRIVERS_aarch64 = board/arm/pl011.c board/raspi3/miniuart.c
USER_DRIVERS_x86_64 = board/pc/serial.c
USER_SRC_console = $(USER_DRIVERS_$(NUCLEUS_ISA))
USER_SRC_framebuffer = board/screen/font.c board/screen/text.c

USER_FOLDERS	= console framebuffer init shell
USER_SMALL	= $(patsubst user/programs/%.c,%,$(wildcard user/programs/*.c))
USER_PROGRAMS	= $(addprefix $(USER_OUT)/,$(USER_FOLDERS) $(USER_SMALL))
USER_OBJ	= $(patsubst %,$(USER_OUT)/obj/%.o,$(1))
USER_SOURCES	= $(wildcard user/$(1)/*.c user/$(1)/cpu/$(NUCLEUS_ISA)/*.c) $(USER_SRC_$(1))
USER_INIT_ARCHIVE = $(USER_OUT)/init.cpio

.PHONY: user
user: $(USER_INIT_ARCHIVE)

$(USER_INIT_ARCHIVE): $(USER_PROGRAMS)
	@rm -rf $(USER_OUT)/root && mkdir -p $(USER_OUT)/root
	@for p in $^; do $(OBJCOPY) --strip-all $$p $(USER_OUT)/root/$${p##*/} || exit; done
	@echo "  CPIO    $@"
	@$(call USER_ARCHIVE,$(USER_OUT)/root,$(abspath $@))

$(USER_LIB): $(call USER_OBJ,$(USER_LIB_SRC))
	@rm -f $@
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

define USER_FOLDER
$$(USER_OUT)/$(1): $$(call USER_OBJ,$$(call USER_SOURCES,$(1))) $$(USER_LIB) $$(USER_LDS)
	@echo "  LINK    $$@"
	@$$(USER_LINK) -o $$@ $$(filter %.o %.a,$$^)
endef
$(foreach p,$(USER_FOLDERS),$(eval $(call USER_FOLDER,$(p))))

$(addprefix $(USER_OUT)/,$(USER_SMALL)): $(USER_OUT)/%: $(USER_OUT)/obj/user/programs/%.c.o \
		$(USER_LIB) $(USER_LDS)
	@echo "  LINK    $@"
	@$(USER_LINK) -o $@ $(filter %.o %.a,$^)

$(USER_OUT)/obj/%.o: % user/user.mk | $(BUILD)/setup.stamp
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(USER_CFLAGS) -c -o $@ $<

# System-call numbers for assembler.
$(USER_OUT)/calls.h: nucleus/abi.h
	@mkdir -p $(@D)
	@sed -n 's/^\t\(SYS_[A-Z_]*\),.*/\1/p' $< | awk '{ print "#define " $$1 " " NR - 1 }' >$@
$(USER_OUT)/obj/user/lib/cpu/$(NUCLEUS_ISA)/entry.S.o: USER_CFLAGS += -include $(USER_OUT)/calls.h
$(USER_OUT)/obj/user/lib/cpu/$(NUCLEUS_ISA)/entry.S.o: $(USER_OUT)/calls.h

-include $(shell find $(USER_OUT)/obj -name '*.d' 2>/dev/null)
