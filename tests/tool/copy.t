#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What cp keeps: modes, owners, times, links, holes, attributes; and what it does where it cannot.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs

unix_tree tree
image a.img 128M mkfs.ext4 -q
image b.img 128M mkfs.ext4 -q -b 1024

exits 0 "a tree in" pillion cp -r tree a.img:/
exits 0 "... between images" pillion cp -r a.img:/tree b.img:/
exits 0 "... inside one image" pillion cp -r b.img:/tree b.img:/copy
exits 0 "... and out" pillion cp -r b.img:/copy out
is "$(describe out)" "$(describe tree)" "modes, times, links and contents are the same"
is "$(stat -c %h out/file)" 2 "a hard link is one file"
[ "$(stat -c %b out/sparse)" -lt 100 ]
ok "holes stay holes"
exits 0 "fsck of the source" e2fsck -fn a.img
exits 0 "fsck of the copy" e2fsck -fn b.img
[ "$(debugfs -R 'stat /tree/sparse' a.img 2>/dev/null |
	sed -n 's/.*Blockcount: *\([0-9]*\).*/\1/p')" -lt 100 ]
ok "holes are holes in the image"
like "$(debugfs -R 'stat /tree/file' a.img 2>/dev/null)" "2001" "debugfs sees the old time"
like "$(pillion stat a.img:/tree/file)" "05:06.123456789" "nanoseconds are kept"

# attributes
if have setfattr && setfattr -n user.one -v 1 tree/file 2>/dev/null; then
	setfattr -n user.binary -v 0x00ff00 tree/file
	setfattr -n user.dir -v d tree/sub
	pillion cp -r tree/file tree/sub a.img:/
	like "$(pillion stat a.img:/file)" 'user.one="1"' "attributes go in"
	like "$(pillion stat a.img:/file)" 'user.binary=0x00ff00' "... with any bytes"
	like "$(pillion stat a.img:/sub)" 'user.dir="d"' "... of directories, too"
	rm -rf xa && pillion cp -r a.img:/ xa >/dev/null 2>&1
	is "$(getfattr -d -e hex --absolute-names xa/file | tail -n +2)" \
		"$(getfattr -d -e hex --absolute-names tree/file | tail -n +2)" "... and out"
else
	skip "attributes" "setfattr, or attributes on $work, are missing"
fi
if have setfacl && setfacl -m u:12:rw tree/sub/big 2>/dev/null; then
	pillion cp tree/sub/big a.img:/acl && pillion cp a.img:/acl acl
	is "$(getfacl -cn acl)" "$(getfacl -cn tree/sub/big)" "access control lists are kept"
else
	skip "access control lists" "setfacl, or ACLs on $work, are missing"
fi

# owners
pillion cp --owner=12:34 tree/file a.img:/owned
like "$(pillion stat a.img:/owned)" "owner     12, group 34" "--owner=UID:GID"
pillion cp --owner=root:root tree/file a.img:/owned
like "$(pillion stat a.img:/owned)" "owner     0, group 0" "--owner=USER:GROUP"
exits 2 "--owner with an unknown user" pillion cp --owner=no-such-user:0 tree/file a.img:/owned
pillion cp tree/file a.img:/owned
like "$(pillion stat a.img:/owned)" "owner     $(id -u), group $(id -g)" "owners go in as they are"

if root && have setfattr; then
	cp tree/file capable
	chmod 4755 capable
	setfattr -n security.capability -v 0x0100000200000000000000000000000000000000 capable
	pillion cp --owner=12:12 capable a.img:/capable
	like "$(pillion stat a.img:/capable)" security.capability "capabilities are kept"
	pillion cp --owner=none a.img:/capable capable2
	is "$(stat -c %a capable2) $(getfattr -m - capable2 2>/dev/null)" "755 " \
		"... and dropped with the set-user-ID bit"
	pillion cp --owner=keep a.img:/capable capable3
	like "$(getfattr -m - capable3 2>/dev/null)" security.capability "... and only then"
	pillion tar -c -f capable.tar a.img:/capable
	pillion mkdir a.img:/d0
	pillion tar -x --owner=none -f capable.tar a.img:/d0
	is "$(pillion stat a.img:/d0/capable | grep -c capability)" 0 "... by tar, too"
else
	skip "capabilities" "needs root and setfattr"
fi

