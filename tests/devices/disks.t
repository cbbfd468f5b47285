#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Disks, each behind the donor's own drivers: an ext4 file system that the host made is read and
# written, and so are blocks behind the first 4 GiB; the host finds it clean and has what was
# written. CDs are read. All that a machine can have are in it at once.

# shellcheck source=tests/devices/lib.sh
. "$(dirname "$0")/lib.sh"
have mkfs.ext4 debugfs || skip_all "mkfs.ext4 is missing (Debian package e2fsprogs)"
mkdir files
"$MOVER" make files/host 2097152 1

# The drivers that are to have a disk, from the disk to its bus.
declare -A drivers=(
	[virtio]=" virtio_blk virtio-pci" [ide]=" sd ata_piix" [ahci]=" sd ahci" [nvme]=" nvme"
	[scsi]=" sd sym53c8xx" [virtio-scsi]=" sd virtio_scsi virtio-pci"
	[usb]=" sd usb-storage usb usb xhci_hcd" [ehci]=" sd usb-storage usb usb ehci-pci"
	[cd-ide]=" sr ata_piix" [cd-ahci]=" sr ahci" [cd-scsi]=" sr sym53c8xx"
	[cd-virtio-scsi]=" sr virtio_scsi virtio-pci"
)

machine() { # MACHINE DISK...
	local machine=$1 options=() d
	shift
	for d; do
		if [[ $d == cd-* ]]; then
			xorriso -as mkisofs -quiet -V "$d" -o "$d" files 2>/dev/null
			options+=("--disk=$d,cdrom,bus=${d#cd-}")
		else
			labelled "$d" "$d"
			options+=("--disk=$d,bus=$d")
		fi
	done
	run --machine="$machine" "${options[@]}" "$MOVER" disks "$@" >out 2>err
	is $? 0 "$machine: the guest's end" || show
	for d; do
		grep -q "^$d: good by${drivers[$d]}\$" out
		ok "$machine, $d: read, written, by${drivers[$d]}" || show
		[[ $d == cd-* ]] || written "$machine, $d" "$d"
		rm -f "$d"
	done
}

written() { # NAME IMAGE: what the guest wrote is there
	e2fsck -fn "$2" >fsck 2>&1
	ok "$1: clean" || sed 's/^/# /' fsck
	debugfs -R "dump /guest copy" "$2" 2>/dev/null && "$MOVER" check copy 4194304 2
	ok "$1: the guest's file"
	"$MOVER" check "$2" 1048576 4 $((4097 * 1048576 + 7 * 512))
	ok "$1: the guest's blocks behind 4 GiB"
}

machine pc virtio ide nvme scsi virtio-scsi usb ehci cd-ide cd-scsi
machine q35 virtio ahci nvme cd-ahci cd-virtio-scsi
drivers[virtio]=" virtio_blk virtio-mmio"
machine microvm virtio
# UFS1, read and written.
if have makefs; then
	makefs -t ffs -o version=1 -s 32m ufs files >/dev/null
	run --disk=ufs --mount=disk0:/mnt:ufs --file="$MOVER:/mover" /bin/busybox sh -c '
		/mover check /mnt/host 2097152 1 && /mover make /mnt/guest 4194304 2' >out 2>err
	is $? 0 "UFS1: the host's file, and another" || show
	"$PILLION" cat ufs:/guest >copy
	"$MOVER" check copy 4194304 2
	ok "UFS1: the guest's file"
else
	skip "UFS1" "makefs is missing (Debian package makefs)"
fi

if [ -n "${PILLION_LONG:-}" ]; then
	drivers[virtio]=" virtio_blk virtio-pci"
	machine pc ahci cd-ahci cd-virtio-scsi
	machine q35 scsi virtio-scsi usb ehci cd-scsi
fi
done_testing
