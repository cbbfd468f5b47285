# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus platform, and images: nucleus, platform, the donor's object as it is, and the image's
# body.
#	make image CONFIG=web	build/<isa>/<config>/image/pillion.elf
# Included by the top Makefile after nucleus/nucleus.mk and donor/linux/donor.mk.
#
# NP_CFLAGS is for all code that is linked into an image; NP_LINK links one: out, then objects,
# which are to define image_main(). A donor has names of its own functions in itself.

NP_OUT		= $(BUILD)/$(NUCLEUS_ISA)/nucleus/platform
NP_CFLAGS	= $(NUCLEUS_CFLAGS) -Iinclude -Iinclude/cpu/$(NUCLEUS_ISA) -Iplatform/nucleus
NP_SRC		= $(wildcard platform/nucleus/*.c)
NP_OBJ		= $(patsubst %.c,$(NP_OUT)/%.o,$(NP_SRC))
NP_LIB		= $(NP_OUT)/librumpuser.a
NP_LINK		= SYMBOLS_LESS="_stext _etext" $(NUCLEUS_LINK) $(1) $(NUCLEUS_LDS) $(NP_OBJ) $(2) \
		  --whole-archive $(NUCLEUS_LIB) --no-whole-archive

# The body; run.c is what a test replaces. Networks are libpillion's.
IMAGE_CFLAGS	= $(NP_CFLAGS) -Iplatform/nucleus/image -Ilibpillion
IMAGE_SRC	= $(wildcard platform/nucleus/image/*.c) \
		  $(patsubst %,libpillion/%.c,net netlink dhcp dhcpmsg)
IMAGE_OBJ	= $(patsubst %.c,$(NP_OUT)/%.o,$(IMAGE_SRC))
IMAGE_RUN	= $(NP_OUT)/platform/nucleus/image/run.o
IMAGE_OUT	= $(BUILD)/$(NUCLEUS_ISA)/$(CONFIG)/image
IMAGE_ELF	= $(IMAGE_OUT)/pillion.elf

.PHONY: image
image: $(IMAGE_ELF)

$(NP_LIB): $(NP_OBJ)
	@rm -f $@
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

$(NP_OUT)/platform/nucleus/%.o: platform/nucleus/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(NP_CFLAGS) -c -o $@ $<

$(NP_OUT)/platform/nucleus/image/%.o: platform/nucleus/image/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(IMAGE_CFLAGS) -c -o $@ $<

$(NP_OUT)/libpillion/%.o: libpillion/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(IMAGE_CFLAGS) -c -o $@ $<

$(IMAGE_ELF): $(NP_OBJ) $(IMAGE_OBJ) $(NUCLEUS_LIB) $(NUCLEUS_LDS) $(DONOR_O)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(call NP_LINK,$@,$(IMAGE_OBJ) $(DONOR_O))

-include $(NP_OBJ:.o=.d) $(IMAGE_OBJ:.o=.d)
