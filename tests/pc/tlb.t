#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Who flushes what: with a model of a TLB on the host, with fewer numbers than spaces, and none.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
tlb=${PC_TLB:-$(dirname "$0")/../../build/tests/nucleus/tlb}
for numbers in 64 0; do
	exits 0 "$numbers numbers" timeout 120 "$tlb" "$numbers"
	grep '^#' <<<"$out"
done
done_testing
