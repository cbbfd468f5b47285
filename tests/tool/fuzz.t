#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Damaged images of every file system: a documented exit status and a message each time, no hang,
# and the image untouched when it is only read.
#
# FUZZ_SECONDS bounds the time (90; 1200 in check-long), FUZZ_SEED is the first seed (1; by the date
# in check-long), FUZZ_KEEP is a directory for images that fail. The seed of a failure is in its
# message.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need cc gcc

limit=${FUZZ_SECONDS:-${PILLION_LONG:+1200}}
limit=${limit:-90}
seed=${FUZZ_SEED:-${PILLION_LONG:+$(date +%Y%m%d)000}}
seed=${seed:-1}
cc -O2 -o mutate "$source/mutate.c"

plain_tree tree
rm tree/sub/big
perl -e 'print "data" x 20000' >tree/sub/mid
ln -s file tree/link
bases=()

base() { # TYPE NAME SIZE MKFS...
	local type=$1 name=$2 size=$3
	shift 3
	have "$1" && supported "$type" && image "$name" "$size" "$@" &&
		pillion cp -r tree "$name:/" >/dev/null 2>&1
	pillion ls "$name:/" >/dev/null 2>&1 && bases+=("$name")
}
base ext2 ext2 2M mkfs.ext2 -q
base ext4 ext4 4M mkfs.ext4 -q
base ext4 ext4-nocsum 4M mkfs.ext4 -q -O ^metadata_csum,^has_journal
base vfat fat12 2M mkfs.vfat -F 12
base vfat fat16 20M mkfs.vfat -F 16
base vfat fat32 34M mkfs.vfat -F 32
base exfat exfat 4M mkfs.exfat
base xfs xfs 300M mkfs.xfs -q -f
base btrfs btrfs 120M mkfs.btrfs -q
base f2fs f2fs 64M mkfs.f2fs -q
base ntfs ntfs 8M mkntfs -q -F -f
base udf udf 4M mkfs.udf
base minix minix 4M mkfs.minix -3
if have makefs && supported ufs1; then
	makefs -t ffs -o version=1 -s 4m ufs1 tree >/dev/null && bases+=(ufs1)
fi
have mksquashfs && supported squashfs && mksquashfs tree squashfs -noappend -quiet -no-progress \
	>/dev/null && bases+=(squashfs)
have xorriso && supported iso9660 && xorriso -as mkisofs -quiet -R -J -o iso tree 2>/dev/null &&
	bases+=(iso)
have mkfs.erofs && supported erofs && mkfs.erofs erofs tree >/dev/null 2>&1 && bases+=(erofs)
if have sfdisk; then
	truncate -s 8M gpt
	printf 'label: gpt\nstart=1MiB, size=4MiB\n' | sfdisk -q gpt >/dev/null 2>&1
	dd if=ext4 of=gpt bs=1M seek=1 conv=notrunc status=none && bases+=(gpt)
fi
if have qemu-img qemu-nbd; then
	qemu-img convert -O qcow2 ext4 qcow2 && bases+=(qcow2)
fi
[ "${#bases[@]}" -gt 0 ]
ok "there are images to damage: ${bases[*]}"

problem() { # TEXT
	echo "# seed $seed, $name: $1"
	sed 's/^/#   /' err | head -5
	[ -n "${FUZZ_KEEP:-}" ] && cp bad "$FUZZ_KEEP/$name-$seed"
	problems[$name]=$((${problems[$name]:-0} + 1))
}

run() { # COMMAND...: with the status checked
	LIMIT=20 pillion "$@" >/dev/null 2>err
	status=$?
	case $status in
	0) ;;
	1 | 2 | 3 | 4) [ -s err ] || problem "$1: status $status without a message" ;;
	70)
		[ -s err ] || problem "$1: panic without a message"
		panics=$((panics + 1))
		;;
	124 | 137) problem "$1: hangs" ;;
	*) problem "$1: exit status $status" ;;
	esac
}

declare -A problems runs
panics=0
total=0
start=$SECONDS
while [ $((SECONDS - start)) -lt "$limit" ]; do
	for name in "${bases[@]}"; do
		cp --sparse=always "$name" bad
		./mutate $seed bad >changes.log || continue
		sum=$(sha256sum <bad)
		run tar -c -f out.tar bad:/
		case $((seed % 4)) in
		0) run info bad ;;
		1) run ls -lR bad:/ ;;
		2)
			rm -rf out
			run cp -r bad:/ out
			chmod -R u+rwX out 2>/dev/null
			;;
		esac
		unchanged bad "$sum" || problem "the image was changed by reading"
		if [ $((seed % 4)) = 3 ]; then
			run cp -r tree bad:/new
			run rm -rf bad:/tree bad:/new
		fi
		runs[$name]=$((${runs[$name]:-0} + 1))
		total=$((total + 1))
		[ $((SECONDS - start)) -lt "$limit" ] || break
	done
	seed=$((seed + 1))
done
for name in "${bases[@]}"; do
	[ "${problems[$name]:-0}" = 0 ]
	ok "$name: ${runs[$name]:-0} damaged images"
done
echo "# $total images in $((SECONDS - start)) s, seeds up to $seed, $panics kernel panics"
done_testing
