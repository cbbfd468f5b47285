#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The process is confined while it works: every thread has the seccomp filter, and who has taken the
# process over writes to no file but below the destination (Landlock).
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs

case " ${PILLION_ARGS:-} " in
*--no-sandbox*)
	echo "1..0 # SKIP --no-sandbox is given"
	exit 0
	;;
esac
image a.img 32M mkfs.ext4 -q
perl -e 'print "x" x 3000000' >big
pillion cp big a.img:/
mkfifo slow

hold() { # a command that waits, writing to a pipe that nobody reads
	"$PILLION" "$@" a.img:/big >slow &
	job=$!
	exec 3<slow
	head -c 1 <&3 >/dev/null # now it writes, and is confined
}
release() {
	exec 3<&-
	wait $job
}
field() { # of every thread
	sed -n "s/^$1:[[:space:]]*//p" /proc/$job/task/*/status | sort -u | tr '\n' ' '
}

hold cat
is "$(field Seccomp)" "2 " "every thread has a seccomp filter"
is "$(field NoNewPrivs)" "1 " "... and can gain no privileges"
release
hold cat --no-sandbox
is "$(field Seccomp)" "0 " "--no-sandbox leaves it out"
release
for command in "ls -lR a.img:/" "tree a.img:/" "stat a.img:/big" "info a.img" "df a.img" \
	"cp big a.img:/b2" "cp a.img:/b2 out" "tar -c -f t.tar a.img:/" "mkdir a.img:/d" \
	"mv a.img:/b2 a.img:/d" "ln a.img:/big a.img:/l" "ln -s big a.img:/s" "rm -r a.img:/d" \
	"tar -x -f t.tar a.img:/"; do
	# shellcheck disable=SC2086
	exits 0 "works confined: $command" pillion $command
done
mkdir there
exits 0 "a destination directory" pillion cp -r a.img:/ there

# intruded ON FILES COMMAND...: run the command with an intruder in it; its words are in $said
intruded() {
	local on=$1 files=$2
	shift 2
	said=$(INTRUDE_ON=$on INTRUDE=$files LD_PRELOAD=$work/intruder.so pillion "$@" 2>&1 \
		>/dev/null | grep -E '^intruder|refused')
}
landlock() { perl -e 'exit(syscall(444, 0, 0, 1) < 1)'; } # its version, or an error
mkdir dest elsewhere tree tree/dir
pillion mkdir --parents a.img:/sub/in
if ! have cc; then
	skip "an intruder" "cc is missing (Debian package gcc)"
else
	cc -shared -fPIC -o intruder.so "$source/intruder.c"
	intruded write "$work/elsewhere/a" cat a.img:/big
	like "$said" "is refused by the sandbox" "reading: the intruder can open no file at all"
	intruded mkdirat "$work/dest/a:$work/elsewhere/a" cp --no-sandbox -r a.img:/sub dest
	is "$said" "intruder: $work/dest/a: open
intruder: $work/elsewhere/a: open" "--no-sandbox: the intruder opens what it likes"
	rm -rf dest/* elsewhere/*
fi
if ! have cc || ! landlock; then
	skip "Landlock" "cc (Debian package gcc), or Landlock in the host's kernel, is missing"
else
	intruded mkdirat "$work/dest/a:$work/elsewhere/a:$work/a.img" cp -r a.img:/sub dest
	is "$said" "intruder: $work/dest/a: open
intruder: $work/elsewhere/a: Permission denied
intruder: $work/a.img: Permission denied" "copying out: it writes below the destination only"
	[ -d dest/sub/in ]
	ok "... and the copy is there"
	intruded getdents64 "$work/elsewhere/a:$work/tree/a" cp -r tree a.img:/
	is "$said" "intruder: $work/elsewhere/a: Permission denied
intruder: $work/tree/a: Permission denied" "copying in: it writes to no file of the host"
	exits 0 "... and the copy is there" pillion ls a.img:/tree/dir
	is "$(find elsewhere tree -type f)" "" "... and no file came about"
fi
exits 0 "fsck" e2fsck -fn a.img
done_testing
