#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every file system that can be written: made by its mkfs, filled by pillion, checked by its fsck,
# read back by pillion and by another tool, byte for byte.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"

plain_tree plain
unix_tree unix
cp -a unix utf8 && rm utf8/*bad* # UDF and HFS+ keep Unicode: a byte that is none becomes a ?
mkhfsplus=$source/../full/mkhfsplus.pl # Debian has none

case $("$PILLION" --version) in *"config full"*)
	for type in xfs btrfs f2fs ntfs udf hfs hfsplus erofs minix; do
		supported $type
		ok "CONFIG=full has $type"
	done
	;;
esac

# fs TYPE NAME SIZE TREE MKFS... -- FSCK...
fs() {
	local type=$1 name=$2 size=$3 tree=$4 mkfs=() img=$2.img
	shift 4
	while [ "$1" != -- ]; do
		mkfs+=("$1")
		shift
	done
	shift
	if ! have "${mkfs[0]}"; then
		skip "$name" "${mkfs[0]} is missing"
		return 1
	fi
	if ! supported "$type"; then
		skip "$name" "not in this configuration of the library"
		return 1
	fi
	image "$img" "$size" "${mkfs[@]}"
	ok "$name: made" || return 1
	exits 0 "$name: copy a tree in" pillion cp -r "$tree" "$img:/t"
	check "$name" "$@"
	exits 0 "$name: copy it out" pillion cp -r "$img:/t" "out-$name"
	is "$(contents "out-$name")" "$(contents "$tree")" "$name: contents agree"
	exits 0 "$name: make, rename, remove" change "$img"
	check "$name after changes" "$@"
	exits 0 "$name: df" pillion df "$img"
	rm -rf "out-$name"
}

change() { # IMAGE
	pillion mkdir --parents "$1:/new/a/b" &&
		pillion cp plain/file "$1:/new/a/b/f1" &&
		pillion mv "$1:/new/a/b/f1" "$1:/new/f2" &&
		pillion rm -r "$1:/t/sub" "$1:/new/a" &&
		[ "$(pillion cat "$1:/new/f2")" = hello ] &&
		[ "$(pillion ls "$1:/new")" = f2 ]
}

check() { # NAME FSCK...
	local name=$1
	shift
	if [ "${1:-none}" = none ]; then
		skip "$name: fsck" "there is none for this file system"
	elif ! have "$1"; then
		skip "$name: fsck" "$1 is missing"
	else
		exits 0 "$name: fsck is clean" "$@"
	fi
}

for type in ext2 ext3 ext4; do
	fs $type $type 96M unix mkfs.$type -q -- e2fsck -fn $type.img || continue
	pillion cp -r unix/sub $type.img:/again >/dev/null
	debugfs -R "dump /again/big dumped" $type.img 2>/dev/null
	cmp -s dumped unix/sub/big
	ok "$type: debugfs reads the same"
done
fs ext4 ext4-4k 96M unix mkfs.ext4 -q -b 4096 -O metadata_csum,inline_data -I 256 \
	-- e2fsck -fn ext4-4k.img

for bits in 12 16 32; do
	size=64M
	[ $bits = 12 ] && size=8M
	[ $bits = 16 ] && size=32M
	fs vfat fat$bits $size plain mkfs.vfat -F $bits -- fsck.fat -n fat$bits.img || continue
	if have mcopy; then
		pillion cp -r plain/sub fat$bits.img:/again >/dev/null
		rm -rf mout && mkdir mout && mcopy -sn -i fat$bits.img ::again mout/ 2>/dev/null
		is "$(contents mout/again)" "$(contents plain/sub)" \
			"fat$bits: mtools reads the same"
		mcopy -i fat$bits.img plain/sub/big ::bymtool &&
			pillion cat fat$bits.img:/bymtool | cmp -s - plain/sub/big
		ok "fat$bits: pillion reads what mtools wrote"
	else
		skip "fat$bits: mtools" "mtools is missing"
	fi
done
if have mkfs.vfat && supported vfat; then
	image f.img 32M mkfs.vfat -F 32
	exits 1 "vfat: a symbolic link is reported" pillion cp -r unix f.img:/
	like "$out" "has no such files" "... with its reason"
	pillion cp plain/file "f.img:/Ünï cöde.txt"
	is "$(pillion ls f.img:/)" "unix
Ünï cöde.txt" "vfat: long names in UTF-8"
else
	skip "vfat: names and links" "mkfs.vfat, or FAT in the library, is missing"
fi

fs exfat exfat 64M plain mkfs.exfat -- fsck.exfat -n exfat.img
fs xfs xfs 400M unix mkfs.xfs -q -f -- xfs_repair -n xfs.img
fs btrfs btrfs 160M unix mkfs.btrfs -q -- btrfs check --readonly btrfs.img
fs f2fs f2fs 96M unix mkfs.f2fs -q -- fsck.f2fs --dry-run f2fs.img
fs ntfs ntfs 64M plain mkntfs_roomy -- ntfsfix -n ntfs.img
fs udf udf 64M utf8 mkfs.udf -- none
export HOME=$work # where the HFS tools note what they have mounted
fs hfs hfs 64M plain hformat -l volume -- none && {
	pillion cp plain/sub/big hfs.img:/again
	hmount hfs.img >/dev/null && hcopy -r :again again && cmp -s again plain/sub/big
	ok "hfs: the HFS tools read the same"
}
fs hfsplus hfsplus 64M utf8 "$mkhfsplus" -- 7zz t hfsplus.img
fs minix minix 32M plain mkfs.minix -3 -- fsck.minix -f minix.img

# makefs wants a directory; UFS1 can be written by Linux.
if ! have makefs; then
	skip "ufs1" "makefs is missing"
elif ! supported ufs1; then
	skip "ufs1" "not in this configuration of the library"
else
	rm -rf seed && plain_tree seed
	makefs -t ffs -o version=1 -s 64m ufs.img seed >/dev/null
	ok "ufs1: made"
	exits 0 "ufs1: copy out" pillion cp -r ufs.img:/ ufs-out
	is "$(contents ufs-out)" "$(contents seed)" "ufs1: contents agree with makefs's source"
	exits 0 "ufs1: copy in" pillion cp -r plain ufs.img:/t
	exits 0 "ufs1: make, rename, remove" change ufs.img
	rm -rf ufs-out
	exits 0 "ufs1: copy out again" pillion cp ufs.img:/t/file ufs-file
	cmp -s ufs-file plain/file
	ok "ufs1: contents agree"
	makefs -t ffs -o version=2 -s 32m ufs2.img seed >/dev/null
	exits 3 "ufs2 of makefs is refused" pillion ls ufs2.img:/
	like "$out" "8 KiB" "... with the reason"
fi
done_testing
