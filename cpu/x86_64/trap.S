/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and interrupts: 256 stubs that make a struct trap_frame (trap.h) and call trap().
 *
 * %gs is exchanged if the frame is of user mode. Exceptions with a stack of their own (#DB, NMI,
 * #DF, #MC) can come before the system-call entry has exchanged it, so they look at the register
 * itself: the kernel's is negative.
 *
 * A CPU may guess a branch around swapgs wrong and go on with a program's %gs: not beyond lfence.
 */
#include "asm.h"

#define FRAME_CS	(17 * 8 + 8)

	.macro	push_regs
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro	pop_regs
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$16, %rsp		/* vector, error code */
	.endm

	.text
	.globl	trap_stubs
	.p2align 4
trap_stubs:
	.set	vector, 0
	.rept	256
	.p2align 4
	.if	(vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) \
		|| (vector == 29) || (vector == 30)
	.else
	pushq	$0
	.endif
	pushq	$vector
	.if	(vector == 1) || (vector == 2) || (vector == 8) || (vector == 18)
	jmp	trap_own_stack
	.else
	jmp	trap_common
	.endif
	.set	vector, vector + 1
	.endr

	.type	trap_common, @function
	.p2align 4
trap_common:
	cld
	testb	$3, 24(%rsp)
	jz	1f
	swapgs
1:	lfence
	push_regs
	movq	%rsp, %rdi
	call	trap
	testb	$3, FRAME_CS(%rsp)
	jz	2f
	swapgs
2:	pop_regs
	iretq
	.size	trap_common, . - trap_common

	.type	trap_own_stack, @function
	.p2align 4
trap_own_stack:
	cld
	push_regs
	xorl	%ebx, %ebx
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	testl	%edx, %edx
	js	1f
	swapgs
	incl	%ebx
1:	lfence
	movq	%rsp, %rdi
	call	trap
	testl	%ebx, %ebx
	jz	2f
	swapgs
2:	pop_regs
	iretq
	.size	trap_own_stack, . - trap_own_stack

	.section .note.GNU-stack, "", @progbits
