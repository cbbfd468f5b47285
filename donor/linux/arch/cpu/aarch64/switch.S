/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switch between two contexts that are not running.
 *
 * void pillion_ctx_switch(void **save, void *load)
 *	Pushes what the C ABI makes the callee keep, leaves the stack pointer in *save, takes load
 *	as stack pointer and pops the same. d8-d15 belong to the host thread too, but a context may
 *	continue on another one, whose own values must not be replaced by ours: the donor does
 *	not touch them.
 *
 * pillion_ctx_start: where a fresh context begins: x19 holds the function, x20 its argument.
 */
#include <linux/linkage.h>

	.text
SYM_FUNC_START(pillion_ctx_switch)
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
SYM_FUNC_END(pillion_ctx_switch)

SYM_FUNC_START(pillion_ctx_start)
	mov	x0, x20
	blr	x19
	brk	#1
SYM_FUNC_END(pillion_ctx_start)

	.section .note.GNU-stack, "", %progbits
