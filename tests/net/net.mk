# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of system calls and the network: `make check-net`. Programs are built to
# build/<isa>/<config>/tests/net; what needs a namespace of its own says so and skips without root.

NET_OUT		:= $(DONOR_OUT)/tests/net
NET_CFLAGS	= $(CFLAGS_OURS) -Iinclude -Itests/lib -I$(NET_OUT) -DPILLION_ISA='"$(ISA)"'
NET_TAP		:= inside syscalls wire dhcpmsg
NET_HELPERS	:= flow lease inject
NET_PROGS	:= $(addprefix $(NET_OUT)/,$(NET_TAP) $(NET_HELPERS))
NET_WRAP	:= rumpcomp_virt_create rumpcomp_virt_dying rumpcomp_virt_destroy \
		   rumpext_virtif_features rumpext_virtif_send
# Run the programs that need no tap on another instruction set than the host's.
NET_RUN		?= $(if $(filter $(ISA),$(HOST_ISA)),,qemu-$(ISA) -L /usr/$(ISA)-linux-gnu)
NET_SH		:= $(if $(filter $(ISA),$(HOST_ISA)),$(wildcard tests/net/*.t))

.PHONY: check-net check-net-aarch64 check-syscalls
check-net: check-syscalls $(NET_PROGS) $(EXAMPLES)
	@prove --exec '$(NET_RUN)' $(addprefix $(NET_OUT)/,$(NET_TAP))
	@$(if $(NET_SH),NET_BIN=$(abspath $(NET_OUT)) EXAMPLES=$(abspath $(EX_OUT)) prove $(NET_SH))

check-net-aarch64:
	+@$(MAKE) --no-print-directory ISA=aarch64 check-net

check-syscalls: $(LINUX).stamp
	@prove --exec '' tests/lib/syscalls-check.pl :: check include/pillion/syscalls.h \
		tests/lib/syscalls.excluded $(LINUX)

$(NET_OUT)/syscalls_all.h: include/pillion/syscalls.h tests/lib/syscalls-check.pl
	@mkdir -p $(@D)
	@tests/lib/syscalls-check.pl list $< >$@

$(NET_OUT)/%.o: tests/net/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(NET_CFLAGS) -c -o $@ $<

$(NET_OUT)/syscalls.o: tests/lib/syscalls.c $(NET_OUT)/syscalls_all.h
	@echo "  CC      $<"
	@$(CC) $(NET_CFLAGS) -c -o $@ $<

$(addprefix $(NET_OUT)/,inside syscalls flow lease): %: %.o $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $< $(LIB_A) -lpthread

# The driver on a wire of the test's: the library's parts, before their names are hidden.
$(NET_OUT)/wire: $(NET_OUT)/wire.o $(NET_OUT)/frames.o $(LIB_OBJ) $(POSIX_LIB) $(DONOR_O)
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) $(addprefix -Wl$(comma)--wrap=,$(NET_WRAP)) -o $@ $(filter %.o,$^) \
		-Wl,--whole-archive $(POSIX_LIB) -Wl,--no-whole-archive -lpthread

$(NET_OUT)/inject: $(NET_OUT)/inject.o $(NET_OUT)/frames.o
	@echo "  LINK    $@"
	@$(CC) $(CFLAGS_OURS) -o $@ $^

$(NET_OUT)/dhcpmsg: tests/net/dhcpmsg.c libpillion/dhcpmsg.c libpillion/dhcp.h tests/lib/tap.h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_OURS)) -Itests/lib \
		$(if $(filter $(ISA),$(HOST_ISA)),-fsanitize=address$(comma)undefined) \
		-o $@ $(filter %.c,$^)

-include $(wildcard $(NET_OUT)/*.d)
