#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Native processes: each test program as the first process, on a Raspberry Pi 3 and on virt.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"
raspi3=${raspi3%nucleus-test.img}native-test.img
virt=${virt%nucleus-test.img}native-test.img

for machine in raspi3 virt; do
	for name in process ipc; do
		boot "$machine" "init=$name"
		group "$machine: $name"
	done
	boot "$machine" init=process
	messages "$machine"
done
for name in process ipc; do
	boot virt,gic-version=3,virtualization=on "init=$name" -cpu max
	group "virt, GICv3, from EL2, all CPU features: $name"
	boot virt "init=$name" -smp 4
	group "virt, four CPUs: $name"
done

boot virt init=cost -icount shift=0,sleep=off
group "virt: what native processes cost, in instructions"
seed=$((RANDOM % 1000))
LIMIT=120 boot virt "init=leak,$seed log=error"
group "virt: 10,000 processes leave nothing behind, seed $seed"
boot virt "init=fuzz,$seed log=error"
group "virt: random system calls, seed $seed"
boot virt "init=leak,$seed,1000 log=error" -smp 4
group "virt, four CPUs: 1,000 processes, seed $seed"
boot virt "init=fuzz,$seed,200 log=error" -smp 4
group "virt, four CPUs: random system calls, seed $seed"
boot raspi3 "init=leak,$seed,1000 log=error"
group "raspi3: 1,000 processes, seed $seed"
done_testing
