#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Damaged images of every file system: a documented exit status and a message each time, no hang,
# and the image untouched when it is only read (fuzz.c says what is judged). A panic of the library
# kernel, with its message and status, is not a failure; panics are counted in the results.
#
# FUZZ_LEAST is how many images of each kind there are to be (300; 1000 in check-long), more of them
# until FUZZ_SECONDS are over (0; 480); FUZZ_SEED is the first seed (1; by the date), FUZZ_ONLY
# names the kinds, FUZZ_WORKERS how many processes (one a processor), FUZZ_KEEP is a directory for
# images that fail. The seed of a failure is in its message.
room=$(df -P /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
# each image is synced after writing, which takes its time on a disk
[ -z "${TMPDIR:-}" ] && [ "${room:-0}" -gt 2000000 ] && export TMPDIR=/dev/shm
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need cc gcc

limit=${FUZZ_SECONDS:-${PILLION_LONG:+480}}
least=${FUZZ_LEAST:-${PILLION_LONG:+1000}}
least=${least:-300}
seed=${FUZZ_SEED:-${PILLION_LONG:+$(date +%Y%m%d)0000}}
cc -O2 -o fuzz "$source/fuzz.c" "$source/mutate.c" || exit 1

plain_tree tree
rm tree/sub/big
perl -e 'print "data" x 20000' >tree/sub/mid
ln -s file tree/link
bases=()

# Whether the kind is wanted, and its programs and the library have it; else it is skipped.
can() { # NAME TYPE PROGRAM...
	local name=$1 type=$2
	shift 2
	[[ -z "${FUZZ_ONLY:-}" || " $FUZZ_ONLY " == *" $name "* ]] || return 1
	if ! have "$@"; then
		skip "$name" "$* is missing"
	elif ! supported "$type"; then
		skip "$name" "not in this configuration of the library"
	else
		return 0
	fi
	return 1
}

base() { # NAME: an image that was made
	pillion ls "$1:/" >ls.log 2>&1
	ok "$1: an image to damage" && bases+=("$1") || sed 's/^/# /' ls.log
}

filled() { # TYPE NAME SIZE MKFS...: made empty, and the tree copied in
	local type=$1 name=$2 size=$3
	shift 3
	can "$name" "$type" "$1" || return
	image "$name" "$size" "$@" && pillion cp -r tree "$name:/" >/dev/null 2>&1
	base "$name"
}

filled ext2 ext2 2M mkfs.ext2 -q
filled ext3 ext3 4M mkfs.ext3 -q
filled ext4 ext4 4M mkfs.ext4 -q
filled ext4 ext4-nocsum 4M mkfs.ext4 -q -O ^metadata_csum,^has_journal
filled vfat fat12 2M mkfs.vfat -F 12
filled vfat fat16 20M mkfs.vfat -F 16
filled vfat fat32 34M mkfs.vfat -F 32
filled exfat exfat 4M mkfs.exfat
filled xfs xfs 300M mkfs.xfs -q -f
filled btrfs btrfs 120M mkfs.btrfs -q
filled f2fs f2fs 64M mkfs.f2fs -q
filled ntfs ntfs 8M mkntfs_roomy
filled udf udf 4M mkfs.udf
filled hfs hfs 4M hformat -l volume
filled hfsplus hfsplus 4M "$source/../full/mkhfsplus.pl"
filled minix minix 4M mkfs.minix -3
can ufs1 ufs1 makefs && makefs -t ffs -o version=1 -s 4m ufs1 tree >/dev/null && base ufs1
can squashfs squashfs mksquashfs && mksquashfs tree squashfs -noappend -quiet -no-progress \
	>/dev/null && base squashfs
can iso9660 iso9660 xorriso && xorriso -as mkisofs -quiet -R -J -o iso9660 tree 2>/dev/null &&
	base iso9660
can erofs erofs mkfs.erofs && mkfs.erofs erofs tree >/dev/null 2>&1 && base erofs
for label in dos gpt; do
	can $label ext4 sfdisk || continue
	[ -e ext4 ] || filled ext4 ext4 4M mkfs.ext4 -q
	truncate -s 8M $label
	printf 'label: %s\nstart=1MiB, size=4MiB\n' $label | sfdisk -q $label >/dev/null 2>&1
	dd if=ext4 of=$label bs=1M seek=1 conv=notrunc status=none && base $label
done
can qcow2 ext4 qemu-img qemu-nbd && qemu-img convert -O qcow2 ext4 qcow2 && base qcow2

# that each kind of failure is noticed
noticed() { # WHAT COMMANDS: of a command in pillion's place
	printf '#!/bin/sh\n%s\n' "$2" >fake
	chmod +x fake
	rm -rf worker*
	out=$(./fuzz -m 8 -w 1 "$work/fake" "$work/tree" "${bases[0]}" 2>&1)
	like "$out" ": $1" "it would be noticed: $1"
}
noticed "signal 11" 'kill -SEGV $$'
noticed "exit status 9" 'echo "pillion: nine" >&2; exit 9'
noticed "exit status 3 without a message" 'exit 3'
noticed "a panic without its message" 'echo "pillion: no" >&2; exit 70'
# shellcheck disable=SC2016
noticed "the image was changed by reading" 'for i; do case $i in *:/) printf x | dd status=none \
	of="${i%:/}" conv=notrunc bs=1 seek=3; esac; done'
rm -rf worker*

arguments=()
for a in ${PILLION_ARGS:-}; do arguments+=(-a "$a"); done
[ -n "${FUZZ_KEEP:-}" ] && arguments+=(-k "$(realpath "$FUZZ_KEEP")")
start=$SECONDS
./fuzz -s "${seed:-1}" -t "${limit:-0}" -m "$least" -w "${FUZZ_WORKERS:-$(nproc)}" \
	"${arguments[@]}" "$PILLION" "$work/tree" "${bases[@]}"
ok "all was run"
total=0
while read -r name times problems panics; do
	[ "$problems" = 0 ] && [ "$times" -ge "$least" ]
	ok "$name: $times damaged images, $problems problems, $panics panics"
	total=$((total + times))
done <results
echo "# $total images in $((SECONDS - start)) s, seeds from ${seed:-1}"
done_testing
