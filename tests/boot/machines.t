#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The same program on machines of many kinds: CPU models, interrupt controllers, timers, memory.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

# Forks, pipes, time that goes on, floating point of the CPU's width.
script='for i in 1 2 3; do echo $i; done | while read -r n; do echo "line $n"; done
sleep 0.1
exec /bin/busybox awk "BEGIN { printf \"%.6f %s\n\", 22 / 7, ENVIRON[\"WHAT\"] }"'
want="line 1
line 2
line 3
3.142857 ok"

works() { # NAME OPTIONS...
	local name=$1
	shift
	out=$(run --timeout=50 --file="$busybox:/bin/busybox" --env=WHAT=ok "$@" "$busybox" sh -c \
		"$script" 2>err | sed '/random numbers are weak/d')
	is "$out" "$want" "$name" || sed 's/^/#   /' err
}

for cpu in qemu64 Nehalem Haswell EPYC max; do
	works "CPU $cpu" --cpu=$cpu
done
for cpu in qemu64 max; do
	works "q35, CPU $cpu" --machine=q35 --cpu=$cpu
	works "microvm, CPU $cpu" --machine=microvm --cpu=$cpu
done
append() { qemu_args=(--qemu=-append "--qemu=$1"); }
append noapic
works "PICs alone" "${qemu_args[@]}"
works "PICs alone, q35" --machine=q35 "${qemu_args[@]}"
append pic
works "PICs beside the local APIC" "${qemu_args[@]}"
works "a CPU without an APIC" --cpu=max,-apic
works "no HPET" --qemu=-no-hpet
works "no HPET, PICs" --qemu=-no-hpet --qemu=-append --qemu=noapic
works "no ACPI" --qemu=-no-acpi
works "no TSC deadline, no invariant TSC" --cpu=max,-tsc-deadline,-invtsc

for mem in 64M 128M 4G 8G; do
	for machine in pc q35 microvm; do
		[ $mem != 128M ] || continue
		works "$machine, $mem" --mem=$mem --machine=$machine
	done
done
out=$(run --mem=6G --log-level=6 "$busybox" true 2>&1)
like "$out" "above 4 GiB" "memory that programs do not get is named"
done_testing
