# SPDX-License-Identifier: BSD-2-Clause
#
# The native image: the nucleus, and an archive of programs with "init".
#	make native [ISA=aarch64 BOARD=virt|raspi3]
#	make native-test	the same with the test programs of user/tests; tests/pi and tests/pc run it
# Included by the top Makefile after user/user.mk.

NATIVE		= $(NUCLEUS_OUT)/native
NATIVE_TEST	= $(NUCLEUS_OUT)/native-test
NATIVE_RAW	= $(if $(filter aarch64,$(NUCLEUS_ISA)),$(1).img)
NATIVE_MAIN	= $(NUCLEUS_OUT)/nucleus/native/main.c.o

.PHONY: native native-test
native: $(NATIVE) $(call NATIVE_RAW,$(NATIVE))
native-test: $(NATIVE_TEST) $(call NATIVE_RAW,$(NATIVE_TEST))

# An image and its archive.
define NATIVE_IMAGE
$(1).archive.o: nucleus/native/archive.S $(2)
	@mkdir -p $$(@D)
	@$$(CC) -DNATIVE_ARCHIVE='"$(2)"' -c -o $$@ $$<

$(1): $$(NATIVE_MAIN) $(1).archive.o $$(NUCLEUS_OBJ) $$(NUCLEUS_LDS) nucleus/link
	@echo "  LINK    $$@"
	@$$(NUCLEUS_LINK) $$@ $$(NUCLEUS_LDS) $$(NUCLEUS_OBJ) $$(NATIVE_MAIN) $(1).archive.o

$(1).img: $(1)
	@$$(OBJCOPY) -O binary $$< $$@
endef
$(eval $(call NATIVE_IMAGE,$(NATIVE),$(USER_INIT_ARCHIVE)))
$(eval $(call NATIVE_IMAGE,$(NATIVE_TEST),$(USER_TEST_ARCHIVE)))

-include $(NATIVE_MAIN:.o=.d)
