#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Around a program: standard input as a stream, memory between nucleus and donor, its end by a
# signal. GUEST names the program, IMAGE the image that runs it.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

guest() { # ARGUMENT... -- CONFIGURATION...
	local args=() conf=()
	while [ "$1" != -- ]; do
		args+=("arg=$1")
		shift
	done
	shift
	conf=("$@")
	archive program=/guest arg=guest "${args[@]}" "${conf[@]}" -- "guest=${GUEST:?names the program}"
}

# As pillion run does it: what is there before goes byte by byte, which is slow.
type_it() {
	wait_until grep -q input records
	cat typed
}

guest count -- stdin=stream stdout=stream
boot 0 "input that is early" < <(printf 'a\nb\n\004')
like "$out" "4 bytes, sum 215" "arrives"
for size in 100 5000 300000 ${PILLION_LONG:+3700000}; do
	[ "$size" -lt 1000000 ] || LIMIT=1200
	head -c $size /dev/urandom | base64 -w 70 >input
	sum=$(od -An -v -tu1 -w1 input | awk '{ n += $1 } END { print n }')
	{
		cat input
		printf '\004'
	} >typed
	rm -f records
	boot 0 "$(stat -c %s input) bytes of input" < <(type_it)
	like "$out" "$(stat -c %s input) bytes, sum $sum" "all of them, unchanged"
	is "$(grep -c . console)" 1 "and no echo"
done

rm archive
boot 127 "no archive" </dev/null
like "$out" "nothing to run" "is an end with a reason"

guest fault --
boot 139 "a program's fault" </dev/null
is "$(tail -n 1 records)" "exit 139" "is its end by a signal"

guest turns 5 --
boot 0 "children that take turns" </dev/null
like "$out" "all of it, and fair" "their CPU time" || sed 's/^/# /' console

guest forks 150 --
export MEMORY=64M
boot 0 "150 children at once, in 64 MiB" </dev/null
like "$out" "150 children; memory was lent; and given back" "lent and given back"

# The card's driver begins while the program does.
for card in e1000 virtio-net-pci; do
	guest talk 10.0.2.15 10.0.2.100 7 -- net=static address=10.0.2.15/24
	boot 0 "$card: a program that needs its network at once" -device $card,netdev=n,romfile= \
		-netdev user,id=n,restrict=on,guestfwd=tcp:10.0.2.100:7-cmd:cat </dev/null
	like "$out" "answer: echo" "has it"
done
boot 0 "the same without a card" </dev/null
like "$out" "no network" "is told"
like "$out" "bind: Cannot assign requested address" "and goes on"
done_testing
