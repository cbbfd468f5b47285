/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot archive, as it is. NATIVE_ARCHIVE: its file. */
	.section .rodata.archive, "a"
	.globl	boot_archive_start, boot_archive_end
	.p2align 4
boot_archive_start:
	.incbin	NATIVE_ARCHIVE
boot_archive_end:

	.section .note.GNU-stack, "", @progbits
