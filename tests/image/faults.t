#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What a program does wrong with the CPU is a signal to it, an executable that is none is refused,
# and everybody else goes on. GUEST names the program (faults.c), IMAGE the image that runs it.
#
# FUZZ_COUNT bounds the damaged executables (800; 10000 with PILLION_LONG=1), FUZZ_SEED is the seed.

export LIMIT=${LIMIT:-300}
damaged=${FUZZ_COUNT:-800}
[ "${PILLION_LONG:-0}" = 1 ] && damaged=${FUZZ_COUNT:-10000} LIMIT=1200
# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

guest() { # NAME ARGUMENT...: what it says, as comments
	local name=$1
	shift
	archive program=/guest arg=guest "${@/#/arg=}" "env=TEST_TIMEOUT=$LIMIT" loglevel=1 -- \
		"guest=${GUEST:?names the program}"
	boot 0 "$name" </dev/null
	grep -a '^ok\|^not ok\|^#' console | sed 's/^/# /'
}

guest "faults of the CPU" cpu
[ "$(grep -ac '^ok' console)" -ge 70 ]
ok "all of them were tried"
guest "executables that are none" elf "${FUZZ_SEED:-1}" "$damaged"
[ "$(grep -ac '^ok' console)" -ge 40 ]
ok "all of them were tried"
done_testing
