#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Run without some of the standard descriptors: an image never gets their numbers, so that no
# message is written into it.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs

image a.img 16M mkfs.ext4 -q
echo text >file
sum=$(sha256sum <a.img)
pillion cat a.img:/nonesuch 2>&-
is $? 1 "a message without standard error"
pillion ls a.img:/ a.img:/nonesuch <&- >&- 2>&-
is $? 1 "without any"
unchanged a.img "$sum"
ok "... the image is untouched"
pillion mkdir a.img:/a/b 2>&-
is $? 1 "a failure while the image is open for writing"
pillion mkdir a.img:/a/b <&- >&- 2>&-
is $? 1 "... without any"
pillion cp file a.img:/ <&- >&- 2>&-
ok "a copy in"
! grep -q "pillion: " a.img
ok "... no message is in the image"
exits 0 "... fsck is clean" e2fsck -fn a.img
pillion cat a.img:/file >&- 2>/dev/null
is $? 1 "output that nobody takes is a failure"
done_testing
