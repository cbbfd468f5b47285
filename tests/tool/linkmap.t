#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The map that tells files apart, by itself: whether a host's and an image's numbers are the same
# is a matter of luck.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need cc gcc

cc -Wall -D_GNU_SOURCE -I"$source/../../tools/pillion" -o map "$source/linkmap.c" \
	"$source/../../tools/pillion/linkmap.c" || exit 1
./map
