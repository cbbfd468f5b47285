# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of the nucleus: boots of the test image in QEMU. Sourced by *.t.
#
# PC_IMAGE names the image.

# shellcheck source=tests/nucleus/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../nucleus/lib.sh"
image=$(realpath "${PC_IMAGE:-$top/build/x86_64/nucleus/pc/nucleus-test}")
command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86_64 is missing"
[ -f "$image" ] || { echo "Bail out! $image is not there: make nucleus-test"; exit 1; }
cd "$work" || exit 1
status_good=1
status_panic=141

# What the machine says on its serial line goes to the file out, its exit status is the kernel's
# as isa-debug-exit has it: 2n + 1; 0 is power off or reset.
qemu() { # MACHINE ARGS...
	local machine=$1
	shift
	timeout "${LIMIT:-60}" qemu-system-x86_64 -machine "$machine" -accel tcg -nodefaults \
		-display none -no-reboot -m "${MEM:-128}" -serial stdio "$@" </dev/null 2>qemu.err |
		tr -d '\r' >out
	return "${PIPESTATUS[0]}"
}

exit_device=(-device "isa-debug-exit,iobase=0xf4,iosize=1")

boot() { # MACHINE COMMAND-LINE ARGS...
	local machine=$1 line=$2
	shift 2
	qemu "$machine" -kernel "$image" -append "$line" "${exit_device[@]}" "$@"
}

# The same in time that is counted in instructions, 8 ns each, and not by a clock: a busy host makes
# no difference, so that what a test says about time holds.
steady() { # MACHINE COMMAND-LINE ARGS...
	boot "$@" -icount shift=3,sleep=off
}
