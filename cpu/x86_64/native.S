/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls of native programs. A fast call is a function of the kernel that is called with
 * interrupts off, on the thread's kernel stack below what cpu_user_enter() has left there, and that
 * goes back to user mode from here; what a function keeps needs no saving. Any other call, and a
 * fast one that finds work, ends the run as a Linux program's call does (switch.S).
 *
 * sysret is safe: %rcx and %r11 are as the call left them.
 */
#include "asm.h"
#include "callee.h"

	.text
	.globl	cpu_native_entry
	.type	cpu_native_entry, @function
	.p2align 4
cpu_native_entry:
	swapgs
	movq	%rsp, %gs:CPU_SCRATCH
	movq	%gs:CPU_TSS_RSP0, %rsp
	subq	$8, %rsp		/* a function is called at a multiple of 16 */
	pushq	%gs:CPU_SCRATCH
	pushq	%rcx
	pushq	%r11
	pushq	%r9
	pushq	%r8
	pushq	%r10
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rax
	cmpq	$(NATIVE_FAST - 1), %rax
	ja	1f
	movq	native_fast(,%rax,8), %rax
	testq	%rax, %rax
	jz	1f
	movq	%rsp, %rdi
	call	*%rax
	movq	%rax, %rcx
	negq	%rcx
	jo	1f			/* NATIVE_SLOW: the least number has no opposite */
	movq	%rax, (%rsp)
	call	user_resume
	testb	%al, %al
	jnz	1f
	popq	%rax
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%r10
	popq	%r8
	popq	%r9
	popq	%r11
	popq	%rcx
	popq	%rsp
	swapgs
	sysretq

	/* cpu_user_enter() returns, with the registers in its caller's struct cpu_regs. */
1:	movq	%gs:CPU_THREAD, %rcx
	movq	CTX_USER_REGS(%rcx), %rdi
	movq	(%rsp), %rax
	movq	%rax, R_ORIG_RAX(%rdi)
	popq	R_RAX(%rdi)
	popq	R_RDI(%rdi)
	popq	R_RSI(%rdi)
	popq	R_RDX(%rdi)
	popq	R_R10(%rdi)
	popq	R_R8(%rdi)
	popq	R_R9(%rdi)
	popq	%rax
	movq	%rax, R_EFLAGS(%rdi)
	movq	%rax, R_R11(%rdi)
	popq	%rax
	movq	%rax, R_RIP(%rdi)
	movq	%rax, R_RCX(%rdi)
	popq	R_RSP(%rdi)
	movq	%rbx, R_RBX(%rdi)
	movq	%rbp, R_RBP(%rdi)
	movq	%r12, R_R12(%rdi)
	movq	%r13, R_R13(%rdi)
	movq	%r14, R_R14(%rdi)
	movq	%r15, R_R15(%rdi)
	movq	CTX_USER_SP(%rcx), %rsp
	end_run
	.size	cpu_native_entry, . - cpu_native_entry

	.section .note.GNU-stack, "", @progbits
