# SPDX-License-Identifier: BSD-2-Clause
#
# The smoke test, for this machine and, under qemu-user, for 64-bit ARM:
#	make check-smoke [CONFIG=...]
#	make check-smoke-aarch64

SMOKE_OUT	:= $(DONOR_OUT)/tests/smoke
SMOKE		:= $(SMOKE_OUT)/smoke
SMOKE_RUN	:= $(if $(filter-out $(HOST_ISA),$(ISA)),qemu-$(ISA) )

.PHONY: check-smoke check-smoke-aarch64
check-smoke: $(SMOKE)
	SMOKE="$(SMOKE_RUN)$(SMOKE)" prove --timer tests/smoke/smoke.t

check-smoke-aarch64:
	+@$(MAKE) --no-print-directory ISA=aarch64 check-smoke

$(SMOKE_OUT)/%.o: tests/smoke/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_OURS) -Iinclude -Itests/lib -c -o $@ $<

# Static for another machine: qemu-user then needs none of its libraries.
$(SMOKE): $(SMOKE_OUT)/smoke.o $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(if $(SMOKE_RUN),-static) -o $@ $^ -lpthread

-include $(wildcard $(SMOKE_OUT)/*.d)
