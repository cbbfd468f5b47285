# SPDX-License-Identifier: BSD-2-Clause
#
# The file systems of CONFIG=full, by the library and by the command, and the donor's own checks
# (CONFIG=debug):
#	make check-full
#	make check-debug

FULL_OUT	:= $(DONOR_OUT)/tests/full
FULL_PROG	:= $(FULL_OUT)/fsprog
# The command's tests in which the file systems differ; the others are run with the default.
FULL_TOOL	:= $(addprefix tests/tool/,filesystems.t readonly-fs.t readonly.t large.t fuzz.t)

.PHONY: check-full check-full-run check-full-tool check-debug check-debug-run
check-full:
	+@$(MAKE) --no-print-directory CONFIG=full check-full-run check-full-tool check-rules-object

check-full-run: $(FULL_PROG)
	FSPROG=$(FULL_PROG) prove --timer tests/full/full.t

check-full-tool: $(TOOL)
	PILLION=$(abspath $(TOOL)) FUZZ_SECONDS=$${FUZZ_SECONDS:-$(if $(PILLION_LONG),480,0)} \
		FUZZ_LEAST=$${FUZZ_LEAST:-$(if $(PILLION_LONG),500,150)} prove --timer $(FULL_TOOL)

check-debug:
	+@$(MAKE) --no-print-directory CONFIG=debug check-debug-run

check-debug-run: $(SMOKE) $(RULES_LAYOUT)
	SMOKE=$(SMOKE) LAYOUT=$(RULES_LAYOUT) prove --timer tests/full/debug.t

$(FULL_OUT)/%.o: tests/full/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_OURS) -Iinclude -c -o $@ $<

$(FULL_PROG): $(FULL_OUT)/fsprog.o $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) -o $@ $^ -lpthread

-include $(wildcard $(FULL_OUT)/*.d)
