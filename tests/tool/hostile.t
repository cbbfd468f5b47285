#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Images made to harm: nothing is read or written outside of the image and of the destination.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs
need debugfs e2fsprogs

# Without checksums and hashed directories, so that names can be changed in the image's bytes.
make_image() { image "$1" 8M mkfs.ext2 -q -O none,filetype; }
# Replace one name by another of the same length in directory blocks.
rename_raw() { # IMAGE OLD NEW
	perl -0777 -i -pe 'BEGIN { ($o, $n) = splice @ARGV, 0, 2; $n =~ s/\\0/\0/g }
		s/\Q$o\E/$n/g' "$2" "$3" "$1"
}

# links that lead out
make_image l.img
echo inside >f
mkdir outside && echo secret >outside/secret
debugfs -w l.img >/dev/null 2>&1 <<END
mkdir dir
write f dir/f
symlink abs $work/outside/secret
symlink up ../../../../../../../../..$work/outside/secret
symlink dirlink $work/outside
symlink dir/rel ../../../../dir/f
symlink loop loop
END
exits 1 "an absolute link ends in the image" pillion cat l.img:/abs
like "$out" "No such file" "... where nothing is"
exits 1 "a link with .. ends in the image" pillion cat l.img:/up
exits 1 "a path with .. ends in the image" pillion cat \
	"l.img:/../../../../../..$work/outside/secret"
exits 0 "... at the image's root" pillion cat l.img:/../../dir/f
exits 0 "stat of .." pillion stat --json l.img:/.. l.img:/ l.img:/dir/.. l.img:/dir/../..
is "$(grep -c '"inode": 2,' <<<"$out")" 4 "... is the image's root"
exits 0 "ls -d of .." pillion ls --json -d l.img:/.. l.img:/dir/../..
is "$(grep -c '"inode": 2,' <<<"$out")" 2 "... is the image's root"
exits 1 "mv to .." pillion mv l.img:/dir l.img:/../out/..
exits 1 "mv of .." pillion mv l.img:/.. l.img:/dir
exits 1 "ln of .." pillion ln l.img:/.. l.img:/dir/new
exits 0 "a relative link that goes beyond the root" pillion cat l.img:/dir/rel
is "$out" inside "... is followed in the image"
exits 1 "a link to itself" pillion cat l.img:/loop
exits 1 "writing through an absolute link" pillion cp f l.img:/dirlink/new
[ ! -e outside/new ]
ok "... does not reach the host"
exits 0 "copying the links out" pillion cp -r l.img:/ links
is "$(readlink links/abs)" "$work/outside/secret" "... keeps them as links"

# a link and a file of the same name: a lookup finds the link both times
make_image t.img
echo evil >evil
debugfs -w t.img >/dev/null 2>&1 <<END
symlink victim $work/outside/secret
write evil victin
symlink dirvic $work/outside
mkdir dirvid
write evil dirvid/secret
END
rename_raw t.img victin victim
rename_raw t.img dirvid dirvic
pillion cp -r t.img:/ twice >/dev/null 2>&1
[ $? -lt 5 ]
ok "two entries of one name are survived"
is "$(cat outside/secret)" secret "... and nothing is written through the link"
is "$(ls outside)" secret "... nor into the directory that it leads to"

# a link, then a file of its name from another directory: it must not be written through the link
make_image o.img
debugfs -w o.img >/dev/null 2>&1 <<END
mkdir a
symlink a/victim $work/outside/secret
symlink a/new $work/outside/new
symlink a/dir $work/outside
mkdir b
write evil b/victim
write evil b/new
mkdir b/dir
write evil b/dir/secret
END
rm -rf through && mkdir through
exits 1 "a link, then a file and a directory of its name" pillion cp -r \
	o.img:/a/. o.img:/b/. through
is "$(cat outside/secret) $(ls outside)" "secret secret" "... nothing goes through the links"
is "$(cat through/victim through/new)" "evil
evil" "... the files are there instead of them"
is "$(readlink through/dir)" "$work/outside" "... the directory is what failed"

# a directory below itself
debugfs -w -R 'link / /b/dir/root' o.img >/dev/null 2>&1
like "$(debugfs -R 'ls -p /b/dir' o.img 2>/dev/null)" "/2/040755/0/0/root/" "a loop of directories"
for command in "ls -lR o.img:/" "tree o.img:/" "cp -r o.img:/ loop" "tar -c -f loop.tar o.img:/"; do
	# shellcheck disable=SC2086
	pillion $command >/dev/null 2>err
	status=$?
	{ [ $status = 1 ] || [ $status = 4 ]; } && [ -s err ]
	ok "... ends with a message: ${command%% *} (exit $status)"
done

# the same with a link that was in the destination before
rm -rf twice && mkdir twice
ln -s "$work/outside/secret" twice/f
ln -s "$work/outside" twice/dir
exits 1 "links in the destination" pillion cp -r l.img:/dir/f l.img:/dir twice
is "$(cat outside/secret) $(ls outside)" "secret secret" "... are not followed"
is "$(cat twice/f)" inside "... a link is replaced by the file"

