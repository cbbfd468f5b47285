# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the suites that boot the nucleus's test image in QEMU (tests/pc, tests/pi): a folder to
# work in, and what an image said. Sourced by their lib.sh, which sets
#
#	image			the image
#	status_good, status_panic	QEMU's exit status when all went well, and after a panic
#
# and has a function that leaves the serial line's output in the file out, what QEMU itself said in
# qemu.err, and returns QEMU's status.

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
export LC_ALL=C
# shellcheck disable=SC2034 # for those who source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pillion-nucleus.XXXXXX")
trap 'cd /; rm -rf "$work"' EXIT

show() {
	tail -n 30 out | sed 's/^/#   /'
	sed 's/^/#   /' qemu.err
}

# A group of tests in the image: its own TAP must be complete and without a failure.
group() { # NAME
	local status=$? plan
	plan=$(sed -n 's/^1\.\.//p' out)
	[ "$status" = "$status_good" ] && [ -n "$plan" ] && [ "$(grep -c '^ok ' out)" = "$plan" ]
	ok "$1 (${plan:-no} tests)" || show
}

# A panic with the line, an extended regular expression, and a backtrace that names the function.
panics() { # NAME LINE FUNCTION
	local status=$?
	[ "$status" = "$status_panic" ] && grep -Eq "^panic: $2" out &&
		grep -Eq "^  0x[0-9a-f]+ $3\+" out
	ok "$1" || show
}

# GDB's commands for the nucleus, on a machine that waits for input.
debugged() { # GDB SYMBOLS QEMU-COMMAND...
	local gdb=$1 symbols=$2 job
	shift 2
	"$gdb" -batch -ex 'python print(1)' 2>&1 | grep -q '^1$' || {
		skip "GDB's commands" "this gdb has no Python"
		return
	}
	: >out
	timeout 60 "$@" -append end=echo -chardev file,id=out,path=out -serial chardev:out \
		-chardev socket,id=gdb,path=gdb.sock,server=on,wait=off -gdb chardev:gdb 2>qemu.err &
	job=$!
	await '^ready'
	timeout 30 "$gdb" -batch -nx -x "$top/nucleus/gdb.py" "$symbols" \
		-ex 'set remotetimeout 30' -ex 'target remote gdb.sock' \
		-ex nucleus-threads -ex 'nucleus-bt 1' -ex nucleus-log \
		>gdb.out 2>gdb.err
	kill "$job"
	wait "$job" 2>/dev/null
	grep -Eq '^ +1 main +sleeping +24/24 +[0-9]+  image_main' gdb.out
	ok "GDB: threads" || sed 's/^/# /' gdb.out gdb.err
	grep -Eq '^  0xffffffff[0-9a-f]+ image_main' gdb.out
	ok "GDB: a backtrace" || sed 's/^/# /' gdb.out
	grep -Eq '^\[ +0\.[0-9]+\] clock:' gdb.out
	ok "GDB: the log" || sed 's/^/# /' gdb.out
}

# Of what is random: the same in each run, but for long ones.
seed=${SEED:-${PILLION_LONG:+$((RANDOM % 1000))}}
seed=${seed:-1}

await() { # PATTERN: in the output
	local try
	for ((try = 0; try < 300; try++)); do
		grep -q "$1" out && return 0
		sleep 0.1
	done
	return 1
}
