#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Races on four CPUs of a PC: a build in which random delays provoke them.
# shellcheck source=tests/pc/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/nucleus/native.sh
. "$top/tests/nucleus/native.sh"
checked=$(dirname "$image")-checked
# shellcheck disable=SC2034 # for native.sh
image_name=image

races pc "$checked/nucleus-test" "$checked/native-test"
done_testing
