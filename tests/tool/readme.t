#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The commands that README.md and pillion(1) show as examples do work, on images as they assume.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need mkfs.vfat dosfstools
need sfdisk fdisk
need qemu-img qemu-utils
need qemu-nbd qemu-utils
set -o pipefail
root=$source/../..

mkdir -p etc var/log boot/grub tree/dir
echo "/dev/vda / ext4" >etc/fstab
echo "root:x:0:0" >etc/passwd
echo started >var/log/syslog
echo default >boot/grub/grub.cfg
echo here >tree/dir/file
image linux.img 16M mkfs.ext4 -q
pillion cp -r etc var boot linux.img:/
image efi.img 16M mkfs.vfat
truncate -s 64M disk.raw
printf 'label: gpt\nstart=1MiB, size=16MiB\nstart=20MiB, size=16MiB\n' |
	sfdisk -q disk.raw >/dev/null 2>&1
dd if=efi.img of=disk.raw bs=1M seek=1 conv=notrunc status=none
dd if=linux.img of=disk.raw bs=1M seek=20 conv=notrunc status=none

prepare() {
	cp linux.img disk.img
	cp linux.img old.img
	image new.img 32M mkfs.ext4 -q
	image stick.img 32M mkfs.vfat
	qemu-img convert -O qcow2 disk.raw disk.qcow2
	rm -rf logs fstab root.img
}

# every line of standard input is a command that succeeds
succeed() { # WHERE
	local n=0 line
	prepare
	while IFS= read -r line; do
		n=$((n + 1))
		out=$(eval "$line" 2>&1 </dev/null)
		ok "$1: $line" || sed 's/^/#   /' <<<"$out"
	done
	[ $n -ge 5 ]
	ok "$1: has examples ($n)"
}

succeed README.md < <(sed -n '/^## The pillion command/,/^## The library/p' "$root/README.md" |
	sed -n 's/ *#.*//; /^pillion /p')
is "$(cat logs/syslog)" started "... logs are out"
is "$(pillion cat disk.img:/dir/file)" here "... the tree is in"
is "$(pillion cat stick.img:/boot/grub/grub.cfg)" default "... from the partition to the image"
is "$(pillion cat new.img:/etc/fstab)" "$(cat etc/fstab)" "... through tar"
succeed "pillion(1)" < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl //p' \
	"$root/docs/man/pillion.1")
is "$(pillion cat disk.img:/etc/fstab)" "$(cat etc/fstab)" "... the file is as it was"
is "$(pillion cat root.img:/dir/file)" here "... the new file system is full"
is "$(pillion cat stick.img:/boot/grub/grub.cfg)" default "... from the partition to the image"
exits 0 "fsck" e2fsck -fn root.img
done_testing
