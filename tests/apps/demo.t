#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# make demo, without a terminal.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
exits 0 "the demo goes well" "$(dirname "$0")/../../tools/demo" </dev/null
like "$out" "nginx serves http://127.0.0.1:" "its address is told"
done_testing
