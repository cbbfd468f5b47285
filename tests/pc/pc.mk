# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus on QEMU's PCs: make check-pc.

.PHONY: check-pc
check-pc: $(NT_IMAGE) $(NT_HOST) $(NATIVE)
	@PC_IMAGE=$(NT_IMAGE) PC_HOST=$(NT_HOST) PC_NATIVE=$(NATIVE) \
		prove --timer $(sort $(wildcard tests/pc/*.t))
