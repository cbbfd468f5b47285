#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Commands that only read leave the image as it is, byte for byte; a journal is replayed in memory.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need debugfs e2fsprogs

image a.img 32M mkfs.ext4 -q -b 1024
perl -e 'print "old!" x 256' >old
perl -e 'print "new!" x 256' >new
pillion cp old a.img:/file
pillion mkdir a.img:/d
sum=$(sha256sum <a.img)
before=$(stat -c '%Y %Z' a.img)

everything() { # IMAGE
	pillion info "$1" && pillion ls -lR "$1:/" && pillion tree "$1:/" &&
		pillion stat "$1:/file" && pillion cat "$1:/file" && pillion df "$1" &&
		pillion tar -c "$1:/" && rm -rf out && pillion cp -r "$1:/" out
}

everything a.img >/dev/null
ok "every reading command works"
unchanged a.img "$sum"
ok "... and changes nothing"
is "$(stat -c '%Y %Z' a.img)" "$before" "... not even a time"
chmod 444 a.img
everything a.img >/dev/null
ok "a read-only file will do"
if ! root; then
	exits 3 "... but not for writing" pillion mkdir a.img:/x
else
	skip "... but not for writing" "root may write everything"
fi
chmod 644 a.img

# A journal with a transaction that is committed and not yet in place.
block=$(debugfs -R 'blocks /file' a.img 2>/dev/null | tr -d ' ')
printf 'jo\njw -b %s new\njc\n' "$block" | debugfs -w a.img >/dev/null 2>&1
if dumpe2fs -h a.img 2>/dev/null | grep -q needs_recovery; then
	sum=$(sha256sum <a.img)
	exits 0 "a file system with a journal to replay" pillion cat a.img:/file
	is "$out" "$(cat new)" "... shows what the journal holds"
	everything a.img >/dev/null
	ok "... to every reading command"
	unchanged a.img "$sum"
	ok "... and the image is untouched"
	dumpe2fs -h a.img 2>/dev/null | grep -q needs_recovery
	ok "... and still wants its replay"
	exits 0 "a writing command" pillion mkdir a.img:/w
	dumpe2fs -h a.img 2>/dev/null | grep -q needs_recovery
	[ $? = 1 ]
	ok "... replays it for good"
	exits 0 "... fsck" e2fsck -fn a.img
	is "$(pillion cat a.img:/file)" "$(cat new)" "... and the data is there"
else
	skip "journal replay" "this debugfs cannot write a journal"
fi
if have mkfs.xfs && supported xfs; then
	image x.img 320M mkfs.xfs -q -f
	pillion cp new x.img:/file
	sum=$(sha256sum <x.img)
	everything x.img >/dev/null
	ok "xfs: every reading command works"
	unchanged x.img "$sum"
	ok "... and changes nothing"
else
	skip "xfs" "mkfs.xfs is missing, or not in this configuration of the library"
fi
done_testing
