#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# One pool of memory. Of 256 MiB a program takes 180, and after its end 180 MiB of a file's data are
# kept, in turns; programs that want all there is get an error or SIGKILL, others go on, and all
# comes back. GUEST names the program (memory.c), IMAGE the image that runs it.

export LIMIT=${LIMIT:-400}
# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

export MEMORY=64M
tap_guest 137 "without end" endless --
like "$out" "Out of memory: Killed process" "is an end with a message"
tap_guest 0 "all kinds of lack" lack --
[ "$(grep -ac '^ok' console)" -ge 20 ]
ok "all of them were tried"

if have mkfs.ext4; then
	mkdir files
	head -c 180M /dev/urandom >files/file
	truncate -s 256M disk
	mkfs.ext4 -q -F -d files disk
	conf=(mount=vda:/mnt:ext4:rw)
	export MEMORY=256M
	tap_guest 0 "180 MiB of 256, in turns" turns 180 3 -- \
		-drive if=none,id=d,format=raw,file=disk -device virtio-blk-pci,drive=d
	e2fsck -fn disk >/dev/null 2>&1
	ok "fsck finds the disk clean"
else
	skip "a disk's data" "mkfs.ext4 is missing (Debian package e2fsprogs)"
fi
done_testing
