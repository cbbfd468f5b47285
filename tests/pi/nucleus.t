#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The groups of tests in the image, on a Raspberry Pi 3 and on QEMU's virt: with each interrupt
# controller, entered at EL1 and EL2, with a plain CPU and one that has all features.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"

for name in format console memory heap space tables threads locks time user cap ipc vm; do
	steady raspi3 "test=$name nortc"
	group "raspi3: $name"
done
for name in format console memory heap space tables threads locks time user cap ipc vm; do
	steady virt "test=$name"
	group "virt: $name"
done
for name in memory space tables threads time user; do
	steady virt,gic-version=3,virtualization=on "test=$name" -cpu max
	group "virt, GICv3, from EL2, all CPU features: $name"
done
for name in threads time user; do
	steady virt,virtualization=on "test=$name" -cpu cortex-a72
	group "virt, GICv2, from EL2, Cortex-A72: $name"
done

free_mib() { sed -n 's/.* \([0-9]*\) MiB free.*/\1/p' out; }

line="test=machine number=42 flag long=abcdef"
echo 'module data' >module
boot raspi3 "$line module" -initrd module
group "raspi3: machine, with a module"
grep -q 'random numbers are weak' out
[ $? = 1 ]
ok "it has a random generator"
boot virt "$line module devices=32" -initrd module
group "virt: machine, with a module and described devices"
boot virt,dtb-randomness=off "$line" -cpu max
group "virt, all CPU features: machine"
grep -q 'random numbers are weak' out
[ $? = 1 ]
ok "this CPU has a random generator"
boot virt,dtb-randomness=off "$line"
group "virt without a seed: machine"
grep -q 'random numbers are weak' out
ok "the plain CPU has none, and that is said"

if have dtc; then
	dtc -q -O dtb -o raspi3.dtb "$top/tests/pi/raspi3.dts"
	ok "a device tree"
	boot raspi3 "$line module log=info" -dtb raspi3.dtb -initrd module
	group "raspi3 with a device tree: machine, with a module"
	grep -q 'loaded by device tree' out && with=$(free_mib) &&
		boot raspi3 "test=format log=info" && [ $(($(free_mib) - with)) = 8 ]
	ok "8 MiB that the tree says are taken are not used" || show
	boot raspi3 "test=format log=info" -dtb raspi3.dtb
	grep -q 'revision 0xa02082, console: PL011; 8 devices are in the device tree' out
	ok "raspi3: eight devices of the tree, and the firmware's revision" || show
	with=$(free_mib)
	sed '/^\treserved-memory/i ram@1000000 { device_type = "memory"; reg = <0x1000000 0x1000000>; };' \
		"$top/tests/pi/raspi3.dts" >more.dts
	dtc -q -O dtb -o more.dtb more.dts
	boot raspi3 "test=memory log=info" -dtb more.dtb
	group "raspi3: memory that the tree names twice" && [ "$(free_mib)" = "$with" ]
	ok "it is counted once" || show
	LIMIT=200 boot raspi3 "test=cpus count=4" -dtb raspi3.dtb
	group "raspi3 with a device tree: four CPUs"
	sed -e '/\/\* rng/s/okay/disabled/' -e '/\/\* pl011/s/okay/disabled/' \
		"$top/tests/pi/raspi3.dts" >less.dts
	dtc -q -O dtb -o less.dtb less.dts
	mini "test=machine number=42 flag long=abcdef log=info" -dtb less.dtb
	group "raspi3, PL011 switched off in the tree: by mini-UART" &&
		grep -q 'random numbers are weak' out
	ok "the random generator that is switched off is not used" || show
	# An address that is none.
	sed 's/reg = <0x7e201000 0x200>/reg = <0x10000000 0x200>/' "$top/tests/pi/raspi3.dts" >less.dts
	dtc -q -O dtb -o less.dtb less.dts
	boot raspi3 "test=format log=info" -dtb less.dtb
	grep -q 'console: PL011; 7 devices are in the device tree' out
	ok "an address that cannot be is not believed" || show
else
	skip "raspi3 with a device tree" "dtc is missing (Debian package device-tree-compiler)"
fi

for machine in raspi3 virt; do
	boot "$machine" test=cost -icount shift=0,sleep=off
	group "$machine: what things cost, in instructions"
done

# In the host's time, so that CPUs run at the same time.
export LIMIT=200
boot raspi3 "test=cpus count=4"
group "raspi3: four CPUs"
boot virt "test=cpus count=2" -smp 2
group "virt: two CPUs"
boot virt,gic-version=3,virtualization=on "test=cpus count=4" -smp 4 -cpu max
group "virt, GICv3, from EL2, all CPU features: four CPUs"
boot raspi3 "test=cpus cpus=1 count=1"
group "raspi3: one of its CPUs"
unset LIMIT

seconds=$([ -n "${PILLION_LONG-}" ] && echo 60 || echo 3)
for machine in raspi3 virt; do
	LIMIT=$((60 + seconds)) boot "$machine" "test=stress seed=$seed seconds=$seconds" -smp 4
	group "$machine: stress on four CPUs with seed $seed"
done
LIMIT=$((60 + seconds)) boot virt "test=stress seed=$seed seconds=$seconds"
group "virt: stress on one CPU with seed $seed"

# Cortex-A53's erratum 843419: an adrp in a page's last two words, an access to memory, perhaps
# something else, and one by adrp's register and an offset: that address may be wrong.
if have aarch64-linux-gnu-objdump; then
	for elf in "${raspi3%.img}" "$(dirname "$raspi3")/native"; do
		aarch64-linux-gnu-objdump -d --no-show-raw-insn "$elf" >code
		perl -ne 'push @i, [$1, $2, $3] if /^\s*([0-9a-f]+):\s+(\S+)\s*(.*)/;
			END {
				for my $n (0 .. $#i - 3) {
					my ($at, $name, $first) = ($i[$n][0], $i[$n][1], $i[$n][2] =~ /^(x\d+),/);
					next if $name ne "adrp" || $at !~ /ff[8c]$/ || $i[$n + 1][1] !~ /^(ld|st)/;
					print "$at\n" if grep { $i[$_][1] =~ /^(ld|st)/ && $i[$_][2] =~ /\[\Q$first\E[],]/ }
						$n + 2, $n + 3;
				}
				print "$#i instructions\n";
			}' code >found
		[ "$(wc -l <found)" = 1 ] && grep -Eq '^[0-9]{5,} ' found
		ok "${elf##*/}: no adrp that a Cortex-A53 gets wrong" || sed 's/^/# /' found
	done
else
	skip "adrp that a Cortex-A53 gets wrong" "aarch64-linux-gnu-objdump is missing"
fi

MEM=12 boot virt "test=heap"
group "virt with 12 MB of memory"
MEM=5G boot virt "test=memory"
group "virt with 5 GB of memory, some of it above 4 GiB"
done_testing
