/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls of native programs. A fast call is a function of the kernel that is called with
 * interrupts off, on the thread's kernel stack below what cpu_user_enter() has left there, and that
 * goes back to user mode from here; what a function keeps needs no saving. Any other call, and a
 * fast one that finds work, ends the run as a Linux program's call does (switch.S).
 *
 * A thread that waits in a fast call has, from top to bottom: what cpu_user_enter() has left; the
 * frame; what cpu_switch() finds of a thread that it lets go on, in cpu_native_woken. Its partner,
 * in a fast call of its own, takes from there what has to be kept, and goes to user mode by the
 * frame (native_direct(), nucleus/native.h).
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
	pushq	%rdi
	pushq	%r9
	pushq	%r8
	pushq	%r10
	pushq	%rdx
	pushq	%rsi
	pushq	%rax
	cmpq	$(NATIVE_FAST - 1), %rax
	ja	.Lleave
	andl	$(NATIVE_FAST - 1), %eax	/* also where the CPU only guesses */
	movq	native_fast(,%rax,8), %rax
	testq	%rax, %rax
	jz	.Lleave
	movq	%rsp, %rdi
	call	*%rax
.Lnext:	cmpq	$NATIVE_LEAST, %rax
	jl	1f

	/* To the program, with the result in rax. */
.Lback:	addq	$8, %rsp
	popq	%rsi
	popq	%rdx
	popq	%r10
	popq	%r8
	popq	%r9
	popq	%rdi
	popq	%r11
	popq	%rcx
	popq	%rsp
	swapgs
	sysretq

	/* The thread in rax goes on from its frame; as cpu_switch(), but for where. */
1:	testb	$1, %al
	jnz	2f
	movq	%gs:CPU_THREAD, %rdi
	pushq	$cpu_native_woken
	save_callee
	movq	%rsp, CTX_SP(%rdi)
	movq	CTX_SP(%rax), %rsp
	movq	CTX_USER_SP(%rax), %rdx
	movq	%rax, %gs:CPU_THREAD
	movq	%rdx, %gs:CPU_TSS_RSP0
	movq	%gs:CPU_RUNQ, %rdx
	movl	$0, (%rdx)		/* its lock */
	restore_callee
	addq	$8, %rsp
	movq	THREAD_USER(%rax), %rdi
	movq	USER_SPACE(%rdi), %rdi
	call	cpu_pt_use
	xorl	%eax, %eax
	jmp	.Lback

2:	leaq	-1(%rax), %rsi
	btrq	$63, %rax
	cmpq	$1, %rax
	je	.Lleave			/* NATIVE_LEAVE */
	movq	%gs:CPU_THREAD, %rdi
	pushq	$cpu_native_woken
	jmp	cpu_switch

	/* cpu_user_enter() returns, with the registers in its caller's struct cpu_regs. */
.Lleave:
	movq	%gs:CPU_THREAD, %rcx
	movq	CTX_USER_REGS(%rcx), %rdi
	movq	(%rsp), %rax
	movq	%rax, R_ORIG_RAX(%rdi)
	popq	R_RAX(%rdi)
	popq	R_RSI(%rdi)
	popq	R_RDX(%rdi)
	popq	R_R10(%rdi)
	popq	R_R8(%rdi)
	popq	R_R9(%rdi)
	popq	R_RDI(%rdi)
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

	.type	cpu_native_woken, @function
cpu_native_woken:
	movq	%rsp, %rdi
	call	native_woken
	jmp	.Lnext
	.size	cpu_native_woken, . - cpu_native_woken

	.section .note.GNU-stack, "", @progbits