# names that no directory may hold
neighbours() { # all files in the work directory but what goes to names/, and what the tests write
	find "$work" -path "$work/names" -prune -o -printf '%P %y %l\n' | sort
	find "$work" -path "$work/names" -prune -o -type f ! -name 'n.*' ! -name err -print0 |
		sort -z | xargs -0 sha256sum
}
for name in 'a/b' '../' '../up' "$work/up" '..' '.' 'a\0b' ''; do
	make_image n.img
	len=$(perl -e '$_ = shift; s/\\0/0/g; print length' "$name")
	place=$(perl -e 'print "Q" x ($ARGV[0] || 1)' "$len")
	printf 'write evil %s\n' "$place" | debugfs -w n.img >/dev/null 2>&1
	if [ -z "$name" ]; then # length 0
		perl -0777 -i -pe 's/(..)\x01(.)Q/$1\0$2Q/s' n.img
	else
		rename_raw n.img "$place" "$name"
	fi
	rm -rf names && mkdir names
	: >n.tar
	neighbours >n.before
	for command in "ls -l n.img:/" "tree n.img:/" "cp -r n.img:/ names" \
		"tar -c -f n.tar n.img:/" "rm -r n.img:/lost+found"; do
		# shellcheck disable=SC2086
		pillion $command >/dev/null 2>err
		status=$?
		[ $status -le 4 ]
		ok "a file named '$name': ${command%% *} (exit $status)"
	done
	is "$(neighbours)" "$(cat n.before)" "a file named '$name': nothing goes up"
done

# escape sequences
make_image e.img
pillion cp evil "e.img:/$(printf 'a\033[2J\n\u202eb\xfe')"
is "$(pillion ls e.img:/)" "$(printf 'a\033[2J\n\u202eb\xfe\nlost+found')" \
	"raw names off the terminal"
if have script; then
	out=$(script -qec "'$PILLION' ls ${PILLION_ARGS:-} e.img:/" /dev/null </dev/null)
	like "$out" 'a\x1b[2J\n\xe2\x80\xaeb\xfe' "escaped names on a terminal"
else
	skip "escaped names on a terminal" "script is missing"
fi
out=$(pillion cat "e.img:/$(printf 'no\033[2Jne')" 2>&1)
like "$out" 'no\x1b[2Jne' "escaped names in messages"

# an image asking for a panic, and deep and odd directories
image p.img 8M mkfs.ext4 -q
tune2fs -e panic p.img >/dev/null
dd if=/dev/urandom of=p.img bs=1024 seek=40 count=200 conv=notrunc status=none
pillion ls -R p.img:/ >/dev/null 2>&1
[ $? -le 4 ]
ok "errors=panic in the superblock is not obeyed"
image d.img 32M mkfs.ext4 -q
path=
for _ in $(seq 300); do path=$path/d; done
exits 0 "300 directories deep" pillion mkdir --parents "d.img:$path"
exits 0 "... copied out" pillion cp -r d.img:/d deep
exits 0 "... and removed" pillion rm -r d.img:/d
exits 0 "... fsck" e2fsck -fn d.img

# directories with two names: thirty levels of them are a thousand million paths
image two.img 8M mkfs.ext2 -q -O none,filetype
deep=
for i in $(seq 30); do deep=$deep/d$i; done
pillion mkdir --parents "two.img:$deep"
path=
for i in $(seq 30); do
	echo "ln $path/d$i $path/e"
	path=$path/d$i
done | debugfs -w two.img >/dev/null 2>&1
for command in "ls -R two.img:/" "tree two.img:/" "cp -r two.img:/ two" \
	"tar -c -f two.tar two.img:/" "cp -r two.img:/d1 two.img:/new"; do
	# shellcheck disable=SC2086
	LIMIT=10 exits 4 "directories with two names: ${command%% *}" pillion $command
	like "$out" "once more" "... is told"
done
is "$(find two -name "d*" | wc -l)" 30 "... and each is copied once"
LIMIT=10 exits 4 "... and rm ends" pillion rm -r two.img:/d1

# an archive with names that lead out
image x.img 8M mkfs.ext4 -q
if have tar; then
	tar -cPf up.tar --transform 's,^evil$,../../up,' evil
	exits 1 "tar: a name with .." pillion tar -x x.img:/ <up.tar
	like "$out" "refused" "... is refused"
	ln -sfn "$work/outside" evil-link
	tar -cf link.tar evil-link
	tar -rf link.tar --transform 's,^evil$,evil-link/secret,' evil
	pillion tar -x x.img:/ <link.tar >/dev/null 2>&1
	is "$(cat outside/secret)" secret "tar: a link and a file through it stay in the image"
	# a link, then a directory of its name: /proc is the library kernel's, not the image's
	image y.img 8M mkfs.ext4 -q
	mkdir -p names usr && rm -rf names/*
	ln -s /proc/sys names/out
	ln -s usr names/lib
	ln -s nowhere names/dead
	echo file >names/plain
	tar -cf names.tar -C names .
	rm names/*
	mkdir -m 711 names/out names/lib names/dead names/plain && chmod 711 usr
	exits 0 "tar: links" bash -c 'tar -cf - usr | "$1" tar ${2:-} -x y.img:/' - "$PILLION" \
		"${PILLION_ARGS:-}"
	exits 0 "... and more" pillion tar -x y.img:/ <names.tar
	tar -cf names.tar -C names .
	exits 0 "... then directories of their names" pillion tar -x y.img:/ <names.tar
	like "$(pillion ls -l y.img:/)" "lib -> usr" "... a link to a directory of the image stays"
	is "$(pillion ls -l y.img:/ | grep -E ':.. (usr|out|dead|plain)$' | cut -c1-10 | sort -u)" \
		"drwx--x--x" "... that is changed; what leads nowhere, or is none, becomes one"
	tar -cPf abs.tar --transform "s,^evil\$,$work/outside/abs," evil
	exits 0 "tar: an absolute name" pillion tar -x x.img:/ <abs.tar
	[ ! -e outside/abs ] && pillion cat "x.img:$work/outside/abs" >/dev/null
	ok "... goes into the image"
else
	skip "archives with names that lead out" "tar is missing"
fi
done_testing
