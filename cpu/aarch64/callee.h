/* SPDX-License-Identifier: BSD-2-Clause */
/* What a function has to keep, to the stack and back: for assembler code. SAVED (asm.h) bytes. */
#ifndef CALLEE_H
#define CALLEE_H

	.macro	save_callee, room=0
	stp	x29, x30, [sp, #-(SAVED + \room)]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.endm

	.macro	restore_callee, room=0
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #(SAVED + \room)
	.endm

#endif /* CALLEE_H */