# names and places
pillion mkdir a.img:/d
exits 0 "into a directory" pillion cp tree/file a.img:/d
exits 0 "to a new name" pillion cp tree/file a.img:/d/new
is "$(pillion ls a.img:/d)" "file
new" "... both are there"
exits 0 "several into a directory" pillion cp tree/file tree/zero a.img:/d
exits 1 "several to a name that is no directory" pillion cp tree/file tree/zero a.img:/d/new
exits 1 "a directory without -r" pillion cp tree a.img:/d/tree
like "$out" "use -r" "... with the cure"
exits 1 "into a directory that is not there" pillion cp tree/file a.img:/nonesuch/file
exits 0 "the contents of a directory" pillion cp -r tree/sub/. a.img:/d
like "$(pillion ls a.img:/d)" "big" "... without the directory"
exits 0 "a link is followed without -r" pillion cp a.img:/tree/link followed
cmp -s followed tree/file
ok "... to the file"
exits 0 "a file replaces a file" pillion cp tree/sub/deep/odd a.img:/d/new
pillion cat a.img:/d/new | cmp -s - tree/sub/deep/odd
ok "... whole"
exits 1 "a file does not replace a directory" pillion cp tree/file a.img:/x/../d/../tree
pillion cp tree/file a.img:/plain && echo old >local && exits 0 "on the host, too" pillion cp \
	a.img:/plain local
is "$(cat local)" hello "... whole"
exits 1 "a directory is not copied into itself" pillion cp -r a.img:/d a.img:/d/inner
like "$out" "into itself" "... with the reason"
mkfifo pipe
exits 1 "a fifo of the host is not replaced" pillion cp a.img:/plain pipe
exits 0 "cat of several" pillion cat a.img:/tree/file a.img:/tree/file
is "$out" "hello
hello" "... one after the other"

# one failure does not stop the rest
if ! root; then
	mkdir -p part && echo 1 >part/a && echo 2 >part/b && chmod 0 part/a
	exits 1 "a file that cannot be read" pillion cp -r part a.img:/part
	is "$(pillion ls a.img:/part)" b "... is left out, the rest is there"
else
	skip "a file that cannot be read" "root may read everything"
fi
image full.img 2M mkfs.ext4 -q
exits 1 "a full file system" pillion cp -r tree/sub/big tree/file full.img:/
like "$out" "No space left on device" "... is named"
is "$(pillion ls full.img:/)" "file
lost+found" "... and the half-written file is gone, the next one is there"
exits 0 "... and fsck is clean" e2fsck -fn full.img

# the host cannot take what is written (the limit leaves room for the kernel's memory)
image host.img 200M mkfs.ext4 -q
perl -e 'print "x" x 50000000' >fifty
# shellcheck disable=SC2086
limited() { (ulimit -f 70000 && exec "$PILLION" cp ${PILLION_ARGS:-} "$@"); }
exits 1 "a host that takes no more" limited fifty host.img:/
like "$out" "Input/output error" "... is an error"
like "$out" "disk full" "... with what to look for"
e2fsck -fp host.img >/dev/null 2>&1
[ $? -le 1 ]
ok "... fsck by the journal alone"
if root && loop=$(losetup -f --show b.img 2>/dev/null); then
	exits 0 "a block device" pillion ls "$loop:/"
	exits 0 "... written" pillion cp tree/file "$loop:/on-loop"
	mkdir mnt
	if mount "$loop" mnt 2>/dev/null; then
		exits 5 "... not while the host has it mounted" pillion mkdir "$loop:/no"
		umount mnt
	else
		skip "... not while the host has it mounted" "the host cannot mount it"
	fi
	losetup -d "$loop"
	exits 0 "... fsck" e2fsck -fn b.img
else
	skip "a block device" "needs root and a loop device"
fi

# without root
if root && have setpriv; then
	cp a.img u.img
	chmod 666 u.img
	mkdir user && chmod 777 user
	user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	rm -rf dev && mkdir dev && mknod dev/null c 1 3 && echo x >dev/file && chmod 4755 dev/file
	exits 0 "device nodes go in" pillion cp -r dev u.img:/
	like "$(pillion ls -l u.img:/dev)" "1, 3" "... with their numbers"
	# shellcheck disable=SC2086
	exits 0 "as another user, out" user "$PILLION" cp ${PILLION_ARGS:-} -r u.img:/dev user/dev
	like "$out" "device nodes need root" "... device nodes are skipped with a note"
	is "$(stat -c '%U %a' user/dev/file)" "nobody 755" \
		"... files are the user's, not set-user-ID"
	# shellcheck disable=SC2086
	exits 1 "... unless owners are asked for" user "$PILLION" cp ${PILLION_ARGS:-} -r \
		--owner=keep u.img:/dev user/dev2
	like "$out" "--owner" "... with the cure"
	# shellcheck disable=SC2086
	exits 0 "... in" user "$PILLION" cp ${PILLION_ARGS:-} /etc/passwd u.img:/etcpasswd
	exits 0 "... and fsck is clean" e2fsck -fn u.img
else
	skip "as another user" "needs root and setpriv"
fi

# many small files
mkdir many && perl -e 'for (1 .. 2000) { open F, ">many/f$_"; print F "x" x ($_ % 5000) }'
exits 0 "2,000 small files in" pillion cp -r many a.img:/many
exits 0 "... and out" pillion cp -r a.img:/many many2
diff -r many many2
ok "... the same"
exits 0 "fsck after all this" e2fsck -fn a.img
done_testing
