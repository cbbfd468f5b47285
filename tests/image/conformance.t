#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The conformance suite as an image's body: what it says is TAP already.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
export MEMORY=256M
export LIMIT=${LIMIT_CONFORMANCE:-300}
qemu </dev/null 2>qemu.err | tr -d '\r' | tee console
status=${PIPESTATUS[0]}
[ "$status" = 1 ] || {
	# More results than were planned: a failure.
	echo "not ok - QEMU ended with $status"
	sed 's/^/# /' qemu.err
}
