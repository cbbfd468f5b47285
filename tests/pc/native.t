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

boot pc init=cost -icount shift=0,sleep=off
group "pc: what native processes cost, in instructions"
seed=$((RANDOM % 1000))
LIMIT=120 boot pc "init=leak,$seed log=error"
group "pc: 10,000 processes leave nothing behind, seed $seed"
boot pc "init=fuzz,$seed log=error"
group "pc: random system calls, seed $seed"
done_testing
