/* SPDX-License-Identifier: BSD-2-Clause */
/* What `make bench-posix` measures. Locking: none. */
#include "posix.h"

static void all(void)
{
	rows_micro();
	rows_lo();
	rows_tap();
	rows_image();
}

const struct suite suite = {
	.name = "posix", .operands = "WORK PILLION", .noperands = 2, .rows = all,
};
