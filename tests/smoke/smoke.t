#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The smoke test with an ext4 image, which fsck finds clean afterwards. SMOKE: the program, and what
# runs it.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
PATH=$PATH:/sbin:/usr/sbin

truncate -s 16M "$dir/image"
mkfs.ext4 -q "$dir/image" || { echo "Bail out! mkfs.ext4 failed"; exit 1; }
# shellcheck disable=SC2086 # a command and its arguments
${SMOKE:?names the program} "$dir/image" > "$dir/out" 2> "$dir/err"
status=$?
grep -v '^1\.\.' "$dir/out"
sed 's/^/# /' "$dir/err"
n=$(grep -cE '^(not )?ok ' "$dir/out")
tap() {
	n=$((n + 1))
	name=$1
	shift
	if "$@"; then echo "ok $n - $name"; else echo "not ok $n - $name"; fi
}
tap "it ended with 0" test $status -eq 0
tap "the donor said nothing worse than a notice" test ! -s "$dir/err"
clean() {
	e2fsck -fn "$dir/image" >/dev/null 2>&1
}
tap "fsck finds the image clean" clean
tap "debugfs finds the file" test "$(debugfs -R 'stat /file' "$dir/image" 2>/dev/null |
    sed -n '0,/Size:/s/.*Size: //p')" = 3145728
echo "1..$n"
