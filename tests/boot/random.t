#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Random numbers: the CPU's generator, a virtio device by the donor's driver, or neither, which is
# said plainly.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

weak='random numbers are weak'
look() { # OPTIONS...: two numbers of 16 bytes, and what is said
	out=$(run "$@" "$busybox" sh -c 'for i in 1 2; do head -c 16 /dev/urandom | od -An -tx1; done
		cat /sys/class/misc/hw_random/rng_current' 2>&1)
}
differ() { # NAME
	local numbers
	numbers=$(grep -E '^( [0-9a-f]{2}){16}$' <<<"$out" | sort -u | wc -l)
	[ "$numbers" = 2 ]
	ok "$1" || sed 's/^/# /' <<<"$out"
}

look --cpu=max
[[ "$out" != *"$weak"* ]]
ok "a CPU with a generator"
differ "... numbers"

look --cpu=qemu64
like "$out" "$weak" "neither: it is said"
differ "... numbers all the same"
first=$(grep -E '^( [0-9a-f]{2}){16}$' <<<"$out" | head -n 1)
look --cpu=qemu64
[[ "$out" != *"$first"* ]]
ok "... and others at the next boot"

look --cpu=qemu64 --qemu=-device --qemu=virtio-rng-pci
[[ "$out" != *"$weak"* && "$out" == *virtio_rng* ]]
ok "a virtio device" || sed 's/^/# /' <<<"$out"
differ "... numbers"
look --cpu=qemu64 --machine=microvm --qemu=-device --qemu=virtio-rng-device
[[ "$out" != *"$weak"* && "$out" == *virtio_rng* ]]
ok "... on microvm" || sed 's/^/# /' <<<"$out"
done_testing
