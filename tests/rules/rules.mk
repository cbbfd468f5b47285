# SPDX-License-Identifier: BSD-2-Clause
#
# The design's rules as tests: 1 tree.t, 2 symbols.t, 3 object.t, 4 numbers.t and layout.c, 5
# portable.t; 6, every pointer from outside is checked, is tests/lib's efault. And configure.t: a
# configuration is what its fragments ask for, or the build says so.
#	make check-rules [CONFIG=...] [ISA=...]

RULES_OUT	:= $(DONOR_OUT)/tests/rules
RULES_LAYOUT	:= $(RULES_OUT)/layout
RULES_ENV	= LINUX_TARBALL=$(LINUX_TARBALL) LINUX_TREE=$(LINUX) DONOR_O=$(DONOR_O) ISA=$(ISA) \
		  DONOR_CONFIG=$(DONOR_KBUILD)/.config LIB_OBJECT=$(LIB_OUT)/pillion.o \
		  LIB_SO=$(LIB_SO) \
		  CC="$(CC)" NM=$(NM) OBJCOPY=$(OBJCOPY) OBJDUMP=$(CROSS_COMPILE)objdump \
		  READELF=$(CROSS_COMPILE)readelf
# What depends on configuration or instruction set; the rest is looked at once.
RULES_OBJECT	:= tests/rules/symbols.t tests/rules/object.t tests/rules/numbers.t

.PHONY: check-rules check-rules-object
check-rules: check-rules-object
	$(RULES_ENV) prove --timer tests/rules/tree.t tests/rules/portable.t tests/rules/configure.t

check-rules-object: $(RULES_LAYOUT) $(LIB_SO)
	$(RULES_ENV) prove --timer $(RULES_OBJECT)
	prove --timer -e '$(if $(filter-out $(HOST_ISA),$(ISA)),qemu-$(ISA))' $(RULES_LAYOUT)

$(RULES_OUT)/%.o: tests/rules/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_OURS) -Iinclude -Itests/lib -c -o $@ $<

$(RULES_LAYOUT): $(RULES_OUT)/layout.o $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(if $(filter-out $(HOST_ISA),$(ISA)),-static) -o $@ $^ -lpthread

-include $(wildcard $(RULES_OUT)/*.d)
