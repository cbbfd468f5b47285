/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's first instructions, and fork. */
	.text
	.globl	_start
	.type	_start, @function
_start:
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, sp
	and	x1, x0, #-16
	mov	sp, x1
	bl	program_start
	brk	#0
	.size	_start, . - _start

/* long sys_fork(void): the child has the parent's stack and none of its registers. */
	.globl	sys_fork
	.type	sys_fork, @function
sys_fork:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x8, #SYS_FORK
	svc	#0
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
	.size	sys_fork, . - sys_fork

	.section .note.GNU-stack, "", @progbits
