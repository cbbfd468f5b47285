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
done_testing
