#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Races on four CPUs of QEMU's virt: a build in which random delays provoke them.
# shellcheck source=tests/pi/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/nucleus/native.sh
. "$top/tests/nucleus/native.sh"
checked=$(dirname "$virt")-checked
# shellcheck disable=SC2034 # for native.sh
image_name=virt

races virt "$checked/nucleus-test.img" "$checked/native-test.img"
done_testing
