#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The example platform's library ($1), and any other that is given, defines every function of the
# contract; the example needs its board, C's own functions and the compiler's helpers only.
set -u
cd "$(dirname "$0")/../.." || exit 1
nm=${NM:-nm}
n=0
result() {	# status, name
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# Functions that the headers declare, upcalls (rump_*) left out.
cat include/rump/*.h | sed 's/^ \*.*//; s,/\*.*\*/,,' | tr '\n' ' ' |
	grep -oE '\b(rumpuser|rumpcomp|rumpext)_[a-z0-9_]+\(' | tr -d '(' |
	sort -u > "$tmp/declared"

echo "1..$(($# + 2))"
[ "$(wc -l < "$tmp/declared")" -gt 90 ]
result $? "the headers declare the contract's functions"
for lib in "$@"; do
	$nm "$lib" 2> "$tmp/err" | awk '$2 ~ /[TW]/ { print $3 }' | sort -u > "$tmp/defined"
	comm -23 "$tmp/declared" "$tmp/defined" > "$tmp/missing"
	sed 's/^/# missing: /' "$tmp/missing"
	[ ! -s "$tmp/missing" ]
	result $? "$lib defines them all"
done
$nm "$1" | awk '$2 ~ /[TWDB]/ { print $3 }' | sort -u > "$tmp/defined"
$nm "$1" | awk '$1 == "U" { print $2 }' | sort -u | comm -23 - "$tmp/defined" |
	grep -vE '^(board_(putc|nanoseconds|random|memory|stop)|mem(cpy|move|set|cmp)|strlen)$' |
	grep -vE '^_GLOBAL_OFFSET_TABLE_$|^__aarch64_(cas|swp|ldadd)' > "$tmp/extra"
sed 's/^/# needs: /' "$tmp/extra"
[ ! -s "$tmp/extra" ]
result $? "the example needs its board and C's own functions only"
