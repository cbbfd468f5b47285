#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# An executable that is none is refused, or ends by a signal, and everybody else goes on. GUEST
# names the program (damaged.c), IMAGE the image that runs it.
#
# FUZZ_COUNT bounds those at random (800; 10000 with PILLION_LONG=1), FUZZ_SEED is their seed.

export LIMIT=${LIMIT:-300}
number=${FUZZ_COUNT:-800}
[ "${PILLION_LONG:-0}" = 1 ] && number=${FUZZ_COUNT:-10000} LIMIT=1200
# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

conf=(loglevel=1)
tap_guest 0 "executables that are none" "${FUZZ_SEED:-1}" "$number" --
[ "$(grep -ac '^ok' console)" -ge 40 ]
ok "all of them were tried"
done_testing
