/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's first instructions, and fork. */
	.text
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	program_start
	ud2
	.size	_start, . - _start

/* long sys_fork(void): the child has the parent's stack and none of its registers. */
	.globl	sys_fork
	.type	sys_fork, @function
sys_fork:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movl	$SYS_FORK, %eax
	syscall
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	sys_fork, . - sys_fork

	.section .note.GNU-stack, "", @progbits
