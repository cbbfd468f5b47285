#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The seeded tests with more seeds (PILLION_LONG=1), printed so that a failure can be had again.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
[ -n "${PILLION_LONG:-}" ] || skip_all "only with PILLION_LONG=1"

for _ in $(seq 20); do
	seed=$RANDOM$RANDOM
	for program in wire dhcpmsg; do
		timeout 120 "$NET_BIN/$program" "$seed" >out
		ok "$program with seed $seed" || grep -v '^ok' out
	done
done
done_testing
