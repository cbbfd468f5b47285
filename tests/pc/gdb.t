#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# GDB's commands for the nucleus.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
have gdb || skip_all "gdb is missing"

debugged gdb "$image" qemu-system-x86_64 -machine pc -accel tcg -nodefaults -display none \
	-no-reboot -m 128 -kernel "$image"
done_testing
