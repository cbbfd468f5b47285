#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The groups of tests in the image, on each of QEMU's PCs, with a plain CPU and one that has all
# protection features; with little memory and with memory above 4 GiB.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"

for name in format console memory heap space tables threads locks time user cap ipc vm; do
	steady pc "test=$name"
	group "pc: $name"
done
for name in memory space tables threads locks time user; do
	steady q35 "test=$name" -cpu max
	group "q35, all CPU features: $name"
done
for name in threads time user; do
	steady microvm "test=$name" -cpu max
	group "microvm: $name"
	steady pc "test=$name noapic"
	group "PIC and PIT only: $name"
done

# The same with others beside.
for cpus in 2 4; do
	for name in heap space tables threads locks time user; do
		steady pc "test=$name" -smp "$cpus"
		group "pc, $cpus CPUs: $name"
	done
done
# What is between them: in the host's time, in which they run at the same time.
export LIMIT=200
boot pc "test=cpus count=4" -smp 4
group "pc: four CPUs"
boot q35 "test=cpus count=2" -smp 2 -cpu max
group "q35, all CPU features: two CPUs"
boot pc "test=cpus count=2" -smp 2,sockets=2 -no-acpi
group "pc without ACPI: two CPUs, which the MP table says"
boot microvm "test=cpus count=3" -smp 3
group "microvm: three CPUs"
boot q35 "test=cpus cpus=1 count=1" -smp 4
group "q35: one of four CPUs"
unset LIMIT

# Level-triggered lines, behind a bridge too; by the I/O APIC, the PIC beside the APIC, the PIC.
bridge=(-device "pci-bridge,id=b,chassis_nr=1" -device "e1000,bus=b,addr=3")
for options in "" pic noapic; do
	steady pc "test=lines $options log=info" -device e1000
	group "pc: lines${options:+, $options}" && grep -q '^ok.*threaded: three interrupts' out
	ok "... of a device" || show
	steady q35 "test=lines $options log=info" "${bridge[@]}"
	group "q35: lines, behind a bridge${options:+, $options}" &&
		grep -q '^ok.*threaded: three interrupts' out
	ok "... of a device" || show
done

line="test=machine number=42 flag long=abcdef"
echo 'module data' >module
boot pc "$line module" -initrd module
group "pc: machine, with a module"
boot q35 "$line" -cpu max
group "q35: machine"
grep -q 'random numbers are weak' out
[ $? = 1 ]
ok "this CPU has a random generator"
boot microvm,acpi=off "$line devices=2" -device virtio-rng-device -device virtio-rng-device
group "microvm without ACPI: machine, with two described devices"
grep -q 'random numbers are weak' out
ok "the plain CPU has no random generator, and that is said"

boot pc test=cost -icount shift=0,sleep=off
group "pc: what things cost, in instructions"

seconds=$([ -n "${PILLION_LONG-}" ] && echo 60 || echo 3)
LIMIT=$((60 + seconds)) boot pc "test=stress seed=$seed seconds=$seconds"
group "pc: stress with seed $seed"
LIMIT=$((60 + seconds)) boot q35 "test=stress seed=$seed seconds=$seconds" -smp 4
group "q35: stress on four CPUs with seed $seed"
LIMIT=$((60 + seconds)) boot q35 "test=stress seed=$seed seconds=$seconds noapic"
group "PIC and PIT only: stress with seed $seed"

MEM=8 boot pc "test=heap"
group "8 MB of memory"
MEM=5G boot q35 "test=memory"
group "5 GB of memory, some of it above 4 GiB"
done_testing
