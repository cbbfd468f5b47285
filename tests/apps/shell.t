#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Sessions of busybox's shell: a script with pipes that is compared with the host's run of the same;
# job control on a terminal, with ^C and ^Z. And a little Python.

# shellcheck source=tests/apps/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p files/root
cat >files/root/session <<'END'
cd "$1" || exit 1
mkdir -p a/b/c && for i in $(seq 1 200); do echo "line $i of file" >a/b/f$i; done
find a -type f | sort | wc -l
cat a/b/f* | sort | uniq | wc -l
ls a/b | sed -n 's/^f\(1..\)$/\1/p' | awk '{ s += $1 } END { print s, NR }'
tar -cf - a | gzip -9 | gunzip | tar -tf - | grep -c 'b/f'
seq 1 5000 >nums && rev <nums | rev | cmp - nums && echo same
sha256sum nums | cut -c1-16
dd if=/dev/zero bs=64k count=16 2>/dev/null | tr '\0' 'x' | md5sum
(echo out; echo err >&2) 2>&1 | sort | tr '\n' ' '
echo
f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }
f 10
cat <<HERE | while read -r a b; do echo "$b $a"; done
one two
three four
HERE
mkfifo pipe && { cat pipe >got & echo through >pipe; wait; cat got; }
set -- x y z && shift && echo "$# $* ${1#?} ${nothing:-empty}"
case abc in a*c) echo matches ;; esac
trap 'echo "trapped"' USR1 && kill -USR1 $$ && echo after
sleep 30 & kill $! && wait $! 2>/dev/null; echo "status $?"
ln -s nums link && readlink link && [ link -ef nums ] && echo "one file"
chmod 640 nums && stat -c '%a %s' nums
mv a z && rm -r z && ls
xargs -n 400 echo <nums | wc -l
printf '%s\n' b a c | sort -r | xargs
date -u -d @86400 +%F
exit 17
END
disk_put files
mkdir bin host
for name in $("$TREE/bin/busybox" --list); do
	ln -s "$TREE/bin/busybox" "bin/$name"
done
PATH=$work/bin bin/sh files/root/session host >wanted 2>&1
is "$?" 17 "the session on this machine"
cat >install <<'END'
busybox mkdir -p /root/bin /root/guest
busybox --install -s /root/bin
PATH=/root/bin exec /bin/busybox sh /root/session /root/guest
END
run /bin/busybox sh <install >got 2>&1
is "$?" 17 "in the guest, its commands from standard input"
is "$(cat got)" "$(cat wanted)" "says the same"

# A terminal: job control. script(1) is what makes one for a command. Each command waits for the
# prompt, and what is for a job for its word: then it is in the foreground.
said() { # TEXT: since the last keys
	tail -c +$((seen + 1)) got | grep -qF -- "$1"
}
answer() { # TEXT KEYS: when it was said
	within 60 said "$1" || echo "# nobody says $1"
	seen=$(stat -c %s got)
	printf '%b' "$2" >&3
}
if have script; then
	mkfifo keys
	: >got
	seen=0
	script -qec "$PILLION run --kernel=$KERNEL --timeout=$LIMIT --root=root.img \
		--env=PATH=/root/bin:/bin /bin/busybox sh" /dev/null <keys >>got 2>&1 &
	pid=$!
	exec 3>keys
	job="sh -c 'echo \"sta\"rted; exec sleep 100'\\r"
	answer '# ' "$job"
	answer started '\003'
	answer '# ' 'echo status $?\r'
	answer '# ' "$job"
	answer started '\032'
	answer '# ' 'jobs\r'
	answer '# ' 'kill -9 %1; until jobs >jobs; grep Kil jobs; do usleep 10000; done\r'
	answer '# ' 'tty\r'
	answer '# ' 'exit 11\r'
	stop
	is "$?" 11 "a session on a terminal"
	like "$(cat got)" "status 130" "^C ends a job"
	like "$(tr -s ' ' <got)" "[1]+ Stopped sh -c" "^Z stops one"
	like "$(cat got)" "/dev/ttyR0" "it has a name"
else
	skip "a terminal" "script is missing"
fi

cat >prog.py <<'END'
import os, sys
r, w = os.pipe()
pid = os.fork()
if not pid:
    os.write(w, str(sum(i * i for i in range(200000))).encode())
    os._exit(5)
print(os.read(r, 100).decode(), os.waitpid(pid, 0)[1] >> 8)
try:
    open('/none')
except OSError as e:
    print(e)
print(sorted({x % 7: x for x in range(50)}.items())[-1], 2 ** 200 % 1000007, sys.stdin.isatty())
sys.exit(6)
END
out=$(run /usr/bin/python3 - <prog.py 2>&1)
is "$? $out" "6 2666646666700000 5
[Errno 2] No such file or directory: '/none'
(6, 48) 446616 False" "Python"
disk_is_clean "e2fsck finds the disk clean"
done_testing
