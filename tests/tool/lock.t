#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# One process writes to an image, or any number read it; a signal ends a command in good order.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need mkfs.ext4 e2fsprogs

image a.img 64M mkfs.ext4 -q
mkfifo slow

# Run in the background with default signals (a shell's background job ignores SIGINT).
background() {
	# shellcheck disable=SC2086
	perl -e '$SIG{INT} = $SIG{HUP} = "DEFAULT"; exec @ARGV' "$PILLION" "$1" ${PILLION_ARGS:-} \
		"${@:2}" <&0 2>err 3>&- &
	job=$!
}

# a writer that waits for its input
exec 3<>slow # both ends, so that opening it does not wait
background tar -x a.img:/ <slow
head -c 1 /dev/zero >&3
in_use a.img
exits 5 "a second writer is refused" pillion mkdir a.img:/x
like "$out" "in use" "... with the reason"
exits 5 "a reader beside a writer is refused" pillion ls a.img:/
exec 3>&-
wait $job
exits 0 "after the end, it is free" pillion mkdir a.img:/x

# readers beside each other
perl -e 'print "x" x 3000000' >big
pillion cp big a.img:/big
exec 3<>slow
background cat a.img:/big >slow
head -c 1 <&3 >/dev/null # now it writes
exits 0 "a second reader" pillion ls a.img:/
exits 5 "a writer beside a reader is refused" pillion mkdir a.img:/z
exec 3>&-
wait $job
is $? 1 "a reader whose pipe is closed ends with 1"
is "$(cat err)" "" "... silently"

# signals
for signal in INT TERM HUP; do
	case $signal in INT) want=130 ;; TERM) want=143 ;; HUP) want=129 ;; esac
	exec 3<>slow
	background tar -x a.img:/x <slow
	tar -cf - big 2>/dev/null | head -c 1000000 >&3
	in_use a.img
	kill -$signal $job
	wait $job
	is $? $want "SIG$signal while reading: exit status"
	exec 3>&-
	exits 0 "... fsck is clean" e2fsck -fn a.img
	exec 3<>slow
	background cat a.img:/big >slow
	head -c 1 <&3 >/dev/null
	kill -$signal $job
	wait $job
	is $? $want "SIG$signal while writing to a full pipe: exit status"
	exec 3>&-
done

# In the middle of a copy of 20,000 files: at one of the host's files the process is stopped, gets
# the signal, and goes on.
middle() { # SIGNAL FILES ARGUMENTS...: the status is in $status
	local signal=$1 at=$2 state=
	shift 2
	INTRUDE_ON=openat INTRUDE_AT=$at LD_PRELOAD=$work/intruder.so background "$@"
	until [ "$state" = T ] || [ "$state" = Z ]; do # Z: it ended, and its status will say so
		sleep 0.02
		state=$(sed 's/.*) //; s/ .*//' "/proc/$job/stat")
	done
	kill -"$signal" $job
	kill -CONT $job 2>/dev/null
	wait $job 2>/dev/null
	status=$?
}
if have cc; then
	cc -shared -fPIC -o intruder.so "$source/intruder.c"
	perl -e 'mkdir "tree"; for (1 .. 20000) { open F, ">tree/f$_"; print F "x" x 2000 }'
	image m.img 200M mkfs.ext4 -q -N 40000
	middle INT 2000 cp -r tree m.img:/
	is "$status" 130 "SIGINT in a long copy"
	exits 0 "... fsck is clean" e2fsck -fn m.img
	files=$(pillion ls m.img:/tree | wc -l)
	[ "$files" -gt 1000 ] && [ "$files" -lt 20000 ]
	ok "... a part of it is there ($files files)"
	pillion rm -rf m.img:/tree
	pillion cp -r tree m.img:/
	mkdir part
	middle INT 2000 cp -r m.img:/tree part
	is "$status" 130 "SIGINT in a long copy out"
	files=$(find part -type f | wc -l)
	[ "$files" -gt 1000 ] && [ "$files" -lt 20000 ]
	ok "... a part of it is there ($files files)"
	is "$(find part -type f -size -2000c | wc -l)" 0 "... no file is there in part"

	# killed outright: the journal puts it right
	for at in 5000 15000; do
		image k.img 200M mkfs.ext4 -q -N 40000
		middle KILL $at cp -r tree k.img:/
		is "$status" 137 "SIGKILL after $at files"
		exits 0 "... the image can be read" pillion ls k.img:/
		exits 0 "... and written" pillion mkdir k.img:/after
		exits 0 "... fsck is clean" e2fsck -fn k.img
	done
else
	skip "signals in the middle of a copy" "cc is missing (Debian package gcc)"
fi
done_testing
