#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's busybox by "pillion run": a session of its shell that comes from standard input, with
# pipes, scripts, jobs and files. Environment: PILLION (the command), IMAGE, PG_ROOT (a folder with
# busybox and its links).

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
have qemu-system-x86_64 || skip_all "qemu-system-x86_64 is missing (Debian package qemu-system-x86)"

run() { # OPTION... PROGRAM ARGUMENT...
	timeout 120 "${PILLION:?}" run --kernel="${IMAGE:?}" --net=none --root="${PG_ROOT:?}" "$@"
}

out=$(run /bin/sh -c 'echo "$0 $*"; exit 42' one 'two words')
is "$?" 42 "the exit status"
is "$out" "one two words" "arguments"

out=$(run /bin/sh 2>&1 <<'END'
mkdir -p /tmp/work/sub && cd /tmp/work
seq 1 500 | sort -rn | awk '{ n += $1 } END { print "sum " n }'
cat >script <<'SCRIPT'
#!/bin/sh
# Count its arguments, in a loop, with a function and a case.
count() { echo "$#"; }
for word; do
	case $word in
	b*) echo "b: $word" ;;
	*) echo "other: $word" ;;
	esac
done
exit "$(count "$@")"
SCRIPT
chmod +x script
./script apple banana cherry; echo "status $?"
ls -l script | cut -c1-10
(until [ -e quick ]; do sleep 0.1; done; echo slow) & (echo quick; >quick) & wait; echo waited
find . -type f | xargs md5sum | wc -l
dd if=/dev/zero bs=1k count=300 2>/dev/null | gzip -c | gunzip -c | wc -c
tar cf - script | tar tf - | sed 's/^/listed /'
printf 'a\nb\n' >one; printf 'a\nc\n' >two; diff one two | tail -n 2
expr 6 '*' 7
kill -9 $$
END
)
is "$?" 137 "the end of the session: a signal"
like "$out" "sum 125250" "a pipe of three"
like "$out" "other: apple
b: banana
other: cherry
status 3" "a script with a function, a loop, a case"
like "$out" "-rwxr-xr-x" "its mode"
like "$out" "quick
slow
waited" "jobs in the background"
like "$out" "307200" "300 KiB through gzip and back"
like "$out" "listed script" "tar into tar"
like "$out" "-b
+c" "diff"
like "$out" "42" "expr"

# Linux's own tracer, which uses ptrace(2).
if have strace; then
	out=$(timeout 120 "$PILLION" run --kernel="$IMAGE" --net=none --file=/bin/busybox:/bin/busybox \
		"$(command -v strace)" -f /bin/busybox sh -c '/bin/busybox cat /proc/version; exit 3' 2>&1)
	is "$?" 3 "strace: the status of what it traces"
	like "$out" 'openat(AT_FDCWD, "/proc/version", O_RDONLY' "a call"
	like "$out" "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED" "a signal"
	like "$out" "+++ exited with 3 +++" "an end"
else
	skip "strace" "strace is missing (Debian package strace)"
fi
done_testing
