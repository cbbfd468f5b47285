#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# One pool of memory: of 256 MiB a program takes 180, and after its end 180 MiB of a file's data are
# kept. GUEST names the program, IMAGE the image that runs it.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
have mkfs.ext4 || skip_all "mkfs.ext4 is missing (Debian package e2fsprogs)"
export MEMORY=256M
truncate -s 400M disk
mkfs.ext4 -q -F disk
archive program=/guest arg=guest arg=large arg=180 mount=vda:/mnt:ext4:rw -- \
	"guest=${GUEST:?names the program}"
boot 0 "180 MiB of 256, twice" -drive if=none,id=d,format=raw,file=disk \
	-device virtio-blk-pci,drive=d </dev/null
like "$out" "the child ended with 0" "a program gets them"
like "$out" "all is cached" "and then a file's data"
e2fsck -fn disk >/dev/null 2>&1
ok "fsck finds the disk clean"
done_testing
