# SPDX-License-Identifier: BSD-2-Clause
#
# What native processes and their messages cost: make bench-pi, on QEMU's virt; make bench-ipc, the
# same on its PC. Tables, and build/bench/pi.json, ipc.json.

.PHONY: bench-pi bench-ipc
bench-pi:
	@$(MAKE) --no-print-directory ISA=aarch64 BOARD=virt native-test
	@$(MAKE) --no-print-directory ISA=aarch64 BOARD=virt CHECKED=1 native-test
	@$(MAKE) --no-print-directory ISA=aarch64 BOARD=raspi3 native
	@mkdir -p $(BUILD)/bench
	@bench/native/suite virt $(BUILD)/aarch64/nucleus/virt/native-test.img \
		$(BUILD)/aarch64/nucleus/virt-checked/native-test.img \
		$(BUILD)/aarch64/nucleus/raspi3/native.img $(BUILD)/bench/pi.json

bench-ipc:
	@$(MAKE) --no-print-directory ISA=x86_64 BOARD=pc native-test native
	@$(MAKE) --no-print-directory ISA=x86_64 BOARD=pc CHECKED=1 native-test
	@mkdir -p $(BUILD)/bench
	@bench/native/suite pc $(BUILD)/x86_64/nucleus/pc/native-test \
		$(BUILD)/x86_64/nucleus/pc-checked/native-test \
		$(BUILD)/x86_64/nucleus/pc/native $(BUILD)/bench/ipc.json
