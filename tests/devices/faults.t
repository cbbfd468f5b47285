#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Devices that fail: disks and a network card are pulled while they are used, disks have blocks
# that cannot be read or written, disks are smaller than what is on them says. The program is told,
# and everything else goes on.

# shellcheck source=tests/devices/lib.sh
. "$(dirname "$0")/lib.sh"
have mkfs.ext4 debugfs sfdisk || skip_all "a program of e2fsprogs or fdisk is missing"
mkdir files
"$MOVER" make files/host 2097152 1
"$MOVER" make files/scratch 2097152 9

q() { # ARGUMENT...: for QEMU, added to options
	local a
	for a; do
		options+=("--qemu=$a")
	done
}

# failed NAME LABEL...: each had an EIO in reading and in writing; the disk "good" is good. If all
# of a disk is gone its journal may be the first to know: then nobody can write any more.
failed() {
	local name=$1 label before=$failed write='Input/output error'
	[ "$name" != pulled ] || write+='|Read-only file system'
	shift
	for label; do
		grep -q "^$label: read: Input/output error$" out
		ok "$name, $label: reading"
		grep -Eq "^$label: write: ($write)$" out
		ok "$name, $label: writing"
	done
	grep -q "^good: good by" out
	ok "$name: another disk is as good as before"
	[ "$failed" = "$before" ] || show
}

# ---- disks pulled ----

slot() { # NUMBER: a slot of PCI Express, "slotN"
	q -device "pcie-root-port,id=slot$1,chassis=$1,slot=$1"
}

pulled=(virtio nvme usb scsi)
options=(--machine=q35 --disk=good)
labelled good good
for d in "${pulled[@]}"; do
	truncate -s 16M "$d"
	mkfs.ext4 -q -F -d files -L "$d" "$d"
	q -blockdev "driver=raw,node-name=$d,file.driver=file,file.filename=$d"
done
# the guest sees to it that a card leaves its slot, not ACPI
q -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
q -qmp unix:qmp,server=on,wait=off
slot 1
q -device virtio-blk-pci,drive=virtio,id=virtio,bus=slot1
slot 2
q -device nvme,drive=nvme,id=nvme,bus=slot2,serial=nvme
q -device qemu-xhci,id=xhci -device usb-storage,drive=usb,id=usb,bus=xhci.0
q -device virtio-scsi-pci,id=vscsi -device scsi-hd,drive=scsi,id=scsi,bus=vscsi.0
start 'all go on' "${options[@]}" "$MOVER" errors good "${pulled[@]}"
ok "disks that will be pulled are read and written" || show
sleep 1
for d in "${pulled[@]}"; do
	"$source/qmp" qmp device_del "id=$d" >qmp.out 2>&1
	ok "$d is pulled" || sed 's/^/# /' qmp.out
done
ended 0 "the guest's end"
failed pulled "${pulled[@]}"

# ---- a network card pulled ----

free_port
other=$port
free_port
options=(--machine=q35 --nic=virtio --publish="$port:7000")
q -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
q -qmp unix:qmp2,server=on,wait=off
slot 1
q -netdev "user,id=n1,net=10.0.3.0/24,hostfwd=tcp:127.0.0.1:$other-10.0.3.15:7000"
q -device e1000e,netdev=n1,id=card,bus=slot1,romfile=
start serving "${options[@]}" --file="$MOVER:/mover" /bin/busybox sh -c '
	for i in 0 1; do
		ip -4 address show dev eth$i | grep -q inet ||
			ip address add 10.0.3.15/24 dev eth$i && ip link set eth$i up
	done
	exec /mover serve'
ok "two network cards" || show
"$MOVER" client "$other" put 1000001 1
ok "data by that which will be pulled"
"$MOVER" client "$other" get 1000000000000 1 >/dev/null 2>&1 &
getting=$!
sleep 1
"$source/qmp" qmp2 device_del id=card >qmp.out 2>&1
ok "it is pulled" || sed 's/^/# /' qmp.out
sleep 6
kill "$getting"
wait "$getting"
"$MOVER" client "$port" put 1000001 2
ok "data by the other to the guest"
"$MOVER" client "$port" get 1000001 3
ok "and to the host"
"$MOVER" client "$port" end
ended 0 "the guest's end"

# ---- blocks that cannot be read or written ----

sector() { # IMAGE FILE: of the middle of the file
	local block
	block=$(debugfs -R "bmap /$2 $((1048576 / $(block_size "$1")))" "$1" 2>/dev/null)
	echo $((block * $(block_size "$1") / 512))
}
block_size() {
	dumpe2fs -h "$1" 2>/dev/null | sed -n 's/^Block size: *//p'
}

# Not behind QEMU's lsi53c895a: when a command fails while others wait it mixes them up, and Linux
# on QEMU hangs, too.
bad=(virtio ide nvme scsi usb)
options=(--machine=pc --disk=good)
q -device virtio-scsi-pci,id=vscsi -device qemu-xhci,id=xhci
for d in "${bad[@]}"; do
	truncate -s 0 "$d"
	truncate -s 16M "$d"
	mkfs.ext4 -q -F -d files -L "$d" "$d"
	q -blockdev "driver=blkdebug,node-name=d-$d,image.driver=file,image.filename=$d,\
inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.sector=$(sector "$d" host),\
inject-error.1.event=none,inject-error.1.iotype=write,inject-error.1.sector=$(sector "$d" scratch)"
	q -blockdev "driver=raw,node-name=$d,file=d-$d"
done
q -device virtio-blk-pci,drive=virtio -device ide-hd,drive=ide -device nvme,drive=nvme,serial=n
q -device scsi-hd,drive=scsi,bus=vscsi.0 -device usb-storage,drive=usb,bus=xhci.0
rm good
labelled good good
run "${options[@]}" "$MOVER" errors good "${bad[@]}" >out 2>err
is $? 0 "the guest's end"
failed "bad blocks" "${bad[@]}"

# ---- disks smaller than they should be ----

truncate -s 32M small
mkfs.ext4 -q -F small
truncate -s 20M small
run --disk=small --mount=disk0:/mnt:ext4 /bin/busybox true >out 2>err
is $? 72 "a disk smaller than its file system" || show
like "$(cat err)" "cannot mount: vda as ext4: Invalid argument" "... and says so"

truncate -s 64M table
echo 'start=2048' | sfdisk -q table
truncate -s 16M table
run --disk=table /bin/busybox sh -c 'dd if=/dev/vda1 of=/dev/null 2>&1; echo "dd: $?"' >out 2>err
is $? 0 "a disk smaller than its partition table" || show
like "$(cat out)" "30720+0 records in" "... can be read as far as it goes"
done_testing
