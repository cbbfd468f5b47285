#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A session with the shell of the native image on a PC: with one CPU, where time is counted in
# instructions, 8 ns each, so that what is said of it holds; and with four.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/nucleus/session.sh
. "$top/tests/nucleus/session.sh"
native=$(realpath "${PC_NATIVE:-$top/build/x86_64/nucleus/pc/native}")
[ -f "$native" ] || { echo "Bail out! $native is not there: make native"; exit 1; }

session_start() { # MACHINE ARGS...
	local machine=$1
	shift
	rm -f in
	mkfifo in
	exec 3<>in
	: >out
	timeout -k 1 300 qemu-system-x86_64 -machine "$machine" -accel tcg -nodefaults -display none \
		-no-reboot -m 128 -serial stdio -kernel "$native" "${exit_device[@]}" \
		"$@" <&3 >out 2>qemu.err &
	job=$!
}

session_start q35 -cpu max -icount shift=3
session pc
session_end pc
session_start pc -smp 4
session "pc, four CPUs" real
session_end "pc, four CPUs"
done_testing
