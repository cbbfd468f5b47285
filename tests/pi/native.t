#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Native processes on a Raspberry Pi 3 and on virt.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/nucleus/native.sh
. "$top/tests/nucleus/native.sh"
raspi3=${raspi3%nucleus-test.img}native-test.img
virt=${virt%nucleus-test.img}native-test.img
# shellcheck disable=SC2034 # for native.sh
image_name=virt

programs raspi3 raspi3
programs virt virt
programs "virt, GICv3, from EL2, all CPU features" virt,gic-version=3,virtualization=on -cpu max
programs "virt, four CPUs" virt -smp 4
measured virt virt
random virt 10000 300 virt
random "virt, four CPUs" 1000 200 virt -smp 4
random raspi3 1000 100 raspi3
archives virt virt "${PI_ARCHIVE:-$top/build/aarch64/user/tests.cpio}"
done_testing
