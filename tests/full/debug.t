#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Programs that have proved themselves, on a donor with its own checks (CONFIG=debug): it must have
# nothing to complain of, and its lock checker must be on to the end. SMOKE and LAYOUT name the
# programs.
set -u
PATH=$PATH:/sbin:/usr/sbin
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
complaint='BUG:|WARNING:|INFO: |inconsistent|sleeping function'
complaint="$complaint|while atomic|cut here|[Cc]all [Tt]race"
n=0
check() {
	n=$((n + 1))
	name=$1
	shift
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		grep -v '^ok' "$dir/out" | head -40 | sed 's/^/# /'
		head -60 "$dir/err" | sed 's/^/# /'
	fi
}
quiet() {
	! grep -qE "$complaint" "$dir/err"
}

truncate -s 16M "$dir/image"
mkfs.ext4 -q "$dir/image" || { echo "Bail out! mkfs.ext4 failed"; exit 1; }
LOGLEVEL=7 "${SMOKE:?names the program}" "$dir/image" > "$dir/out" 2> "$dir/err"
check "smoke test" test $? -eq 0
check "no complaint" quiet
check "the lock checker was on" grep -q 'ok .* - the lock checker is on' "$dir/out"
LOGLEVEL=7 "${LAYOUT:?names the program}" > "$dir/out" 2> "$dir/err"
check "layouts" test $? -eq 0
check "no complaint" quiet
echo "1..$n"
