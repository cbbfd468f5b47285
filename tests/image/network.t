#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The network of an image, as its configuration says: an address by DHCP or a static one, name
# servers; devices for which it has no driver and disks that are not there are named. What each card
# does: tests/devices.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
serve DHCP e1000 net=dhcp
like "$(get /proc/version)" "Linux version 6.1" "a file of the donor's"
like "$(get /proc/net/route)" "eth0" "a route"
is "$(get /etc/resolv.conf)" "nameserver 10.0.2.3" "the lease's name server"
like "$(get /proc/net/fib_trie)" "10.0.2.15" "the lease's address"
for i in $(seq 50); do
	get /proc/uptime >/dev/null || break
done
is "$i" 50 "fifty connections"
like "$(cat records)" "phase network" "records"
finish

serve 'a static address' virtio-net-pci net=static address=10.0.2.15/24 gateway=10.0.2.2 \
	dns=192.0.2.1
is "$(get /etc/resolv.conf)" "nameserver 192.0.2.1" "the configuration's name server"
finish

# ---- without a driver ----

archive program=x arg=nothing net=dhcp --
boot 0 "a card without a driver" -device e1000e </dev/null
like "$out" \
	"network card 8086:10d3 has no driver in this image; the fragment pci-net may have one" \
	"is named"
archive program=x arg=nothing mount=nvme0n1:/mnt:ext4:rw --
truncate -s 1M disk
boot 72 "a disk without a driver" -drive if=none,id=d,format=raw,file=disk \
	-device nvme,drive=d,serial=1 -device qemu-xhci </dev/null
like "$out" "disk controller 1b36:0010 has no driver in this image; the fragment pci-storage may" \
	"is named"
like "$out" "USB controller 1b36:000d has no driver in this image; the fragment usb may" \
	"and so is a USB controller"

archive program=x arg=nothing mount=vdz:/mnt:ext4:rw --
boot 72 "a disk that is not there" -drive if=none,id=d,format=raw,file=disk \
	-device virtio-blk-pci,drive=d,serial=1 </dev/null
like "$out" "vdz: there is no such disk; there are vda" "is told, and which are there"
at=$(sed -n 's/^\[ *\([0-9]*\)\..*no such disk.*/\1/p' console)
[ "${at:-99}" -lt 8 ]
ok "soon" || echo "# after $at seconds"
archive program=x arg=nothing mount=vda:/mnt:ext4:rw --
boot 72 "a disk without a file system" -drive if=none,id=d,format=raw,file=disk \
	-device virtio-blk-pci,drive=d,serial=1 </dev/null
like "$out" "vda as ext4: Invalid argument" "is told"
done_testing
