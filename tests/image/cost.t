#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What a program's system calls cost in an image, in instructions. GUEST names the program.

# shellcheck source=tests/image/lib.sh
. "$(dirname "$0")/lib.sh"
archive program=/cost arg=/cost stdin=stream stdout=stream -- "cost=${GUEST:?names the program}"
boot 0 "within their bounds" -icount shift=0,sleep=off </dev/null
sed 's/^/# /' console
done_testing
