#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Native processes: each test program as the first process, on QEMU's PCs.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
image=${image%nucleus-test}native-test

for name in process ipc; do
	boot pc "init=$name"
	group "pc: $name"
	boot q35 "init=$name" -cpu max
	group "q35, all CPU features: $name"
done
boot pc init=process
messages pc
done_testing
