#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Tar streams, out and in, against GNU tar.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need tar tar

unix_tree tree
have setfacl && setfacl -m u:12:rw,g:34:r tree/sub/big 2>/dev/null &&
	setfacl -d -m u:12:rx tree/sub 2>/dev/null && acls=1
have setfattr && setfattr -n user.one -v 1 tree/file 2>/dev/null && attributes=1
image a.img 96M mkfs.ext4 -q
image b.img 96M mkfs.ext4 -q
as_root=--same-owner
root || as_root=--no-same-owner

pillion cp -r tree a.img:/
exits 0 "create" pillion tar -c -f one.tar a.img:/tree
exits 0 "GNU tar lists it" tar -tf one.tar
mkdir gnu && tar $as_root --acls --xattrs -xpf one.tar -C gnu 2>tar.err
ok "GNU tar unpacks it" || sed 's/^/# /' tar.err
is "$(describe gnu)" "$(describe tree)" "... to the same tree"
[ "$(stat -c %b gnu/sparse)" -lt 200 ]
ok "... with holes"
if [ -n "${attributes:-}" ]; then
	is "$(getfattr -d gnu/file | tail -n +2)" "$(getfattr -d tree/file | tail -n +2)" \
		"... and attributes"
else
	skip "... and attributes" "setfattr, or attributes on $work, are missing"
fi
if [ -n "${acls:-}" ]; then
	is "$(cd gnu && getfacl -nR .)" "$(cd tree && getfacl -nR .)" "... and access control lists"
else
	skip "... and access control lists" "setfacl, or ACLs on $work, are missing"
fi
[ "$(stat -c %s one.tar)" -lt 4000000 ]
ok "... the holes are not in the archive"
pillion mkdir b.img:/p
exits 0 "extract our own" pillion tar -x -f one.tar b.img:/p
exits 0 "... and take it out" pillion cp -r b.img:/p out
is "$(describe out)" "$(describe tree)" "... the same"
like "$(pillion stat b.img:/p)" "$(stat -c %a tree)" "... the top directory, too"

for format in gnu pax ustar; do
	options=
	[ $format = pax ] && options="--sparse --acls --xattrs"
	# shellcheck disable=SC2086
	tar --format=$format $options -C tree -cf f.tar .
	pillion rm -rf b.img:/f
	pillion mkdir b.img:/f
	exits 0 "extract GNU tar's $format" pillion tar -x b.img:/f <f.tar
	rm -rf out && pillion cp -r b.img:/f out
	if [ $format = pax ]; then
		is "$(describe out)" "$(describe tree)" "... the same"
		if [ -n "${acls:-}" ]; then
			is "$(cd out && getfacl -nR .)" "$(cd tree && getfacl -nR .)" \
				"... access control lists, too"
		else
			skip "... access control lists, too" "setfacl, or ACLs on $work, are missing"
		fi
	else
		is "$(contents out)" "$(contents tree)" "... the same contents"
	fi
done
pillion rm -rf b.img:/f
pillion mkdir b.img:/f
pillion tar -c a.img:/tree | pillion tar -x b.img:/f
ok "from image to image by a pipe"
rm -rf out && pillion cp -r b.img:/f out
is "$(describe out)" "$(describe tree)" "... the same"
exits 0 "extract over what is there" pillion tar -x -f one.tar b.img:/p
exits 0 "one file" pillion tar -c -f two.tar a.img:/tree/sub/big
is "$(tar -tf two.tar)" big "... by its name"
exits 0 "--owner" pillion tar -x --owner=12:34 -f two.tar b.img:/
like "$(pillion stat b.img:/big)" "owner     12, group 34" "... is set"
exits 0 "fsck" e2fsck -fn b.img

head -c 700000 one.tar >cut.tar
exits 1 "a truncated archive" pillion tar -x -f cut.tar b.img:/f
gzip -c one.tar >one.tar.gz
exits 1 "a compressed archive" pillion tar -x -f one.tar.gz b.img:/f
like "$out" "zcat" "... with the cure"
head -c 100000 /dev/urandom >junk.tar
exits 1 "an archive of junk" pillion tar -x -f junk.tar b.img:/f
exits 1 "into a directory that is not there" pillion tar -x -f one.tar b.img:/nonesuch
exits 1 "from a path that is not there" pillion tar -c -f x.tar b.img:/nonesuch
exits 1 "to a full device" pillion tar -c -f /dev/full a.img:/tree
exits 0 "fsck after all this" e2fsck -fn b.img
if root; then
	mkdir special && mknod special/null c 1 3 && mknod special/loop b 7 0 && mkfifo special/pipe
	tar -C special -cf special.tar .
	pillion mkdir b.img:/special
	exits 0 "device nodes in" pillion tar -x -f special.tar b.img:/special
	like "$(pillion ls -l b.img:/special)" "1, 3" "... with their numbers"
	pillion tar -c -f s2.tar b.img:/special
	is "$(tar -tvf s2.tar | cut -c1 | sort | tr -d '\n')" "bcdp" "... and out"
else
	skip "device nodes" "needs root"
fi
done_testing
