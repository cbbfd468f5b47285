#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# An image boots the donor, has the archive's files, answers with records and the status.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

boot 0 "without an archive: it says what it is and ends" </dev/null
like "$out" "Linux version 6.1" "it is Linux 6.1"

echo "some words" >file
ln -s ../file link
archive program=x arg=cat arg=/etc/motd timings=1 net=none stdin=stream stdout=stream -- \
	etc/motd=file
boot 0 "a file of the archive" </dev/null
is "$out" "some words" "its contents, and nothing else on the console"
is "$(sed 's/ [0-9]*$//' records)" "input
phase nucleus
phase donor
phase files
phase program
phase end
exit" "records of the phases and the status"
sorted=$(awk '$1 == "phase" { print $3 }' records)
is "$sorted" "$(sort -n <<<"$sorted")" "times in order"

archive program=x arg=look arg=/a/b/link arg=/a/b/run arg=/none arg=/proc/self arg=/.pillion \
	arg=/dev/null -- a/b/link=link a/b/run=/bin/true
boot 0 "kinds of files" </dev/null
is "$out" "/a/b/link 120777 7 0:0
/a/b/run 100755 $(stat -Lc %s /bin/true) 0:0
/none No such file or directory
/proc/self 120777 0 0:0
/.pillion No such file or directory
/dev/null 20666 0 0:0" "modes, sizes; devices, proc; nothing of the image's own"

archive program=x arg=look arg=/a/b -- a/b/link=link a/b/file=file dev/console=/dev/null
boot 0 "a device that the donor has made already" </dev/null
is "$out" "/a/b 40755 1000000000" "a directory's time is not that of its files' coming"

archive program=x arg=exhaust --
boot 0 "no memory" </dev/null
like "$out" "100 mutexes and condition variables" "is no end of the donor's"

archive program=x arg=status arg=42 --
boot 42 "the program's status" </dev/null
is "$(tail -n 1 records)" "exit 42" "as a record"

archive program=/bin/none arg=none --
boot 127 "a program that is not there" </dev/null
like "$out" "/bin/none" "its name is said"

archive program=x arg=crash --
boot 70 "a bug in the kernel's mode" </dev/null
like "$(cat records)" "panic " "a record of it"
like "$out" "crash" "a backtrace with names"

archive program=x arg=donorcrash --
boot 70 "a bug in the donor" </dev/null
like "$(cat records)" "panic " "a record of it"
like "$out" "rump_ext_pages_give+" "a backtrace with the donor's names"

archive program=x arg=overflow --
boot 70 "a stack of the donor's that overflows" </dev/null
like "$out" "kernel stack overflow" "is named"
grep -Eq 'in the donor, address .*, task [a-z0-9/:-]+' console
ok "... the task, too" || tail -n 30 console | sed 's/^/#   /'
grep -Eq '\] (kthread|pillion_ctx_start|.*_worker|schedule[a-z_]*)\+' console
ok "... and the functions below" || tail -n 60 console | sed 's/^/#   /'

archive program=x arg=device stdin=stream stdout=stream --
boot 0 "device memory for programs" </dev/null
is "$out" "22
22
0
22" "is the APIC's registers, but no RAM"

archive program=x arg=echo --
type_words() {
	wait_until grep -q ready console.raw
	printf 'hello\nworld\n\004'
}
boot 0 "input from the console" < <(type_words)
like "$out" "HELLO
" "it is echoed and answered"
like "$out" "WORLD" "to the end"

for broken in version=1 shape=1 loglevel=9; do
	archive $broken --
	boot 70 "refused: $broken" </dev/null
	like "$(cat records)" "panic .pillion/config: line 2" "and says where"
done
truncate -s 300 archive
boot 70 "refused: an archive that is cut" </dev/null
done_testing
