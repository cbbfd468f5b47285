# SPDX-License-Identifier: BSD-2-Clause
#
# Whole images, by `pillion run`, on machines of many kinds: CPUs, memory, firmware, what they boot
# from; screen and keyboard, the debugger, the installed command.
#	make check-boot		CONFIG=web

.PHONY: check-boot check-boot-run
check-boot: tool
	+@$(MAKE) --no-print-directory CONFIG=web PILLION=$(abspath $(TOOL)) check-boot-run

check-boot-run: $(IMAGE_ELF)
	PILLION=$(PILLION) KERNEL=$(abspath $(IMAGE_ELF)) prove --timer tests/boot
