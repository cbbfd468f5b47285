#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# File systems that are only read: what pillion takes out is what went in.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

unix_tree tree
rm -f tree/fifo tree/*bad* tree/*esc* tree/ünï
chmod 755 tree/zero

reads() { # NAME IMAGE
	local sum
	sum=$(sha256sum <"$2")
	rm -rf out
	exits 0 "$1: copy out" pillion cp -r "$2:/" out
	is "$(contents out)" "$(contents tree)" "$1: contents agree"
	is "$(readlink out/link) $(readlink out/absolute)" "file /etc/passwd" "$1: links"
	unchanged "$2" "$sum"
	ok "$1: the image is untouched"
	exits 3 "$1: writing is refused" pillion mkdir "$2:/new"
	like "$out" "cannot be written" "... with the reason"
	exits 0 "$1: df" pillion df "$2"
}

if ! have mksquashfs; then
	skip "squashfs" "mksquashfs is missing"
elif ! supported squashfs; then
	skip "squashfs" "not in this configuration of the library"
else
	for comp in gzip xz zstd lz4 lzo; do
		mksquashfs tree s.img -noappend -quiet -no-progress -comp $comp >/dev/null 2>&1 || {
			skip "squashfs $comp" "mksquashfs was built without it"
			continue
		}
		err=$(pillion ls s.img:/ 2>&1 >/dev/null)
		if [[ "$err" == *nvalid* || "$err" == *"not support"* ]]; then
			skip "squashfs $comp" "not in this configuration of the library"
			rm -f s.img
			continue
		fi
		reads "squashfs $comp" s.img
	done
	mksquashfs tree s.img -noappend -quiet -no-progress >/dev/null
	unsquashfs -no-progress -quiet -d real s.img >/dev/null 2>&1
	rm -rf out && pillion cp -r s.img:/ out
	if root; then
		is "$(describe out)" "$(describe real)" "squashfs: as unsquashfs does it"
	else
		is "$(contents out)" "$(contents real)" "squashfs: as unsquashfs does it"
	fi
fi

if ! have xorriso; then
	skip "iso9660" "xorriso is missing"
elif ! supported iso9660; then
	skip "iso9660" "not in this configuration of the library"
else
	xorriso -as mkisofs -quiet -R -J -o i.img tree >/dev/null 2>&1
	ok "iso9660: made"
	reads "iso9660" i.img
	xorriso -indev i.img -osirrox on -extract / xout >/dev/null 2>&1
	is "$(contents out)" "$(contents xout)" "iso9660: as xorriso does it"
	chmod -R u+w xout
fi

if ! have mkfs.erofs; then
	skip "erofs" "mkfs.erofs is missing"
elif ! supported erofs; then
	skip "erofs" "not in this configuration of the library"
else
	mkfs.erofs e.img tree >/dev/null 2>&1
	reads "erofs" e.img
	if mkfs.erofs -zlz4 ez.img tree >/dev/null 2>&1; then
		reads "erofs, compressed" ez.img
	else
		skip "erofs, compressed" "mkfs.erofs was built without lz4"
	fi
fi
done_testing
