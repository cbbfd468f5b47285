#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Output is whole, however slowly it is read.
# shellcheck source=tests/boot/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
seq 100000 >want
for wait in 0 3; do
	run --timeout=50 "$busybox" seq 100000 | (sleep $wait; cat) >got
	cmp -s got want
	ok "100000 lines, to a reader that waits for $wait seconds" || wc -l got | sed 's/^/# /'
done
done_testing
