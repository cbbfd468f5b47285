#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A session with the shell of the native image, on a Raspberry Pi 3 with its screen or its
# mini-UART, and on virt: with one CPU, where time is counted in instructions, 8 ns each, so that
# what is said of it holds; and with four. (QEMU can count only if CPUs run in turns, of 100 ms.)
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/nucleus/session.sh
. "$top/tests/nucleus/session.sh"

raspi3=${raspi3%nucleus-test.img}native.img
virt=${virt%nucleus-test.img}native.img

at_most $((256 * 1024)) "$(stat -c %s "$raspi3")" "raspi3: the image's bytes"

steady raspi3 init=uptime
at_most 20000 "$(sed -n 's/^up for \([0-9]*\) us$/\1/p' out)" "raspi3: microseconds until user mode"

session_start() { # MACHINE ARGS...
	machine "$1"
	shift
	rm -f in mon.in mon.out
	mkfifo in mon.in mon.out
	exec 3<>in 4<>mon.in 5<>mon.out
	: >out
	timeout -k 1 300 qemu-system-aarch64 "${words[@]}" "${semihosting[@]}" "${serial[@]}" \
		-chardev pipe,id=mon,path=mon -mon chardev=mon "$@" \
		<&3 >out 2>qemu.err &
	job=$!
}

screen() { # PATTERN: is to be seen within half a minute
	local try
	for ((try = 0; try < 30; try++)); do
		echo 'screendump screen.ppm' >&4
		sleep 1
		perl "$top/tests/pi/screen.pl" "$top/board/screen/font.c" <screen.ppm >screen.txt 2>&1
		grep -Eq "$1" screen.txt && return 0
	done
	return 1
}

counted=(-icount shift=3)
session_start raspi3 "${counted[@]}" -append "log=info cpus=1" -gdb chardev:gdb \
	-chardev socket,id=gdb,path=gdb.sock,server=on,wait=off
session raspi3
type_line 'echo On the screen, too: {0123456789}'
screen '^On the screen, too: \{0123456789\}$'
ok "raspi3: the framebuffer shows it" || sed 's/^/#   /' screen.txt
await_said '> $'
asks "raspi3: the framebuffer's server is killed" 'kill framebuffer' 'init: framebuffer .*again'
type_line 'echo Again on the screen.'
screen '^Again on the screen\.$'
ok "raspi3: the next one shows it" || sed 's/^/#   /' screen.txt
if have gdb-multiarch; then
	timeout 30 gdb-multiarch -batch -nx -x "$top/nucleus/gdb.py" "${raspi3%.img}" \
		-ex 'target remote gdb.sock' -ex nucleus-processes -ex 'nucleus-pages 1' -ex nucleus-ipc \
		>gdb.out 2>gdb.err
	grep -Eq '^ +1 +0 +[0-9]+ +2 +init$' gdb.out && grep -Eq '^ +[0-9]+ +1 .* shell$' gdb.out
	ok "raspi3: GDB: processes" || sed 's/^/# /' gdb.out gdb.err
	grep -Eq '^ +0x10000 +4 KiB at +0x[0-9a-f]+ r-x$' gdb.out
	ok "raspi3: GDB: a process's page tables" || sed 's/^/# /' gdb.out
	grep -Eq '^init \(1, thread [0-9]+\) +receiving' gdb.out
	ok "raspi3: GDB: who waits for messages" || sed 's/^/# /' gdb.out
else
	skip "raspi3: GDB" "gdb-multiarch is missing"
fi
delay=0
for ((i = 0; i < 300 && delay < 256; i++)); do
	type_line 'kill framebuffer'
	await_said '(again in [0-9]+ ms|no process)'
	delay=$(said | sed -n "s/.*again in \([0-9]*\) ms.*/\1/p" | grep . || echo "$delay")
done
[ "$delay" -ge 256 ]
ok "raspi3: a server that ends all the time comes again more and more slowly: $delay ms"
await_said '> '
asks "raspi3: meanwhile another" restart 'answered after [0-9]+ us'
at_most 20000 "$(number after)" "raspi3: microseconds without that"
asks "raspi3: programs that read" 'cat 20 &' '^\[[0-9]+\] cat$'
asks "raspi3: are killed" 'kill cat'
type_line cat
printf 'x\033[2\rBehind half a sequence\r' >&3
screen '^Behind half a sequence$'
ok "raspi3: a sequence that does not end takes no more than its line from the screen" ||
	sed 's/^/#   /' screen.txt
printf '\003' >&3
await_said '^cat: killed'
ok "raspi3: and that server has come" || said
session_end raspi3

# An archive without the program of a server.
whole=$raspi3
perl -0777 -pe 's/(070701[0-9A-F]{104})console\0/${1}consols\0/ or die' "$whole" >lacking.img
raspi3=$work/lacking.img
session_start raspi3
mark=0
await_said '^init: console: no such program' &&
	await_said '^init: console .* again in [1-9][0-9]* ms'
ok "raspi3: a server whose program is missing is named, and tried again" || show
kill "$job"
wait "$job" 2>/dev/null
raspi3=$whole

serial=(-serial null -serial stdio)
session_start raspi3 -append serial=mini
session "raspi3, mini-UART" real
session_end "raspi3, mini-UART"
serial=(-serial stdio)

session_start virt "${counted[@]}"
session "virt, one CPU"
session_end "virt, one CPU"
session_start virt,gic-version=3,virtualization=on -smp 4
session "virt, GICv3, four CPUs" real
session_end "virt, GICv3, four CPUs"

# GDB beside a machine that it has stopped at the beginning, as make debug-pi starts it.
if have gdb-multiarch; then
	machine raspi3
	printf '%s\n' 'thbreak process_fork' continue nucleus-processes 'nucleus-pages 1' \
		nucleus-threads quit >commands
	timeout -k 1 60 "$top/tools/debug-pi" "${raspi3%.img}" "${words[@]}" <commands >debug.out 2>&1
	grep -q 'char device redirected to /dev/pts' debug.out &&
		grep -q 'Temporary breakpoint 1, .*process_start' debug.out
	ok "debug-pi: stopped where init begins" || tail -n 20 debug.out | sed 's/^/# /'
	grep -Eq ' 1 +0 +[0-9]+ +[12] +init$' debug.out && grep -Eq '0x10000 .* r-x$' debug.out &&
		grep -Eq ' main +sleeping ' debug.out
	ok "debug-pi: the nucleus's commands" || tail -n 20 debug.out | sed 's/^/# /'
else
	skip "debug-pi" "gdb-multiarch is missing"
fi
done_testing
