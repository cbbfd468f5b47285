#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The reading of directories by itself, with such as only a damaged file system has.
# shellcheck source=tests/tool/lib.sh disable=SC2154
. "$(dirname "$0")/lib.sh"
need cc gcc

cc -O2 -Wall -D_GNU_SOURCE -I"$source/../../tools/pillion" -o dirlist "$source/dirlist.c" \
	"$source/../../tools/pillion/dirlist.c" || exit 1
ulimit -v 4000000 # a failure would take all memory
./dirlist
