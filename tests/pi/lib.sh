# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of the nucleus on Arm: boots of the test image in QEMU. Sourced by *.t.
#
# PI_RASPI3 and PI_VIRT name the images of the two boards.

# shellcheck source=tests/nucleus/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../nucleus/lib.sh"
command -v qemu-system-aarch64 >/dev/null || skip_all "qemu-system-aarch64 is missing"
raspi3=$(realpath "${PI_RASPI3:-$top/build/aarch64/nucleus/raspi3/nucleus-test.img}")
virt=$(realpath "${PI_VIRT:-$top/build/aarch64/nucleus/virt/nucleus-test.img}")
for image in "$raspi3" "$virt"; do
	[ -f "$image" ] || { echo "Bail out! $image is not there: make check-pi builds it"; exit 1; }
done
cd "$work" || exit 1
status_good=0
status_panic=70

# What QEMU is told for a machine: "raspi3", or "virt" with its options after commas.
machine() { # MACHINE
	case $1 in
	raspi3) words=(-machine raspi3b -kernel "$raspi3") ;;
	virt*) words=(-machine "$1" -cpu cortex-a53 -m "${MEM:-128}" -kernel "$virt") ;;
	esac
	words+=(-accel tcg -nodefaults -display none -no-reboot)
}

semihosting=(-semihosting-config "enable=on,target=native")

# What the machine says on its serial line goes to the file out; its exit status is the kernel's, by
# semihosting. 0 is power off or reset, too.
qemu() { # MACHINE COMMAND-LINE ARGS...
	local line=$2
	machine "$1"
	shift 2
	timeout "${LIMIT:-60}" qemu-system-aarch64 "${words[@]}" -append "$line" "${serial[@]}" "$@" \
		</dev/null 2>qemu.err | tr -d '\r' >out
	return "${PIPESTATUS[0]}"
}
serial=(-serial stdio)

boot() { # MACHINE COMMAND-LINE ARGS...
	qemu "$@" "${semihosting[@]}"
}

# A Raspberry Pi 3 whose serial line is the mini-UART's.
mini() { # COMMAND-LINE ARGS...
	local serial=(-serial null -serial stdio)
	boot raspi3 "$@"
}

# The same as boot in time that is counted in instructions, 8 ns each, and not by a clock: a busy
# host makes no difference, so that what a test says about time holds.
steady() { # MACHINE COMMAND-LINE ARGS...
	boot "$@" -icount shift=3,sleep=off
}
