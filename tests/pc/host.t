#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The nucleus's portable parts, on the host, with address and undefined-behaviour sanitizers.
exec "${PC_HOST:-$(dirname "$0")/../../build/tests/nucleus/host}"
