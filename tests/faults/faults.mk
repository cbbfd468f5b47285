# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of faults: panics, failing disks, killed processes, power cuts. The programs are linked
# from the library's pieces rather than its archive, because they use a hook of the platform's that
# the library does not export.
#	make check-faults
#	make check-long-faults		the same with larger numbers
# Numbers and seeds by environment: TEST_SEED, TEST_KILLS, TEST_CUTS, TEST_STEPS.

FT_DIR		= tests/faults
FT_OUT		= $(DONOR_OUT)/tests/faults
FT_LIB		= $(DONOR_OUT)/tests/lib
FT_NAMES	= panic shutdown inject killed powercut
FT_PROGS	= $(addprefix $(FT_OUT)/,$(FT_NAMES))
FT_CFLAGS	= $(CFLAGS_OURS) -Iinclude -Itests/lib -I$(FT_DIR) -Iplatform/posix
FT_SHARED	= $(FT_OUT)/image.o $(FT_OUT)/work.o $(FT_LIB)/common.o $(FT_LIB)/regions.o
PROVE		?= prove

.PHONY: fault-tests check-faults check-long-faults
fault-tests: $(FT_PROGS)

$(FT_OUT)/%.o: $(FT_DIR)/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(FT_CFLAGS) -c -o $@ $<

$(FT_PROGS): $(FT_OUT)/%: $(FT_OUT)/%.o $(FT_SHARED) $(LIB_OBJ) $(POSIX_LIB) $(DONOR_O)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $(filter-out $(DONOR_O),$(filter %.o,$^)) \
		-Wl,--whole-archive $(POSIX_LIB) -Wl,--no-whole-archive $(DONOR_O) -lpthread

check-faults: $(FT_PROGS)
	$(if $(PILLION_LONG),$(FT_LONG)) $(PROVE) $(FT_PROGS)

FT_LONG = TEST_KILLS=$${TEST_KILLS:-2000} TEST_CUTS=$${TEST_CUTS:-5000} \
	TEST_STEPS=$${TEST_STEPS:-600} TEST_SEED=$${TEST_SEED:-$$(date +%s)} TEST_TIMEOUT=3600

check-long-faults: $(FT_PROGS)
	$(FT_LONG) $(PROVE) $(FT_PROGS)

-include $(wildcard $(FT_OUT)/*.d)
