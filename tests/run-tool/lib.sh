# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the tests of `pillion run`: what tests/tool has, and these. Sourced by *.t.
# PILLION and KERNEL name the command under test and the test kernel.
# shellcheck source=tests/tool/lib.sh disable=SC2154,SC2034
. "$(dirname "${BASH_SOURCE[0]}")/../tool/lib.sh"
KERNEL=${KERNEL:-$source/../../build/x86_64/tests/run-tool/kernel.elf}

# pillion run ..., with the test kernel; no terminal
run() {
	timeout "${LIMIT:-60}" "$PILLION" run --kernel="$KERNEL" "$@" </dev/null
}

# The same, unless it does it in the foreground: its process is $pid.
start() {
	"$PILLION" run --kernel="$KERNEL" "$@" </dev/null >out.log 2>err.log &
	pid=$!
}

# pack ARGUMENT...: the archive's names are in $names, its files below ./tree
pack() {
	rm -rf tree a.cpio
	mkdir tree
	out=$(timeout 60 "$PILLION" run --image=a.cpio "$@" 2>&1 </dev/null) || return
	names=$(bsdcpio -it --quiet <a.cpio)
	(cd tree && bsdcpio -id --quiet <../a.cpio)
}

config() { # of the packed archive
	cat tree/.pillion/config
}

# refused STATUS TEXT NAME ARGUMENT...: it ends with the status, and says the text
refused() {
	local status=$1 text=$2 name=$3
	shift 3
	exits "$status" "$name" run --dry-run "$@"
	like "$out" "$text" "... and says why"
}

# The smallest programs: no libc. program NAME [GCC-OPTION...]
program() {
	local name=$1
	shift
	echo 'void _start(void) { __asm__ volatile("mov $60, %eax; xor %edi, %edi; syscall"); }' |
		gcc -x c -nostdlib -nostartfiles -fno-stack-protector -O1 -static -o "$name" "$@" -
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local n=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		((n-- > 0)) || return 1
		sleep 0.05
	done
}
