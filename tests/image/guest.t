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

guest count -- stdin=stream stdout=stream
for size in 100 5000 300000; do
	head -c $size /dev/urandom | base64 -w 70 >input
	sum=$(od -An -v -tu1 -w1 input | awk '{ n += $1 } END { print n }')
	{
		cat input
		printf '\004'
	} >typed
	boot 0 "$(stat -c %s input) bytes of input" <typed
	like "$out" "$(stat -c %s input) bytes, sum $sum" "all of them, unchanged"
	is "$(grep -c . console)" 1 "and no echo"
done

rm archive
boot 127 "no archive" </dev/null
like "$out" "nothing to run" "is an end with a reason"

guest fault --
boot 139 "a program's fault" </dev/null
is "$(cat records)" "exit 139" "is its end by a signal"

guest turns 5 --
boot 0 "children that take turns" </dev/null
like "$out" "all of it, and fair" "their CPU time" || sed 's/^/# /' console

guest forks 150 --
export MEMORY=64M
boot 0 "150 children at once, in 64 MiB" </dev/null
like "$out" "150 children; memory was lent; and given back" "lent and given back"
done_testing
