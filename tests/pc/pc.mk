# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus on QEMU's PCs: make check-pc.

PC_OUT		:= $(BUILD)/x86_64/tests/pc
PC_IMAGE	:= $(PC_OUT)/nucleus-test
PC_OBJ		= $(patsubst tests/pc/%,$(PC_OUT)/%.o,$(wildcard tests/pc/*.[cS]))

.PHONY: check-pc pc-image
pc-image: $(PC_IMAGE)
check-pc: $(PC_IMAGE)
	@PC_IMAGE=$(PC_IMAGE) prove --timer $(sort $(wildcard tests/pc/*.t))

$(PC_IMAGE): $(PC_OBJ) $(NUCLEUS_OBJ) $(NUCLEUS_LDS) nucleus/link nucleus/symtab.pl
	@echo "  LINK    $@"
	@$(NUCLEUS_LINK) $@ $(NUCLEUS_LDS) $(NUCLEUS_OBJ) $(PC_OBJ)

$(PC_OUT)/%.o: tests/pc/% nucleus/nucleus.mk
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(NUCLEUS_CFLAGS) -Itests/pc -c -o $@ $<

-include $(PC_OBJ:.o=.d)
