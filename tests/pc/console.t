#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Input from the serial line and from the keyboard, output on VGA's text screen, what else comes
# from outside.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"

# The machine in the background; the monitor's commands come from this script. $out is the file
# that the serial line's output goes to.
start() { # MACHINE COMMAND-LINE ARGS...
	local machine=$1 line=$2
	shift 2
	: >out
	mkfifo monitor
	timeout "${LIMIT:-60}" qemu-system-x86_64 -machine "$machine" -accel tcg -nodefaults \
		-display none -no-reboot -m 128 -kernel "$image" -append "$line" "${exit_device[@]}" \
		-chardev file,id=out,path=out -serial chardev:out -monitor stdio "$@" \
		<monitor >monitor.out 2>qemu.err &
	job=$!
	exec 3>monitor
}

tell() { echo "$*" >&3; }

finish() {
	exec 3>&-
	wait "$job"
	status=$?
	rm monitor
}

# The serial line: QEMU's standard input is the line.
: >out
(await '^ready'; printf 'serial input\001\177 q') | timeout 60 qemu-system-x86_64 -machine pc \
	-accel tcg -nodefaults -display none -no-reboot -m 128 -serial stdio -kernel "$image" \
	-append "end=echo test=format" "${exit_device[@]}" 2>qemu.err | stdbuf -o0 tr -d '\r' >out
grep -q $'^serial input\001\177 q$' out && grep -q '^end$' out
ok "what is typed on the serial line" || show

start pc "end=echo test=format screen" -device VGA
await '^ready'
ok "ready" || show
for key in h e l l o spc shift-w shift-1 8 minus comma backspace; do
	tell sendkey "$key"
	sleep 0.1
done
await $'^hello W!8-,\177'
ok "what is typed on the keyboard" || show
on_screen() {
	rm -f screen
	tell pmemsave 0xb8000 4000 screen
	sleep 0.5
	[ -s screen ] && perl -e 'local $/; print chr for unpack("(Cx)*", <STDIN>)' <screen >text &&
		grep -aq 'ready' text && grep -aq 'hello W!8-,' text
}
for _ in $(seq 60); do
	on_screen && break
done
on_screen
ok "it is on VGA's screen" || show
tell sendkey q
await '^end'
ok "the end"
finish
[ "$status" = "$status_good" ]
ok "its status" || echo "# $status"

# The monitor's button and a broken CPU: both come on stacks of their own.
for what in "nmi:non-maskable interrupt" "mce 0 1 0xb200000000000000 5 0 0:machine check"; do
	start q35 end=echo -cpu max
	await '^ready'
	tell "${what%:*}"
	await "^panic: ${what#*:}" && await '^  0x[0-9a-f]* nucleus_start+'
	ok "${what#*:}" || show
	finish
done
done_testing
