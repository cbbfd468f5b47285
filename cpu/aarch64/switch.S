/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of stack: from thread to thread, to user mode, and back from it; floating-point
 * registers.
 *
 * What a callee saves goes to the stack, the stack pointer to the thread's struct cpu_context.
 * While user code runs, SP_EL1 is the thread's kernel stack as cpu_user_enter() left it: an
 * exception finds there the address of the registers, and what cpu_user_enter() saved.
 */
#include "asm.h"
#include "callee.h"

	.text

/* void cpu_switch(struct thread *from x0, struct thread *to x1) */
	.globl	cpu_switch
	.type	cpu_switch, @function
	.p2align 4
cpu_switch:
	save_callee
	mov	x9, sp
	str	x9, [x0, #CTX_SP]
	ldr	x9, [x1, #CTX_SP]
	mov	sp, x9
	mrs	x9, tpidr_el1
	str	x1, [x9, #CPU_THREAD]
	msr	sp_el0, x1
	restore_callee
	ret
	.size	cpu_switch, . - cpu_switch

/* Where a new thread begins; cpu_context_init() has put fn into x19 and arg into x20. */
	.globl	cpu_thread_start
	.type	cpu_thread_start, @function
cpu_thread_start:
	mov	x0, x20
	mov	x29, xzr
	blr	x19
	brk	#0
	.size	cpu_thread_start, . - cpu_thread_start

/*
 * void cpu_user_enter(struct cpu_regs *regs x0): interrupts off. Runs user code; returns, with
 * interrupts off, after a system call, whose registers are in *regs then, or after
 * cpu_user_leave(). pstate is safe (user.c).
 */
	.globl	cpu_user_enter
	.type	cpu_user_enter, @function
	.p2align 4
cpu_user_enter:
	save_callee 16
	str	x0, [sp, #SAVED]
	mrs	x1, sp_el0
	mov	x2, sp
	stp	x2, x0, [x1, #CTX_USER_SP]
/* The same to an exception's frame, x0; sp is as above. */
	.globl	cpu_user_return
cpu_user_return:
	ldp	x1, x2, [x0, #R_SP]
	ldp	x3, x4, [x0, #R_PSTATE]
	msr	sp_el0, x1
	msr	elr_el1, x2
	msr	spsr_el1, x3
	msr	tpidr_el0, x4
	ldp	x2, x3, [x0, #R_X(2)]
	ldp	x4, x5, [x0, #R_X(4)]
	ldp	x6, x7, [x0, #R_X(6)]
	ldp	x8, x9, [x0, #R_X(8)]
	ldp	x10, x11, [x0, #R_X(10)]
	ldp	x12, x13, [x0, #R_X(12)]
	ldp	x14, x15, [x0, #R_X(14)]
	ldp	x16, x17, [x0, #R_X(16)]
	ldp	x18, x19, [x0, #R_X(18)]
	ldp	x20, x21, [x0, #R_X(20)]
	ldp	x22, x23, [x0, #R_X(22)]
	ldp	x24, x25, [x0, #R_X(24)]
	ldp	x26, x27, [x0, #R_X(26)]
	ldp	x28, x29, [x0, #R_X(28)]
	ldr	x30, [x0, #R_X(30)]
	ldp	x0, x1, [x0]
	eret
	.size	cpu_user_enter, . - cpu_user_enter

/*
 * A synchronous exception of user mode (trap.S). A system call's registers go straight to the
 * caller's struct cpu_regs.
 */
	.globl	cpu_user_sync
	.type	cpu_user_sync, @function
	.p2align 4
cpu_user_sync:
	stp	x0, x1, [sp, #-16]!
	mrs	x1, esr_el1
	lsr	x1, x1, #ESR_EC_SHIFT
	cmp	x1, #EC_SVC64
	b.ne	1f
	ldr	x0, [sp, #16 + SAVED]
	stp	x2, x3, [x0, #R_X(2)]
	stp	x4, x5, [x0, #R_X(4)]
	stp	x6, x7, [x0, #R_X(6)]
	stp	x8, x9, [x0, #R_X(8)]
	stp	x10, x11, [x0, #R_X(10)]
	stp	x12, x13, [x0, #R_X(12)]
	stp	x14, x15, [x0, #R_X(14)]
	stp	x16, x17, [x0, #R_X(16)]
	stp	x18, x19, [x0, #R_X(18)]
	stp	x20, x21, [x0, #R_X(20)]
	stp	x22, x23, [x0, #R_X(22)]
	stp	x24, x25, [x0, #R_X(24)]
	stp	x26, x27, [x0, #R_X(26)]
	stp	x28, x29, [x0, #R_X(28)]
	str	x30, [x0, #R_X(30)]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mrs	x2, sp_el0
	mrs	x3, elr_el1
	mrs	x4, spsr_el1
	mrs	x5, tpidr_el0
	stp	x2, x3, [x0, #R_SP]
	stp	x4, x5, [x0, #R_PSTATE]
	mrs	x1, tpidr_el1
	ldr	x1, [x1, #CPU_THREAD]
	msr	sp_el0, x1
	restore_callee 16
	ret
1:	ldp	x0, x1, [sp], #16
	b	trap_user_sync
	.size	cpu_user_sync, . - cpu_user_sync

/* void cpu_user_leave(void): interrupts off; cpu_user_enter() of this thread returns. */
	.globl	cpu_user_leave
	.type	cpu_user_leave, @function
	.p2align 4
cpu_user_leave:
	mrs	x1, sp_el0
	ldr	x2, [x1, #CTX_USER_SP]
	mov	sp, x2
	restore_callee 16
	ret
	.size	cpu_user_leave, . - cpu_user_leave

/* void cpu_fp_save(void *x0), cpu_fp_load(const void *x0): a struct fp_state of user.c */
	.arch	armv8-a+fp+simd
	.globl	cpu_fp_save
	.type	cpu_fp_save, @function
	.p2align 4
cpu_fp_save:
	stp	q0, q1, [x0]
	stp	q2, q3, [x0, #2 * 16]
	stp	q4, q5, [x0, #4 * 16]
	stp	q6, q7, [x0, #6 * 16]
	stp	q8, q9, [x0, #8 * 16]
	stp	q10, q11, [x0, #10 * 16]
	stp	q12, q13, [x0, #12 * 16]
	stp	q14, q15, [x0, #14 * 16]
	stp	q16, q17, [x0, #16 * 16]
	stp	q18, q19, [x0, #18 * 16]
	stp	q20, q21, [x0, #20 * 16]
	stp	q22, q23, [x0, #22 * 16]
	stp	q24, q25, [x0, #24 * 16]
	stp	q26, q27, [x0, #26 * 16]
	stp	q28, q29, [x0, #28 * 16]
	stp	q30, q31, [x0, #30 * 16]
	mrs	x1, fpsr
	mrs	x2, fpcr
	add	x0, x0, #512
	stp	w1, w2, [x0]
	ret
	.size	cpu_fp_save, . - cpu_fp_save

	.globl	cpu_fp_load
	.type	cpu_fp_load, @function
	.p2align 4
cpu_fp_load:
	ldp	q0, q1, [x0]
	ldp	q2, q3, [x0, #2 * 16]
	ldp	q4, q5, [x0, #4 * 16]
	ldp	q6, q7, [x0, #6 * 16]
	ldp	q8, q9, [x0, #8 * 16]
	ldp	q10, q11, [x0, #10 * 16]
	ldp	q12, q13, [x0, #12 * 16]
	ldp	q14, q15, [x0, #14 * 16]
	ldp	q16, q17, [x0, #16 * 16]
	ldp	q18, q19, [x0, #18 * 16]
	ldp	q20, q21, [x0, #20 * 16]
	ldp	q22, q23, [x0, #22 * 16]
	ldp	q24, q25, [x0, #24 * 16]
	ldp	q26, q27, [x0, #26 * 16]
	ldp	q28, q29, [x0, #28 * 16]
	ldp	q30, q31, [x0, #30 * 16]
	add	x0, x0, #512
	ldp	w1, w2, [x0]
	msr	fpsr, x1
	msr	fpcr, x2
	ret
	.size	cpu_fp_load, . - cpu_fp_load

	.section .note.GNU-stack, "", @progbits
