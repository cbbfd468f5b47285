#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The donor's virtio drivers, on PCI and memory-mapped: a server that the host asks, an ext4 disk
# that is written and read back and that fsck finds clean.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

network() { # MACHINE DEVICE[,OPTION...]
	export MACHINE=$1
	serve "$1, $2" "$2"
	is "$(get /bulk/64 | wc -c)" $((64 * 65536)) "4 MiB"
	for i in $(seq 20); do
		get /proc/uptime >/dev/null || break
	done
	is "$i" 20 "twenty connections"
	like "$(get /proc/interrupts)" "$3" "interrupts: $3"
	finish
}
network pc virtio-net-pci "virtio0-input"
network q35 virtio-net-pci "virtio0-input"
network q35 virtio-net-pci,vectors=0 "virtio0"
network microvm,acpi=off virtio-net-device "virtio0"

disk() { # MACHINE DEVICE
	export MACHINE=$1
	truncate -s 64M disk
	mkfs.ext4 -q -F disk
	archive program=x arg=storage arg=/mnt/file arg=8192 mount=vda:/mnt:auto:rw --
	boot 0 "$1, $2: write and read 8 MiB" -drive if=none,id=d,format=raw,file=disk \
		-device "$2,drive=d" </dev/null
	like "$out" "8388608 bytes, the same" "the same bytes"
	e2fsck -fn disk >/dev/null 2>&1
	ok "fsck finds it clean"
	is "$(debugfs -R 'stat /file' disk 2>/dev/null | sed -n '0,/Size:/s/.*Size: //p')" \
		8388608 "the file"
}
if have mkfs.ext4; then
	disk pc virtio-blk-pci
	disk q35 virtio-blk-pci
	disk microvm,acpi=off virtio-blk-device
else
	skip "disks" "mkfs.ext4 is missing (Debian package e2fsprogs)"
fi
done_testing
