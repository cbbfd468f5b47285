# SPDX-License-Identifier: BSD-2-Clause
#
# The nucleus on QEMU's PCs: make check-pc.

.PHONY: check-pc
check-pc: $(NT_IMAGE) $(NT_HOST) $(NT_TLB) $(NATIVE) $(NATIVE_TEST)
	@$(MAKE) --no-print-directory CHECKED=1 nucleus-test native-test
	@PC_IMAGE=$(abspath $(NT_IMAGE)) PC_HOST=$(abspath $(NT_HOST)) PC_TLB=$(abspath $(NT_TLB)) \
		PC_NATIVE=$(abspath $(NATIVE)) \
		PC_ARCHIVE=$(abspath $(USER_TEST_ARCHIVE)) \
		prove --timer $(sort $(wildcard tests/pc/*.t))
