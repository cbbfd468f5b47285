#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What a program does wrong with the CPU is a signal to it, and everybody else goes on. GUEST names
# the program (faults.c), IMAGE the image that runs it.

export LIMIT=${LIMIT:-300}
# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"

conf=(loglevel=1)
tap_guest 0 "faults of the CPU" --
[ "$(grep -ac '^ok' console)" -ge 70 ]
ok "all of them were tried"
done_testing
