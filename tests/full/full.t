#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The file systems of CONFIG=full, each on an image that its real mkfs made: the donor copies a tree
# in where it can write; another boot of the donor finds it all again; then the file system's own
# tools find the image sound and, where they can read files, the same contents. FSPROG names the
# program.
set -u
PATH=$PATH:/sbin:/usr/sbin
prog=${FSPROG:?names the program}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
here=$(cd "$(dirname "$0")" && pwd)

ok() {
	n=$((n + 1))
	name=$1
	shift
	if "$@" > "$dir/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		head -n 20 "$dir/out" | sed 's/^/# /'
	fi
}
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# A tree: sizes around blocks and beyond, a deep folder, many names, links.
tree=$dir/tree
mkdir -p "$tree/deep/er/and/deeper" "$tree/many"
for size in 0 1 511 512 513 4095 4096 4097 65536 1000003; do
	head -c $size /dev/urandom > "$tree/size$size"
done
head -c 3000000 /dev/zero | tr '\0' 'x' > "$tree/deep/er/same"
cp "$tree/size4097" "$tree/deep/er/and/deeper/file"
i=0
while [ $i -lt 200 ]; do
	echo "contents of $i" > "$tree/many/name$i"
	i=$((i + 1))
done
ln -s deep/er/same "$tree/link"

# sevenzip_same FOLDER: all files of the tree, which 7-Zip puts into FOLDER, are the same.
sevenzip_same() {
	command -v 7zz > /dev/null || return 1
	rm -rf "$dir/seven"
	7zz x -y -bd -o"$dir/seven" "$image" || return 1
	(cd "$tree" && find . -type f) | while read -r f; do
		cmp "$tree/$f" "$dir/seven/$1/$f" || exit 1
	done
}

image=$dir/image
blank() {
	rm -f "$image"
	truncate -s "$1" "$image"
}
# round TYPE [OPTIONS]: copy in, then verify in a second boot.
round() {
	ok "$1: write" "$prog" copy "$image" "$1" "$tree" "${2:-}"
	ok "$1: read again" "$prog" verify "$image" "$1" "$tree" "${2:-}"
}

blank 320M
ok "xfs: mkfs" mkfs.xfs -q -f "$image"
round xfs
ok "xfs: xfs_repair finds nothing" xfs_repair -n "$image"
blank 320M
ok "xfs version 4, 16 KiB folders: mkfs" mkfs.xfs -q -f -m crc=0 -n size=16k "$image"
round xfs

blank 160M
ok "btrfs: mkfs" mkfs.btrfs -q -f "$image"
round btrfs
ok "btrfs: check finds nothing" btrfs check "$image"
restored() {
	mkdir -p "$dir/restored"
	btrfs restore -S "$image" "$dir/restored" &&
	    diff -r --no-dereference "$tree" "$dir/restored"
}
ok "btrfs: restore gives the same files" restored
blank 160M
ok "btrfs, compressed: mkfs" mkfs.btrfs -q -f "$image"
round btrfs compress=zstd
ok "btrfs, compressed: check finds nothing" btrfs check "$image"

blank 96M
ok "f2fs: mkfs" mkfs.f2fs -q -f "$image"
round f2fs
f2fs_sound() {
	fsck.f2fs --dry-run "$image" > "$dir/f2fs" 2>&1
	cat "$dir/f2fs"
	grep -q 'Done' "$dir/f2fs" && ! grep -qE '\[Fail\]|ASSERT' "$dir/f2fs"
}
ok "f2fs: fsck finds nothing" f2fs_sound

blank 64M
ok "ntfs3: mkntfs" mkntfs -q -F -f "$image"
# Linux 6.1.192's ntfs3 cannot extend the table of files (it reads sbi->zone_max and sets it
# nowhere): make it long enough with other means.
spares() {
	echo x > "$dir/spare"
	i=0
	while [ $i -lt 600 ]; do
		ntfscp -q "$image" "$dir/spare" spare$i 2> "$dir/ntfscp" || return 1
		i=$((i + 1))
	done
}
ok "ntfs3: ntfscp makes room for files" spares
round ntfs3
ntfs_same() {
	for f in size0 size1 size513 size4097 size1000003 deep/er/same many/name7; do
		ntfscat "$image" "$f" 2>/dev/null | cmp - "$tree/$f" || return 1
	done
}
ok "ntfs3: ntfscat reads the same" ntfs_same
ok "ntfs3: ntfsfix finds nothing" ntfsfix -n "$image"

blank 32M
ok "udf: mkudffs" mkudffs -b 2048 "$image"
round udf
udf_sound() {
	udfinfo "$image" > "$dir/udf" 2>&1
	cat "$dir/udf"
	grep -q '^integrity=closed' "$dir/udf"
}
ok "udf: udfinfo finds it closed" udf_sound
# 7-Zip refuses a volume with symbolic links.
blank 32M
ok "udf without links: mkudffs" mkudffs -b 2048 "$image"
round udf nolinks
ok "udf: 7-Zip reads the same" sevenzip_same .

blank 16M
ok "minix: mkfs" mkfs.minix -3 "$image"
round minix
ok "minix: fsck finds nothing" fsck.minix -f "$image"

blank 16M
hfs_same() {
	HOME=$dir hmount "$image" && HOME=$dir hcopy -r :size1000003 "$dir/hfs" &&
	    cmp "$tree/size1000003" "$dir/hfs" && HOME=$dir hls -a :many | grep -q name199
	status=$?
	HOME=$dir humount > /dev/null 2>&1
	return $status
}
ok "hfs: hformat" env HOME="$dir" hformat -l Test "$image"
HOME=$dir humount > /dev/null 2>&1
round hfs nolinks
ok "hfs: hcopy and hls find the same" hfs_same

blank 16M
ok "hfsplus: an empty volume (mkhfsplus.pl)" "$here/mkhfsplus.pl" "$image"
ok "hfsplus: 7-Zip takes it" 7zz t "$image"
round hfsplus
ok "hfsplus: 7-Zip reads the same" sevenzip_same Pillion

# Read-only ones are made with the tree in them.
for kind in plain lz4 lz4hc; do
	rm -f "$image"
	opt=
	[ $kind = plain ] || opt=-z$kind
	# shellcheck disable=SC2086 # none or one
	ok "erofs, $kind: mkfs" mkfs.erofs --quiet $opt "$image" "$tree"
	ok "erofs, $kind: fsck" fsck.erofs "$image"
	ok "erofs, $kind: read" "$prog" verify "$image" erofs "$tree"
done
if mkfs.erofs --help 2>&1 | grep -q 'compressors.*lzma'; then
	rm -f "$image"
	ok "erofs, lzma: mkfs" mkfs.erofs --quiet -zlzma "$image" "$tree"
	ok "erofs, lzma: read" "$prog" verify "$image" erofs "$tree"
else
	skip "erofs, lzma: read" "mkfs.erofs here cannot write it"
fi
echo "1..$n"
