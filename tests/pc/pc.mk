# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus on QEMU's PCs: make check-pc.

.PHONY: check-pc
check-pc: $(NT_IMAGE)
	@PC_IMAGE=$(NT_IMAGE) prove --timer $(sort $(wildcard tests/pc/*.t))
