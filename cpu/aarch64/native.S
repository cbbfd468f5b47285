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
 * Registers that abi.h says are lost become 0: they may hold anything of the kernel's.
 */
#include "asm.h"
#include "callee.h"

	.text
	.globl	cpu_native_sync
	.type	cpu_native_sync, @function
	.p2align 4
cpu_native_sync:
	stp	x0, x1, [sp, #-N_SIZE]!
	mrs	x1, esr_el1
	lsr	x1, x1, #ESR_EC_SHIFT
	cmp	x1, #EC_SVC64
	b.ne	2f
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x8, [sp, #48]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	mrs	x4, sp_el0
	mrs	x5, tpidr_el0
	stp	x2, x3, [sp, #N_PC]
	stp	x4, x5, [sp, #N_SP]
	stp	x18, x30, [sp, #N_X18]
	mrs	x1, tpidr_el1
	ldr	x1, [x1, #CPU_THREAD]
	msr	sp_el0, x1
	cmp	x8, #NATIVE_FAST
	b.hs	1f
	adrp	x9, native_fast
	add	x9, x9, :lo12:native_fast
	and	x10, x8, #NATIVE_FAST - 1	/* also where the CPU only guesses */
	ldr	x9, [x9, x10, lsl #3]
	cbz	x9, 1f
	mov	x0, sp
	blr	x9
.Lnext:	cmp	x0, #NATIVE_LEAST
	b.lt	3f

	/* To the program, with the result in x0. */
.Lback:	ldr	x1, [sp, #8]
	ldp	x2, x3, [sp, #N_PC]
	ldp	x4, x5, [sp, #N_SP]
	ldp	x18, x30, [sp, #N_X18]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	msr	sp_el0, x4
	msr	tpidr_el0, x5
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x8, [sp, #48]
	mov	x7, xzr
	mov	x9, xzr
	mov	x10, xzr
	mov	x11, xzr
	mov	x12, xzr
	mov	x13, xzr
	mov	x14, xzr
	mov	x15, xzr
	mov	x16, xzr
	mov	x17, xzr
	add	sp, sp, #N_SIZE
	eret

	/* The thread in x0 goes on from its frame; as cpu_switch(), but for where. */
3:	tbnz	x0, #0, 4f
	mrs	x1, sp_el0
	mrs	x2, tpidr_el1
	adr	x30, cpu_native_woken
	save_callee
	mov	x3, sp
	str	x3, [x1, #CTX_SP]
	ldr	x3, [x0, #CTX_SP]
	mov	sp, x3
	str	x0, [x2, #CPU_THREAD]
	msr	sp_el0, x0
	ldr	x3, [x2, #CPU_RUNQ]
	stlr	wzr, [x3]		/* its lock */
	ldr	x0, [x0, #THREAD_USER]
	ldr	x0, [x0, #USER_SPACE]
	restore_callee
	bl	cpu_pt_use
	mov	x0, xzr
	b	.Lback

4:	sub	x1, x0, #1
	lsl	x2, x1, #1
	cbz	x2, 1f			/* NATIVE_LEAVE */
	mrs	x0, sp_el0
	adr	x30, cpu_native_woken
	b	cpu_switch

	/* cpu_user_enter() returns, with the registers in its caller's struct cpu_regs. */
1:	ldr	x0, [sp, #N_SIZE + SAVED]
	ldp	x2, x3, [sp]
	stp	x2, x3, [x0]
	ldp	x2, x3, [sp, #16]
	stp	x2, x3, [x0, #R_X(2)]
	ldp	x2, x3, [sp, #32]
	stp	x2, x3, [x0, #R_X(4)]
	ldp	x2, x3, [sp, #48]
	stp	x2, xzr, [x0, #R_X(6)]
	stp	x3, xzr, [x0, #R_X(8)]
	stp	xzr, xzr, [x0, #R_X(10)]
	stp	xzr, xzr, [x0, #R_X(12)]
	stp	xzr, xzr, [x0, #R_X(14)]
	stp	xzr, xzr, [x0, #R_X(16)]
	ldp	x2, x3, [sp, #N_X18]
	stp	x2, x19, [x0, #R_X(18)]
	stp	x20, x21, [x0, #R_X(20)]
	stp	x22, x23, [x0, #R_X(22)]
	stp	x24, x25, [x0, #R_X(24)]
	stp	x26, x27, [x0, #R_X(26)]
	stp	x28, x29, [x0, #R_X(28)]
	str	x3, [x0, #R_X(30)]
	ldp	x2, x3, [sp, #N_PC]
	ldp	x4, x5, [sp, #N_SP]
	stp	x4, x2, [x0, #R_SP]
	stp	x3, x5, [x0, #R_PSTATE]
	add	sp, sp, #N_SIZE
	restore_callee 16
	ret

2:	ldp	x0, x1, [sp], #N_SIZE
	b	trap_user_sync
	.size	cpu_native_sync, . - cpu_native_sync

	.type	cpu_native_woken, @function
cpu_native_woken:
	mov	x0, sp
	bl	native_woken
	b	.Lnext
	.size	cpu_native_woken, . - cpu_native_woken

	.section .note.GNU-stack, "", @progbits
