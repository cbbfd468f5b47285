/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of stack: from thread to thread, to user mode, and back from it.
 *
 * What a callee saves goes to the stack, the stack pointer to the thread's struct cpu_context.
 */
#include "asm.h"
#include "callee.h"

	.text

/* void cpu_switch(struct thread *from rdi, struct thread *to rsi) */
	.globl	cpu_switch
	.type	cpu_switch, @function
	.p2align 4
cpu_switch:
	save_callee
	movq	%rsp, CTX_SP(%rdi)
	movq	CTX_SP(%rsi), %rsp
	movq	CTX_USER_SP(%rsi), %rax
	movq	%rsi, %gs:CPU_THREAD
	movq	%rax, %gs:CPU_TSS_RSP0
	restore_callee
	ret
	.size	cpu_switch, . - cpu_switch

/* Where a new thread begins; cpu_context_init() has put fn into rbx and arg into r12. */
	.globl	cpu_thread_start
	.type	cpu_thread_start, @function
cpu_thread_start:
	movq	%r12, %rdi
	xorl	%ebp, %ebp
	call	*%rbx
	ud2
	.size	cpu_thread_start, . - cpu_thread_start

/*
 * void cpu_user_enter(struct cpu_regs *regs rdi): interrupts off. Runs user code; returns, with
 * interrupts on and the thread without a user, after a system call, whose registers are in *regs
 * then, or after cpu_user_leave().
 *
 * sysret where the registers are what a system call left of them: its %rcx is the address to
 * return to, its %r11 the flags. iret otherwise. regs->rip is below USER_END, which keeps sysret
 * from faulting in the kernel. Of the flags user mode has what EFLAGS_USER allows; sysret is also
 * too late for the resume flag, and drops the trap flag.
 */
	.globl	cpu_user_enter
	.type	cpu_user_enter, @function
	.p2align 4
cpu_user_enter:
	save_callee
	movq	%gs:CPU_THREAD, %rax
	movq	%rsp, CTX_USER_SP(%rax)
	movq	%rdi, CTX_USER_REGS(%rax)
	movq	%rsp, %gs:CPU_TSS_RSP0

	movq	R_RIP(%rdi), %rcx
	movq	R_EFLAGS(%rdi), %r11
	cmpq	R_RCX(%rdi), %rcx
	jne	.Liret
	cmpq	R_R11(%rdi), %r11
	jne	.Liret
	movl	%r11d, %eax
	andl	$~EFLAGS_SYSRET, %eax
	cmpl	$EFLAGS_FIXED, %eax
	jne	.Liret

	movq	R_R15(%rdi), %r15
	movq	R_R14(%rdi), %r14
	movq	R_R13(%rdi), %r13
	movq	R_R12(%rdi), %r12
	movq	R_RBP(%rdi), %rbp
	movq	R_RBX(%rdi), %rbx
	movq	R_R10(%rdi), %r10
	movq	R_R9(%rdi), %r9
	movq	R_R8(%rdi), %r8
	movq	R_RAX(%rdi), %rax
	movq	R_RDX(%rdi), %rdx
	movq	R_RSI(%rdi), %rsi
	movq	R_RSP(%rdi), %rsp
	movq	R_RDI(%rdi), %rdi
	swapgs
	sysretq

.Liret:	andl	$EFLAGS_USER, %r11d
	orl	$EFLAGS_FIXED, %r11d
	pushq	$SEL_USER_SS
	pushq	R_RSP(%rdi)
	pushq	%r11
	pushq	$SEL_USER_CS
	pushq	%rcx
	movq	R_R15(%rdi), %r15
	movq	R_R14(%rdi), %r14
	movq	R_R13(%rdi), %r13
	movq	R_R12(%rdi), %r12
	movq	R_RBP(%rdi), %rbp
	movq	R_RBX(%rdi), %rbx
	movq	R_R11(%rdi), %r11
	movq	R_R10(%rdi), %r10
	movq	R_R9(%rdi), %r9
	movq	R_R8(%rdi), %r8
	movq	R_RAX(%rdi), %rax
	movq	R_RCX(%rdi), %rcx
	movq	R_RDX(%rdi), %rdx
	movq	R_RSI(%rdi), %rsi
	movq	R_RDI(%rdi), %rdi
	swapgs
	iretq
	.size	cpu_user_enter, . - cpu_user_enter

/*
 * The system-call instruction comes here: interrupts off (FMASK), the user's stack. Its registers
 * go straight to the caller's struct cpu_regs.
 */
	.globl	cpu_syscall_entry
	.type	cpu_syscall_entry, @function
	.p2align 4
cpu_syscall_entry:
	swapgs
	movq	%rsp, %gs:CPU_SCRATCH
	movq	%gs:CPU_THREAD, %rsp
	movq	CTX_USER_REGS(%rsp), %rsp
	movq	%rax, R_ORIG_RAX(%rsp)
	movq	%rax, R_RAX(%rsp)
	movq	%rdi, R_RDI(%rsp)
	movq	%rsi, R_RSI(%rsp)
	movq	%rdx, R_RDX(%rsp)
	movq	%r10, R_R10(%rsp)
	movq	%r8, R_R8(%rsp)
	movq	%r9, R_R9(%rsp)
	movq	%rcx, R_RIP(%rsp)
	movq	%rcx, R_RCX(%rsp)
	movq	%r11, R_EFLAGS(%rsp)
	movq	%r11, R_R11(%rsp)
	movq	%rbx, R_RBX(%rsp)
	movq	%rbp, R_RBP(%rsp)
	movq	%r12, R_R12(%rsp)
	movq	%r13, R_R13(%rsp)
	movq	%r14, R_R14(%rsp)
	movq	%r15, R_R15(%rsp)
	movq	%gs:CPU_SCRATCH, %rcx
	movq	%rcx, R_RSP(%rsp)
	movq	%gs:CPU_THREAD, %rcx
	movq	CTX_USER_SP(%rcx), %rsp
	end_run
	.size	cpu_syscall_entry, . - cpu_syscall_entry

/* void cpu_user_leave(void): interrupts off; cpu_user_enter() of this thread returns. */
	.globl	cpu_user_leave
	.type	cpu_user_leave, @function
	.p2align 4
cpu_user_leave:
	movq	%gs:CPU_THREAD, %rcx
	movq	CTX_USER_SP(%rcx), %rsp
	end_run
	.size	cpu_user_leave, . - cpu_user_leave

	.section .note.GNU-stack, "", @progbits
