/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and interrupts: the vectors, which make a struct trap_frame (trap.h) and call trap.c.
 *
 * A synchronous exception of the kernel is a checked copy that met a bad address, or the kernel's
 * end. It is handled on a stack of the CPU's own, so that an overflow of the thread's stack can be
 * reported; one that comes while that stack is in use goes on below. Everything else is handled on
 * the thread's stack, where it may be preempted.
 */
#include "asm.h"

	.macro	vector, to
	.p2align 7
	b	\to
	.endm

	.macro	save_x2_x30
	stp	x2, x3, [sp, #R_X(2)]
	stp	x4, x5, [sp, #R_X(4)]
	stp	x6, x7, [sp, #R_X(6)]
	stp	x8, x9, [sp, #R_X(8)]
	stp	x10, x11, [sp, #R_X(10)]
	stp	x12, x13, [sp, #R_X(12)]
	stp	x14, x15, [sp, #R_X(14)]
	stp	x16, x17, [sp, #R_X(16)]
	stp	x18, x19, [sp, #R_X(18)]
	stp	x20, x21, [sp, #R_X(20)]
	stp	x22, x23, [sp, #R_X(22)]
	stp	x24, x25, [sp, #R_X(24)]
	stp	x26, x27, [sp, #R_X(26)]
	stp	x28, x29, [sp, #R_X(28)]
	str	x30, [sp, #R_X(30)]
	.endm

	/* Of the frame what is the same for all but the registers; backtraces go through it. */
	.macro	save_state
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	mrs	x4, esr_el1
	mrs	x5, far_el1
	stp	x2, x3, [sp, #R_PC]
	stp	x4, x5, [sp, #F_ESR]
	.endm

	/* Of the kernel, but for the stack: what a function does not keep is in the frame. */
	.macro	restore_kernel
	ldp	x2, x3, [sp, #R_PC]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldp	x2, x3, [sp, #R_X(2)]
	ldp	x4, x5, [sp, #R_X(4)]
	ldp	x6, x7, [sp, #R_X(6)]
	ldp	x8, x9, [sp, #R_X(8)]
	ldp	x10, x11, [sp, #R_X(10)]
	ldp	x12, x13, [sp, #R_X(12)]
	ldp	x14, x15, [sp, #R_X(14)]
	ldp	x16, x17, [sp, #R_X(16)]
	ldr	x18, [sp, #R_X(18)]
	ldp	x29, x30, [sp, #R_X(29)]
	ldp	x0, x1, [sp]
	.endm

	/* The same as save_state for user mode, whose caller has no frame: the thread's registers, too. */
	.macro	save_user
	sub	sp, sp, #F_SIZE
	stp	x0, x1, [sp]
	save_x2_x30
	save_state
	mrs	x2, sp_el0
	mrs	x3, tpidr_el0
	str	x2, [sp, #R_SP]
	str	x3, [sp, #R_TLS]
	mrs	x2, tpidr_el1
	ldr	x2, [x2, #CPU_THREAD]
	msr	sp_el0, x2
	mov	x29, xzr
	mov	x0, sp
	.endm

	.text
	/* The vectors for user code whose synchronous exceptions go to \sync. */
	.macro	vectors, sync
	vector	kernel_other		/* of the kernel, on the stack SP_EL0, which it does not use */
	vector	kernel_other
	vector	kernel_other
	vector	kernel_other
	vector	kernel_sync
	vector	kernel_irq
	vector	kernel_irq
	vector	kernel_other
	vector	\sync
	vector	user_irq
	vector	user_irq
	vector	user_other
	vector	kernel_other		/* of 32-bit code, which does not run */
	vector	kernel_other
	vector	kernel_other
	vector	kernel_other
	.endm

	.globl	trap_vectors, trap_native_vectors
	.p2align 11
trap_vectors:
	vectors	cpu_user_sync
	.p2align 11
trap_native_vectors:
	vectors	cpu_native_sync

	/* Room on the CPU's stack for this. TPIDRRO_EL0 is 0 outside. */
	.macro	fault_stack
	msr	tpidrro_el0, x0
	mrs	x0, tpidr_el1
	str	x1, [x0, #CPU_SCRATCH]
	ldr	x0, [x0, #CPU_FAULT_STACK]
	mov	x1, sp
	sub	x0, x0, x1		/* 1 to its size: we are on it */
	sub	x0, x0, #1
	lsr	x0, x0, #FAULT_STACK_SHIFT
	cbz	x0, 1f
	mrs	x0, tpidr_el1
	ldr	x0, [x0, #CPU_FAULT_STACK]
	mov	sp, x0
1:	sub	sp, sp, #F_SIZE
	str	x1, [sp, #R_SP]
	mrs	x0, tpidr_el1
	ldr	x1, [x0, #CPU_SCRATCH]
	mrs	x0, tpidrro_el0
	stp	x0, x1, [sp]
	.endm

	.type	kernel_sync, @function
	.p2align 4
kernel_sync:
	fault_stack
	save_x2_x30
	save_state
	mov	x0, sp
	bl	trap_kernel
	restore_kernel			/* what the frame says, and then its stack */
	msr	tpidrro_el0, x1
	ldr	x1, [sp, #R_SP]
	mov	sp, x1
	mrs	x1, tpidrro_el0
	msr	tpidrro_el0, xzr
	eret
	.size	kernel_sync, . - kernel_sync

	.type	kernel_other, @function
	.p2align 4
kernel_other:
	fault_stack
	save_x2_x30
	save_state
	mov	x0, sp
	bl	trap_system
	.size	kernel_other, . - kernel_other

	.type	kernel_irq, @function
	.p2align 4
kernel_irq:
	sub	sp, sp, #F_SIZE
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #R_X(2)]
	stp	x4, x5, [sp, #R_X(4)]
	stp	x6, x7, [sp, #R_X(6)]
	stp	x8, x9, [sp, #R_X(8)]
	stp	x10, x11, [sp, #R_X(10)]
	stp	x12, x13, [sp, #R_X(12)]
	stp	x14, x15, [sp, #R_X(14)]
	stp	x16, x17, [sp, #R_X(16)]
	str	x18, [sp, #R_X(18)]
	stp	x29, x30, [sp, #R_X(29)]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x2, x3, [sp, #R_PC]
	str	x29, [sp, #F_RECORD]
	str	x2, [sp, #F_RECORD + 8]
	add	x29, sp, #F_RECORD
	bl	trap_irq
	restore_kernel
	add	sp, sp, #F_SIZE
	eret
	.size	kernel_irq, . - kernel_irq

	.globl	trap_user_sync
	.type	trap_user_sync, @function
	.p2align 4
trap_user_sync:
	save_user
	bl	user_exception
	.size	trap_user_sync, . - trap_user_sync

	.type	user_irq, @function
	.p2align 4
user_irq:
	save_user
	bl	trap_irq
	mov	x0, sp
	bl	user_check_work
	mov	x0, sp
	add	sp, sp, #F_SIZE		/* interrupts are off: nothing overwrites the frame */
	b	cpu_user_return
	.size	user_irq, . - user_irq

	.type	user_other, @function
	.p2align 4
user_other:
	save_user
	bl	trap_system
	.size	user_other, . - user_other

	.section .note.GNU-stack, "", @progbits
