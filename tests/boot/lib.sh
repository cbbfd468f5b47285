# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of whole images: programs for them, and QEMU with what it says in a file.
# Sourced by *.t. PILLION and KERNEL name the command and the image.
# shellcheck source=tests/run-tool/lib.sh disable=SC2154,SC2034
. "$(dirname "${BASH_SOURCE[0]}")/../run-tool/lib.sh"
top=$(cd "$source/../.." && pwd)
need qemu-system-x86_64 qemu-system-x86
busybox=$(command -v busybox) || skip_all "busybox is missing (Debian package busybox-static)"

firmware= # of UEFI
for f in /usr/share/OVMF/OVMF_CODE_4M.fd /usr/share/OVMF/OVMF_CODE.fd; do
	[ -e "$f" ] && firmware=${firmware:-$f}
done

exit_device=(-device "isa-debug-exit,iobase=0xf4,iosize=4")

# A machine without pillion run: its serial line goes to the file out. ARGS...
machine() {
	timeout "${LIMIT:-60}" qemu-system-x86_64 -accel tcg -nodefaults -no-user-config \
		-display none -no-reboot -m "${MEM:-256}" "$@" </dev/null >out.raw 2>qemu.err
	local status=$?
	tr -d '\r' <out.raw >out
	return $status
}

show() {
	tail -n 20 out 2>/dev/null | sed 's/^/#   /'
	sed 's/^/#   /' qemu.err 2>/dev/null
}

trap '' PIPE # of a machine that has ended

# The machine in the background, with a monitor: tell COMMAND; its serial line to the file out.
start_machine() { # ARGS...
	: >out
	rm -f monitor
	mkfifo monitor
	timeout "${LIMIT:-60}" qemu-system-x86_64 -accel tcg -nodefaults -no-user-config \
		-display none -no-reboot -m "${MEM:-256}" -monitor stdio "$@" \
		<monitor >monitor.out 2>qemu.err &
	job=$!
	exec 3>monitor
}

tell() { echo "$*" >&3 2>/dev/null; }

end_machine() { # its status
	exec 3>&-
	wait "$job"
}
