/* SPDX-License-Identifier: GPL-2.0-only */
/* What C libraries look at to see how old the kernel is. */
#include <linux/elfnote.h>
#include <linux/version.h>

ELFNOTE_START(Linux, 0, "a")
	.long LINUX_VERSION_CODE
ELFNOTE_END

	.section .note.GNU-stack, "", @progbits
