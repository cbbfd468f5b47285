#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Wild system calls of a program's (fuzz.c), with the machine looked at from outside: the kernel's
# code, constants and a structure that does not change are what they were, and the nucleus has its
# pages back. GUEST names the program, IMAGE the image that runs it.
#
# FUZZ_SEED (1), FUZZ_CHILDREN (1500), FUZZ_CALLS (150); PILLION_LONG=1: five seeds, each longer.

seeds=${FUZZ_SEED:-1}
children=${FUZZ_CHILDREN:-1500}
if [ "${PILLION_LONG:-0}" = 1 ]; then
	seeds=${FUZZ_SEED:-11 12 13 14 15}
	children=${FUZZ_CHILDREN:-6000}
fi
export LIMIT=${LIMIT:-$((300 + children / 2))} MEMORY=128M
# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
have nm || skip_all "nm is missing (Debian package binutils)"

nm "$IMAGE" >symbols
symbol() { # NAME: its address, an object's of the nucleus or the image's, as the CPU sees it
	awk -v name="$1" '$3 == name && $2 ~ /[bBdDTR]/ { print "0x" $1 }' symbols
}
for name in image_text image_rodata_end boot_info total_pages taken free_pages; do
	[ "$(symbol $name | wc -l)" = 1 ] || { echo "Bail out! $name is not one symbol"; exit 1; }
done
physical() { # ADDRESS: of the image's
	printf '%#x' $(($1 & 0x7fffffff))
}
long_at() { # NAME: a variable's value
	"$here/monitor" mon "xp /1gx $(physical "$(symbol "$1")")" | sed 's/.*: //'
}

look() { # NUMBER: what does not change to look.NUMBER; pages in use to $pages
	local start end info
	start=$(physical "$(symbol image_text)")
	end=$(physical "$(symbol image_rodata_end)")
	info=$(physical "$(symbol boot_info)")
	"$here/monitor" mon "pmemsave $start $((end - start)) \"code\"" \
		"pmemsave $info 256 \"info\"" >/dev/null
	cat code info >"look.$1"
	pages=$(($(long_at total_pages) + $(long_at taken) - $(long_at free_pages)))
}

direct=0xffff800000000000
fuzz() { # SEED
	local seed=$1 before status addresses
	addresses=("$(symbol image_text)" "$(symbol image_rodata)" "$(symbol boot_info)"
		"$(symbol free_pages)" $((direct + $(physical "$(symbol boot_info)")))
		$((direct + 0x1000)) $((direct + 0x4000000)) 0xffffd00000400000)
	archive program=/guest arg=fuzz "arg=$seed" "arg=$children" "arg=${FUZZ_CALLS:-150}" \
		"${addresses[@]/#/arg=}" "env=TEST_TIMEOUT=$LIMIT" stdin=stream stdout=stream \
		loglevel=1 -- "guest=${GUEST:?names the program}"
	rm -f input mon
	mkfifo input
	qemu -monitor unix:mon,server=on,wait=off <input >console 2>qemu.err &
	exec 9>input
	wait_until grep -q '^# look 1' console
	ok "seed $seed: the first look" || {
		tail -n 20 console qemu.err records | sed 's/^/#   /'
		return
	}
	look 1
	before=$pages
	echo >&9
	wait_until grep -q '^# look 2' console
	ok "seed $seed: the last look" || tail -n 20 console qemu.err records | sed 's/^/#   /'
	look 2
	echo >&9
	wait %%
	status=$?
	exec 9>&-
	is "$status" 1 "seed $seed: the image ended with 0" ||
		tail -n 20 console qemu.err records | sed 's/^/#   /'
	grep -a '^ok\|^not ok\|^#' console | sed 's/^/# /'
	cmp look.1 look.2
	ok "seed $seed: the kernel's code and constants are what they were"
	[ -s look.1 ] && [ "$(stat -c %s look.1)" -gt 1000000 ]
	ok "seed $seed: and they were looked at"
	# Stacks are kept for the next thread, and tables of the kernel's addresses stay.
	[ $((pages - before)) -lt 256 ]
	ok "seed $seed: pages of the nucleus in use: $before, then $pages"
}

for seed in $seeds; do
	fuzz "$seed"
done
done_testing
