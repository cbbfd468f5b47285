#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Large files out of an image, which the host copies from where the donor says they are: every
# layout that this must not get wrong.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need sfdisk fdisk

# same FILE HOW NAME: comes out of $image as it went in, copied by the host all, in part, or not
same() {
	local direct
	rm -f out
	pillion cp -v "$image:/$1" out 2>said && cmp out "$1"
	ok "$3"
	direct=$(sed -n 's/.*: \([0-9]*\) bytes were copied by the host.*/\1/p' said)
	case $2 in
	all) is "$direct" "$(stat -c %s "$1")" "... copied by the host" ;;
	part)
		[ "${direct:-0}" -gt 0 ]
		ok "... its data by the host"
		;;
	none) is "$direct" 0 "... not copied by the host" ;;
	esac
}

mkdir files
cd files || exit 1
perl -e 'srand 7; print pack "L", rand 2**32 for 1 .. 1250007; print "end"' >plain
# islands in a sea of holes, more than one answer of the donor's holds; a hole at the end
perl -e 'open F, ">islands"; for (1 .. 700) { seek F, $_ * 24576, 0; print F "$_ " x 500; }
	truncate F, 700 * 24576 + 5000000'
perl -e 'open F, ">hole"; truncate F, 9000000'
perl -e 'open F, ">tail"; seek F, 3000000, 0; print F "x" x 1500001'

for fs in ext4 "ext4 -b 1024" "ext2 -b 1024" xfs; do
	[ "$fs" = xfs ] && ! { supported xfs && have mkfs.xfs; } && {
		skip "$fs" "mkfs.xfs, or XFS in the library, is missing"
		continue
	}
	image=../a.img
	# shellcheck disable=SC2086
	case $fs in xfs) image ../a.img 320M mkfs.xfs -q ;; *) image ../a.img 64M mkfs.$fs -q ;; esac
	exits 0 "$fs: files go in" pillion cp -r . ../a.img:/
	all=all part=part
	[ "$fs" = xfs ] && all=none part=none # each mount of it writes to the log
	same plain $all "... and a file comes out"
	same islands $part "... one with many holes"
	same hole none "... one that is a hole"
	same tail $part "... one that begins with a hole"
	pillion cp ../a.img:/islands out
	[ "$(stat -c %b out)" -le "$(($(stat -c %b islands) * 2))" ]
	ok "... its holes are holes"
done

# blocks that are allocated and were never written, in the middle and behind the end
image=../u.img
image ../u.img 64M mkfs.ext4 -q -b 4096
dd if=plain of=unwritten bs=4096 count=300 status=none
dd if=plain of=unwritten bs=4096 skip=600 seek=600 count=400 conv=notrunc status=none
pillion cp unwritten ../u.img:/
debugfs -w -R 'fallocate /unwritten 290 610' ../u.img >/dev/null 2>&1
debugfs -w -R 'fallocate /unwritten 1000 1500' ../u.img >/dev/null 2>&1
like "$(debugfs -R 'stat /unwritten' ../u.img 2>/dev/null)" "[u]" "blocks that were never written"
same unwritten part "... read as zeroes"

# in a partition
truncate -s 40M ../p.img
printf 'start=3MiB, size=32MiB\n' | sfdisk -q ../p.img >/dev/null 2>&1
image ../v.img 32M mkfs.ext4 -q
pillion cp plain ../v.img:/
dd if=../v.img of=../p.img bs=1M seek=3 conv=notrunc status=none
image=../p.img
same plain all "a file in a partition"

# a journal holds a newer block of the file than the file's own place has
image=../j.img
image ../j.img 64M mkfs.ext4 -q -b 4096
pillion cp plain ../j.img:/
head -c 4096 /dev/zero | tr '\0' N >new
block=$(debugfs -R 'blocks /plain' ../j.img 2>/dev/null | cut -d ' ' -f 200)
printf 'jo\njw -b %s new\njc\n' "$block" | debugfs -w ../j.img >/dev/null 2>&1
dumpe2fs -h ../j.img 2>/dev/null | grep -q needs_recovery
ok "a journal that is to be replayed"
sum=$(sha256sum <../j.img)
dd if=new of=plain bs=4096 seek=199 conv=notrunc status=none
same plain none "... its blocks come out"
is "$(sha256sum <../j.img)" "$sum" "... and not into the image"

# what does not work (the limit leaves room for the kernel's memory)
rm -f out
perl -e 'print "x" x 80000000' >eighty
image ../w.img 128M mkfs.ext4 -q
pillion cp eighty ../w.img:/
# shellcheck disable=SC2317,SC2086
limited() { (ulimit -f 70000 && exec "$PILLION" cp ${PILLION_ARGS:-} "$@"); }
exits 1 "the host has no room" limited ../w.img:/eighty out
[ ! -e out ]
ok "... no half of a file is left"
truncate -s 6M ../v.img
pillion cp ../v.img:/plain out >said 2>&1
[ $? -ne 0 ] && [ -s said ] && ! [ -e out ]
ok "an image that was cut short: an error, and no file"
done_testing
