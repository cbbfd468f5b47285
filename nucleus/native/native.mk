# SPDX-License-Identifier: BSD-2-Clause
#
# The native image: the nucleus, and an archive of programs with "init".
#	make native [ISA=aarch64 BOARD=virt|raspi3] [ARCHIVE=FILE] [NATIVE=OUT]
# Included by the top Makefile after user/user.mk.

ARCHIVE		?= $(USER_INIT_ARCHIVE)
NATIVE		?= $(NUCLEUS_OUT)/native
NATIVE_RAW	= $(if $(filter aarch64,$(NUCLEUS_ISA)),$(NATIVE).img)
NATIVE_MAIN	= $(NUCLEUS_OUT)/nucleus/native/main.c.o

.PHONY: native
native: $(NATIVE) $(NATIVE_RAW)

$(NATIVE).archive.o: nucleus/native/archive.S $(ARCHIVE)
	@mkdir -p $(@D)
	@$(CC) -DNATIVE_ARCHIVE='"$(ARCHIVE)"' -c -o $@ $<

$(NATIVE): $(NATIVE_MAIN) $(NATIVE).archive.o $(NUCLEUS_OBJ) $(NUCLEUS_LDS) nucleus/link
	@echo "  LINK    $@"
	@$(NUCLEUS_LINK) $@ $(NUCLEUS_LDS) $(NUCLEUS_OBJ) $(NATIVE_MAIN) $@.archive.o

$(NATIVE).img: $(NATIVE)
	@$(OBJCOPY) -O binary $< $@

-include $(NATIVE_MAIN:.o=.d)
