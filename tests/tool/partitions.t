#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Partition tables: MBR with logical partitions, GPT, and the choice of a file system.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need sfdisk fdisk

supported vfat && fat=1
put() { dd if="$1" of="$2" bs=1M seek="$3" conv=notrunc status=none; }

image e.img 16M mkfs.ext4 -q -L linux
if have mkfs.vfat; then image f.img 16M mkfs.vfat -n FATTY; else truncate -s 16M f.img; fi
echo one >one
pillion cp one e.img:/

truncate -s 100M gpt.img
printf 'label: gpt\nstart=1MiB, size=16MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=boot\n
start=20MiB, size=16MiB, name="root fs"\nstart=40MiB, size=8MiB, type=swap\n' |
	sfdisk -q gpt.img >/dev/null 2>&1
ok "a GPT disk"
put f.img gpt.img 1
put e.img gpt.img 20
exits 0 "info" pillion info gpt.img
like "$out" "partition table gpt" "... names the table"
like "$out" "name root fs" "... and partitions"
like "$out" "label linux" "... and labels"
exits 0 "info -p 2" pillion info -p 2 gpt.img
is "$(grep -cE '^ +[0-9]+ ' <<<"$out")" 1 "... shows one partition"
like "$out" "label linux" "... which is that"
is "$(pillion info --json -p 3 gpt.img | grep -c '"partition":')" 1 "... in JSON, too"
exits 3 "info -p 9" pillion info -p 9 gpt.img
like "$out" "no partition 9" "... is not there"
if [ -n "${fat:-}" ] && have mkfs.vfat; then
	exits 2 "two file systems: a choice is asked for" pillion ls gpt.img:/
	like "$out" "1 (vfat), 2 (ext4)" "... with the candidates"
	exits 0 "the FAT one" pillion cp -p 1 one gpt.img:/fat.txt
	exits 0 "from one partition to another" pillion cp -p 1 gpt.img:/fat.txt -p 2 gpt.img:/moved
	is "$(pillion cat -p 2 gpt.img:/moved)" one "... arrives"
	exits 0 "df of all" pillion df gpt.img
	like "$out" "vfat" "... has the first"
	like "$out" "ext4" "... and the second"
else
	skip "two file systems" "mkfs.vfat, or FAT in the library, is missing"
fi
exits 0 "-p 2" pillion cat -p 2 gpt.img:/one
is "$out" one "... reads that one"
exits 0 "-p 2 after the operand" pillion cat gpt.img:/one -p 2
exits 3 "-p 3 holds nothing" pillion ls -p 3 gpt.img:/
exits 3 "-p 9 is not there" pillion ls -p 9 gpt.img:/
like "$out" "no partition 9" "... says so"
exits 0 "write to -p 2" pillion mkdir -p 2 gpt.img:/new
dd if=gpt.img of=p2.img bs=1M skip=20 count=16 status=none
exits 0 "... fsck" e2fsck -fn p2.img
sfdisk -V gpt.img 2>&1 | grep -q "No errors"
ok "... the table is whole"
dd if=gpt.img bs=1M skip=1 count=16 status=none | wc -c | grep -q 16777216
ok "... and the neighbours"

truncate -s 100M mbr.img
printf 'label: dos\nstart=1MiB, size=8MiB, type=82\nstart=10MiB, size=80MiB, type=5\n
start=12MiB, size=16MiB, type=83\nstart=40MiB, size=4MiB, type=83\n' |
	sfdisk -q mbr.img >/dev/null 2>&1
ok "an MBR disk with logical partitions"
put e.img mbr.img 12
exits 0 "one file system is found by itself" pillion ls mbr.img:/
like "$out" one "... and read"
exits 0 "-p 5" pillion cat -p 5 mbr.img:/one
like "$(pillion info mbr.img)" "partition table dos" "info names the table"
if have qemu-img && have qemu-nbd; then
	qemu-img convert -O qcow2 mbr.img mbr.qcow2
	exits 0 "the same in qcow2" pillion cat -p 5 mbr.qcow2:/one
	qemu-img convert -O qcow2 gpt.img gpt.qcow2
	is "$(pillion info gpt.qcow2 | tail -n +2)" "$(pillion info gpt.img | tail -n +2)" \
		"info of qcow2 and raw agree"
else
	skip "the same in qcow2" "qemu-img or qemu-nbd is missing"
fi

# partitions of partitions, of which libblkid knows more than Linux does: numbers differ
truncate -s 100M mix.img
printf 'label: dos\nstart=2048, size=81920, type=81\nstart=92160, size=81920, type=a5\n' |
	sfdisk -q mix.img >/dev/null 2>&1
dd if=/dev/zero of=mix.img bs=512 seek=2048 count=1 conv=notrunc status=none
perl -e 'open F, "+<", "mix.img" or die;
	sub part { seek F, $_[0], 0; print F pack "C8 V V", 0, 0, 0, 0, $_[1], 0, 0, 0, @_[2, 3] }
	part 2048 * 512 + 446, 0x81, 6144, 32768;	# of Minix, in the first
	seek F, 2048 * 512 + 510, 0; print F "\x55\xaa";
	my $label = pack "V x128 V s S", 0x82564557, 0x82564557, 0, 1;	# of BSD, in the second
	$label = pack "a148", $label;
	substr($label, 138, 2) = pack "S", 1;
	$label .= pack "V V V C C S", 32768, 4096, 0, 7, 0, 0;
	my $sum = 0;
	$sum ^= $_ for unpack "S*", $label;
	substr($label, 136, 2) = pack "S", $sum;
	seek F, (92160 + 1) * 512, 0; print F $label;'
perl -e 'print "right" x 400000' >right
perl -e 'print "wrong" x 400000' >wrong
image right.img 16M mkfs.ext4 -q -U 11111111-1111-1111-1111-111111111111
pillion cp right right.img:/file
dd if=right.img of=mix.img bs=512 seek=96256 conv=notrunc status=none
image wrong.img 16M mkfs.ext4 -q -U 22222222-2222-2222-2222-222222222222
pillion cp wrong wrong.img:/file
dd if=wrong.img of=mix.img bs=512 seek=6144 conv=notrunc status=none
pillion cp -p 5 mix.img:/file file
cmp -s file right
ok "a partition of a BSD partition: a large file"
pillion cat -p 5 mix.img:/file | cmp -s - right
ok "... the same as cat has it"
like "$(pillion info mix.img)" 11111111 "... info looks at the same place"
is "$(pillion info --json mix.img | grep -c "\"start\": $((96256 * 512)),")" 1 "... and says where"

head -c 15M gpt.img >cut.img
pillion info cut.img >/dev/null 2>err
ok "info of a truncated disk"
if have xorriso && supported iso9660; then
	mkdir cd && echo cd >cd/file
	xorriso -as mkisofs -quiet -R -isohybrid-gpt-basdat -append_partition 2 0xef f.img \
		-o h.iso cd >/dev/null 2>&1 ||
		xorriso -as mkisofs -quiet -R -o h.iso cd >/dev/null 2>&1
	exits 0 "a CD image with a partition table is one file system" pillion cat h.iso:/file
else
	skip "a CD image with a partition table" "xorriso, or ISO 9660 in the library, is missing"
fi
done_testing
