# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the embedding library: build/<isa>/<config>/tests/lib/, one program a subject, by prove.
#	make check-lib [CONFIG=debug]
# TEST_SCALE: how many times as much; 100 in check-long.

LT_DIR		= tests/lib
LT_OUT		= $(DONOR_OUT)/tests/lib
LT_NAMES	= process threads interrupt signals events futex streams storage system efault partial \
		  descriptors shutdown checksum
# Those that see what the library hides are linked from its parts.
LT_INNER	= upcalls
LT_PROGS	= $(addprefix $(LT_OUT)/,$(LT_NAMES))
LT_INNER_PROGS	= $(addprefix $(LT_OUT)/,$(LT_INNER))
LT_CFLAGS	= $(CFLAGS_OURS) -Iinclude -I$(LT_DIR)
LT_RUN		?=
PROVE		?= prove

.PHONY: lib-tests check-lib
lib-tests: $(LT_PROGS) $(LT_INNER_PROGS)

$(LT_OUT)/%.o: $(LT_DIR)/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(LT_CFLAGS) -c -o $@ $<

$(LT_PROGS): $(LT_OUT)/%: $(LT_OUT)/%.o $(LT_OUT)/common.o $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $(filter %.o,$^) $(LIB_A) -lpthread

$(LT_INNER:%=$(LT_OUT)/%.o): LT_CFLAGS += -Iplatform/posix
$(LT_INNER_PROGS): $(LT_OUT)/%: $(LT_OUT)/%.o $(LT_OUT)/common.o $(LIB_OBJ) $(POSIX_LIB) $(DONOR_O)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -Wl,--wrap=rumpuser_init -o $@ $(filter %.o,$^) \
		-Wl,--whole-archive $(POSIX_LIB) -Wl,--no-whole-archive -lpthread

# A header of the donor's, which needs another.
$(LT_OUT)/checksum.o: LT_CFLAGS += -idirafter $(LINUX)/include

$(LT_OUT)/efault: $(LT_OUT)/efault_calls.o $(LT_OUT)/regions.o

check-lib: $(LT_PROGS) $(LT_INNER_PROGS)
	$(if $(PILLION_LONG),TEST_SCALE=$${TEST_SCALE:-100} TEST_TIMEOUT=1800) \
		$(PROVE) --exec '$(LT_RUN)' $(LT_PROGS) $(LT_INNER_PROGS)

-include $(wildcard $(LT_OUT)/*.d)
