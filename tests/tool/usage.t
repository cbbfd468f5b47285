#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The command line: help, versions, and the exit status of each kind of failure.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs

image a.img 16M mkfs.ext4 -q
exits 0 "--version" "$PILLION" --version
like "$out" "pillion" "... names the program"
grep -qE '\(Linux 6\.1\.[0-9]+, config [a-z]+, [a-z0-9_]+\)' <<<"$out"
ok "... and its donor: $out"
exits 0 "--help" "$PILLION" --help
for command in info ls tree stat cat cp mkdir rm mv ln df tar; do
	like "$out" "$command" "--help names $command"
done
for command in info ls tree stat cat cp mkdir rm mv ln df tar; do
	exits 0 "$command --help" "$PILLION" "$command" --help
done
exits 2 "no command" "$PILLION"
exits 2 "an unknown command" "$PILLION" frobnicate
exits 2 "an unknown option" pillion ls --frobnicate a.img:/
exits 2 "no operand" pillion ls
exits 2 "an operand that is not IMAGE:/PATH" pillion ls a.img
exits 2 "an empty image name" pillion ls :/x
exits 2 "a partition that is not a number" pillion ls -p x a.img:/
exits 2 "cp from host to host" pillion cp a b
exits 2 "tar without -c or -x" pillion tar a.img:/
exits 2 "an unknown file system type" pillion ls --type nonesuch a.img:/
exits 3 "no such image" pillion ls nonesuch.img:/
like "$out" "No such file" "... says so"
exits 3 "a directory as the image" pillion ls .:/
: >empty.img
exits 3 "an empty image" pillion ls empty.img:/
truncate -s 1M zero.img
exits 3 "an image of zeroes" pillion ls zero.img:/
like "$out" "no file system found" "... says so"
exits 0 "info of an image of zeroes" pillion info zero.img
like "$out" "no file system" "... says so"
exits 1 "no such file in the image" pillion cat a.img:/nonesuch
is "$out" "pillion: cat: a.img:/nonesuch: No such file or directory" "... names image and path"
exits 1 "one good and one bad operand" pillion ls a.img:/ a.img:/nonesuch
like "$out" "lost+found" "... the good one is listed"
exits 3 "one image that is not there" pillion ls nonesuch.img:/ a.img:/
like "$out" "lost+found" "... does not hide the other"
exits 3 "... when changing, either" pillion mkdir nonesuch.img:/x a.img:/x
exits 0 "... as rm finds" pillion rm -r a.img:/x
exits 3 "... but cp wants all" pillion cp -r nonesuch.img:/ a.img:/lost+found a.img:/copies
exits 3 "partition 1 where there are none" pillion ls -p 1 a.img:/
exits 0 "-p 0 is the whole disk" pillion ls -p 0 a.img:/
cp a.img "x:y.img"
exits 0 "a colon in the image's name" pillion ls "x:y.img:/"
echo text >"h:f"
exits 0 "a colon in a host file's name" pillion cp "h:f" a.img:/
exits 0 "... arrives" pillion cat a.img:/h:f
is "$out" text "... whole"
exits 1 "a full /dev/full as output" bash -c '"$1" cat ${3:-} "$2" >/dev/full' - "$PILLION" \
	a.img:/h:f "${PILLION_ARGS:-}"
chmod 0 empty.img
if root; then
	skip "an image without permission" "root may read everything"
else
	exits 3 "an image without permission" pillion ls empty.img:/
fi
done_testing
