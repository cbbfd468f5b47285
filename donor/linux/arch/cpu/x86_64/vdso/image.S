/* SPDX-License-Identifier: GPL-2.0-only */
	.section .rodata
	.balign 16
	.globl pillion_vdso_image, pillion_vdso_image_end
	.hidden pillion_vdso_image, pillion_vdso_image_end
pillion_vdso_image:
	.incbin "arch/pillion/cpu/x86_64/vdso/vdso.so"
pillion_vdso_image_end:
	.byte 0
	.section .note.GNU-stack, "", @progbits
