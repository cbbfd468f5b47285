#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Native processes on QEMU's PCs.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/nucleus/native.sh
. "$top/tests/nucleus/native.sh"
image=${image%nucleus-test}native-test
# shellcheck disable=SC2034 # for native.sh
image_name=image

programs pc pc
programs "q35, all CPU features" q35 -cpu max
programs "q35, four CPUs" q35 -smp 4
measured pc pc
random pc 10000 300 pc
random "q35, four CPUs" 1000 200 q35 -smp 4
archives pc pc "${PC_ARCHIVE:-$top/build/x86_64/user/tests.cpio}"
done_testing
