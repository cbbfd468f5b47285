# SPDX-License-Identifier: BSD-2-Clause
#
# The donor's e1000 driver on a model of its card, in process and bridged to a tap of the host:
#	make check-pci		the donor is built with CONFIG=pci
# The program is linked from the parts, not from libpillion.a, so that the model's hypercalls take
# the place of the platform's weak ones.

PCI_OUT		:= $(DONOR_OUT)/tests/pci
PCI_SRC		:= $(wildcard tests/pci/*.c)
PCI_OBJ		:= $(patsubst tests/pci/%.c,$(PCI_OUT)/%.o,$(PCI_SRC))

.PHONY: check-pci check-pci-run
check-pci:
	+@$(MAKE) --no-print-directory CONFIG=pci check-pci-run check-smoke check-rules-object

check-pci-run: $(PCI_OUT)/e1000
	PCI_TEST=$< prove --timer -e '' $< tests/pci/bridge.t

$(PCI_OUT)/%.o: tests/pci/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_OURS) -Iinclude -c -o $@ $<

$(PCI_OUT)/e1000: $(PCI_OBJ) $(LIB_OBJ) $(POSIX_LIB) $(DONOR_O)
	@echo "  LINK    $@"
	@$(CC) -o $@ $(PCI_OBJ) $(LIB_OBJ) $(DONOR_O) $(POSIX_LIB) \
		-lpthread -Wl,--wrap=rumpext_arena

-include $(PCI_OBJ:.o=.d)
