#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What is in the way of a copy, and files that are two things to it: source and destination, image
# and destination, a directory and where it goes.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need tar tar

# a file onto itself
image a.img 8M mkfs.ext4 -q
perl -e 'print "x" x 3000000' >big
pillion cp big a.img:/big
sum=$(sha256sum <big)
exits 1 "a file onto itself" pillion cp a.img:/big a.img:/big
like "$out" "same file" "... is refused"
exits 1 "... into its directory" pillion cp a.img:/big a.img:/
pillion ln a.img:/big a.img:/also
exits 1 "... under another name" pillion cp a.img:/also a.img:/big
pillion ln -s big a.img:/link
exits 1 "... by a link to it" pillion cp a.img:/link a.img:/big
exits 1 "a link onto itself" pillion cp -r a.img:/link a.img:/
is "$(pillion cat a.img:/big | sha256sum)" "$sum" "the file is whole"
pillion mkdir a.img:/dir
pillion cp big a.img:/dir/f
exits 1 "a directory onto itself" pillion cp -r a.img:/dir a.img:/
like "$out" "same file" "... is refused"
exits 1 "what is in it onto itself" pillion cp -r a.img:/dir/. a.img:/dir
is "$(pillion ls -R a.img:/dir)" "a.img:/dir:
f" "nothing was added"
exits 0 "fsck" e2fsck -fn a.img

# a replacement that fails
image full.img 2M mkfs.ext4 -q
echo old >f
pillion cp f full.img:/f
pillion cp f full.img:/g
exits 1 "a file that has no room" pillion cp big full.img:/f
is "$(pillion cat full.img:/f)" old "... leaves what it was to replace"
tar --transform s/big/g/ -cf big.tar big
exits 1 "... from an archive, too" pillion tar -x -f big.tar full.img:/
is "$(pillion cat full.img:/g)" old "... leaves what it was to replace"
is "$(pillion ls -a full.img:/)" "f
g
lost+found" "... and nothing else"
exits 0 "fsck" e2fsck -fn full.img
head -c 100000 big.tar >cut.tar
exits 1 "a truncated archive" pillion tar -x -f cut.tar full.img:/
is "$(pillion cat full.img:/g)" old "... leaves what it was to replace"
echo old >host
# the limit leaves room for the kernel's memory
perl -e 'print "x" x 80000000' >eighty
image w.img 128M mkfs.ext4 -q
pillion cp eighty w.img:/host
# shellcheck disable=SC2317,SC2086
limited() { (ulimit -f 70000 && exec "$PILLION" cp ${PILLION_ARGS:-} "$@"); }
mkdir there
cp host there
exits 1 "a host that has no room" limited w.img:/host there
is "$(cat there/host) $(ls -A there)" "old host" "... keeps what was there"
pillion rm full.img:/g
cp f same && ln same same2
pillion cp -r same same2 full.img:/
exits 0 "links over links" pillion cp -r same same2 full.img:/
exits 0 "... again, from an archive" bash -c 'tar -cf - same same2 | "$1" tar ${3:-} -x "$2"' - \
	"$PILLION" full.img:/ "${PILLION_ARGS:-}"
like "$(pillion stat full.img:/same)" "2 links" "... are links"
is "$(pillion ls -a full.img:/)" "f
lost+found
same
same2" "... and nothing else"
tar -rf same.tar same same2 same
exits 0 "a link to itself in an archive" pillion tar -x -f same.tar full.img:/
is "$(pillion cat full.img:/same2)" old "... loses nothing"

# the image is the destination
image v.img 8M mkfs.ext4 -q
pillion cp f v.img:/v.img
pillion cp f v.img:/h
exits 1 "a copy over the image" pillion cp v.img:/h v.img
like "$out" "image that is in use" "... is refused"
exits 1 "... in its directory" pillion cp -r v.img:/ .
like "$out" "image that is in use" "... is refused"
exits 1 "an archive over the image" pillion tar -c -f v.img v.img:/
like "$out" "image that is in use" "... is refused"
exits 0 "the image is whole" e2fsck -fn v.img
is "$(stat -c %s v.img)" 8388608 "... and of its size"
echo precious >precious.tar
head -c 1M /dev/zero >zero.img
exits 3 "an archive of what cannot be mounted" pillion tar -c -f precious.tar zero.img:/
is "$(cat precious.tar)" precious "... leaves the file that it was to replace"
cp eighty t.tar
exits 0 "a longer file is replaced" pillion tar -c -f t.tar v.img:/
[ "$(stat -c %s t.tar)" -lt 100000 ]
ok "... whole"
pillion tar -c -f /dev/stdout v.img:/ | tar -tf - >/dev/null
ok "a pipe as the file"

# into itself
image t.img 8M mkfs.ext4 -q
pillion mkdir --parents t.img:/a/sub t.img:/d/e
pillion cp f t.img:/d/f
exits 1 "a directory into itself, as the second operand" pillion cp -r t.img:/a t.img:/d t.img:/d
like "$out" "into itself" "... is refused"
is "$(pillion ls t.img:/d)" "a
e
f" "... and the first is there"
exits 1 "... into one below" pillion cp -r t.img:/d t.img:/d/e
like "$out" "into itself" "... is refused"
exits 1 "... to a new name there" pillion cp -r t.img:/d t.img:/d/e/new
exits 1 "what is in the root into a directory" pillion cp -r t.img:/. t.img:/d
like "$out" "d: not copied into itself" "... but for that directory"
is "$(pillion ls t.img:/d)" "a
e
f
lost+found" "... only once"
exits 0 "fsck" e2fsck -fn t.img
# a file that replaces what an earlier operand made, of which a later one is a further name
mkdir d1 d2 d3
echo one >d1/f
ln d1/f d3/g
echo two >d2/f
pillion mkdir a.img:/merged
exits 0 "operands of the same name" pillion cp d1/f d2/f d3/g a.img:/merged
is "$(pillion cat a.img:/merged/f)" two "... the later one is there"
is "$(pillion cat a.img:/merged/g)" one "... a further name of the earlier one has its contents"
done_testing
