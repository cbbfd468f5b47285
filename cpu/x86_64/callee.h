/* SPDX-License-Identifier: BSD-2-Clause */
/* What a function has to keep, to the stack and back; the end of user_run(). For assembler code. */
#ifndef CALLEE_H
#define CALLEE_H

	.macro	save_callee
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro	restore_callee
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	.endm

	/* The end of user_run(): the thread is in rcx, and on the stack of cpu_user_enter(). */
	.macro	end_run
	movq	THREAD_USER(%rcx), %rdx
	movq	$0, THREAD_USER(%rcx)
	movq	$0, USER_RUNNING(%rdx)
	restore_callee
	sti
	ret
	.endm

#endif /* CALLEE_H */
