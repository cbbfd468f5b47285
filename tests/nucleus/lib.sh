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

await() { # PATTERN: in the output
	local try
	for ((try = 0; try < 300; try++)); do
		grep -q "$1" out && return 0
		sleep 0.1
	done
	return 1
}
