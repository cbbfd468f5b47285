/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switch between two contexts that are not running.
 *
 * void pillion_ctx_switch(void **save, void *load)
 *	Pushes what the C ABI makes the callee keep, leaves the stack pointer in *save, takes load
 *	as stack pointer and pops the same. Floating-point state is not touched by the donor and
 *	stays the host thread's.
 *
 * pillion_ctx_start: where a fresh context begins: rbx holds the function, r12 its argument.
 */
#include <linux/linkage.h>

	.text
SYM_FUNC_START(pillion_ctx_switch)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
SYM_FUNC_END(pillion_ctx_switch)

SYM_FUNC_START(pillion_ctx_start)
	movq	%r12, %rdi
	callq	*%rbx
	ud2
SYM_FUNC_END(pillion_ctx_start)

	.section .note.GNU-stack, "", @progbits
