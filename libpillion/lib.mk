# SPDX-License-Identifier: BSD-2-Clause
#
# The embedding library: donor, platform and libpillion/*.c, linked into one object in which only
# the documented names are global; as an archive, and as a shared library.

LIB_OUT		:= $(DONOR_OUT)/lib
LIB_SRC		:= $(wildcard libpillion/*.c)
LIB_OBJ		:= $(patsubst libpillion/%.c,$(LIB_OUT)/%.o,$(LIB_SRC))
LIB_A		:= $(LIB_OUT)/libpillion.a
LIB_SO		:= $(LIB_OUT)/libpillion.so.0
LIB_CFLAGS	= $(CFLAGS_OURS) $(POSIX_WIDE) -fvisibility=hidden -Iinclude -Iplatform/posix \
		  -DPILLION_VERSION='"$(VERSION)"' -DPILLION_CONFIG='"$(CONFIG)"' -DPILLION_ISA='"$(ISA)"'

.PHONY: lib
lib: $(LIB_A) $(LIB_SO) $(LIB_OUT)/pillion.pc

$(LIB_OUT)/%.o: libpillion/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(LIB_CFLAGS) -c -o $@ $<

$(LIB_OBJ): | $(BUILD)/setup.stamp
# The donor's version is read when this is compiled, and so after the donor was unpacked.
$(LIB_OUT)/version.o: LIB_CFLAGS += -DPILLION_DONOR='"$(DONOR_VERSION)"'
$(LIB_OUT)/version.o: $(LINUX).stamp

$(LIB_OUT)/pillion.o: $(LIB_OBJ) $(POSIX_LIB) $(DONOR_O)
	@echo "  LINK    $@"
	@$(LD) -r -z noexecstack -o $@.1 $(LIB_OBJ) \
		--whole-archive $(POSIX_LIB) --no-whole-archive $(DONOR_O)
	@$(OBJCOPY) --wildcard --keep-global-symbol='pillion_[!_]*' $@.1 $@
	@rm -f $@.1

$(LIB_A): $(LIB_OUT)/pillion.o
	@rm -f $@
	@$(AR) rcs $@ $<

$(LIB_SO): $(LIB_OUT)/pillion.o
	@$(CC) -shared -Wl,-soname,libpillion.so.0 -Wl,-z,relro -Wl,-z,now -Wl,-z,text -o $@ $< -lpthread
	@ln -sf libpillion.so.0 $(LIB_OUT)/libpillion.so

$(LIB_OUT)/pillion.pc: libpillion/pillion.pc.in Makefile
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' $< > $@

-include $(LIB_OBJ:.o=.d)
