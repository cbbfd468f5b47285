#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A session of busybox's shell: pipes, loops, substitution, redirection, job control. TAP.
n=0
is() {	# is GOT WANTED NAME
	n=$((n + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $n - $3"
	else
		echo "not ok $n - $3"
		echo "# got '$1', wanted '$2'"
	fi
}
cd /tmp || exit 1
is "$(echo one two three | wc -w | tr -d ' ')" 3 "a pipe"
is "$(seq 1 1000 | sort -rn | head -n 1)" 1000 "sort and head"
is "$(for i in 1 2 3; do echo "$i"; done | sed 's/2/x/' | tr -d '\n')" 1x3 "a loop into a filter"
echo hello >file && cat <file >>file2 && cat file file2 >file3
is "$(wc -l <file3 | tr -d ' ')" 2 "redirection"
is "$(sh -c 'exit 7'; echo $?)" 7 "an exit status"
sleep 100 &
kill $!
wait $!
is "$?" 143 "a job that is killed"
is "$( (sleep 0.05; echo late) & wait; echo over)" "late
over" "waiting for a job"
mkdir -p d/e && touch d/e/f && is "$(find d | sort | tr '\n' ' ')" "d d/e d/e/f " "find"
tar cf a.tar d && rm -r d && tar xf a.tar && is "$(ls d/e)" f "tar there and back"
is "$(printf 'b\na\n' | awk '{ print NR $1 }' | tr '\n' ' ')" "1b 2a " "awk"
is "$(seq 1 20000 | gzip | gunzip | md5sum)" "$(seq 1 20000 | md5sum)" "gzip there and back"
caught=no
trap 'caught=yes' USR1
kill -USR1 $$
is $caught yes "a trap"
is "$(true | false | true; echo $?)" 0 "a pipeline's status"
is "$(cat /proc/self/comm)" cat "/proc/self is the reader"
i=0
while [ $i -lt 200 ]; do i=$((i + 1)); /bin/true; done
is $i 200 "200 commands"
mkfifo fifo
echo through >fifo &
is "$(cat fifo)" through "a named pipe"
echo "1..$n"
