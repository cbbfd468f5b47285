#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Input from the serial lines; GDB's commands for the nucleus.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"

typed() { # NAME MACHINE COMMAND-LINE ARGS...
	local name=$1 line=$3
	machine "$2"
	shift 3
	: >out
	(await '^ready'; printf 'serial input\001\177 q') | timeout 60 qemu-system-aarch64 \
		"${words[@]}" "${semihosting[@]}" -append "end=echo test=format $line" "$@" 2>qemu.err |
		stdbuf -o0 tr -d '\r' >out
	grep -q $'^serial input\001\177 q$' out && grep -q '^end$' out
	ok "$name" || show
}

typed "raspi3, PL011: what is typed" raspi3 "" -serial stdio
typed "raspi3, mini-UART: what is typed" raspi3 serial=mini -serial null -serial stdio
typed "virt, GICv2: what is typed" virt "" -serial stdio
typed "virt, GICv3: what is typed" virt,gic-version=3 "" -serial stdio

if have gdb-multiarch; then
	machine virt
	debugged gdb-multiarch "${virt%.img}" qemu-system-aarch64 "${words[@]}"
else
	skip "GDB's commands" "gdb-multiarch is missing"
fi
done_testing
