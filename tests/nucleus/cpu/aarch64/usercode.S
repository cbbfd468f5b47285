/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of user code; ../../program.h. Position independent. */
	.arch	armv8-a+fp+simd
	.section .rodata
	.globl	user_code, user_code_end
	.p2align 12
user_code:
	.globl	code_syscall
code_syscall:			/* the result in x2, counted in x19 */
	mov	x8, #1
1:	add	x19, x19, #1
	svc	#0
	mov	x8, x2
	b	1b

	.globl	code_call
code_call:
	svc	#0
	ret

	.globl	code_read
code_read:
	ldr	x8, [x0]
	svc	#0

	.globl	code_write
code_write:
	str	x8, [x0]
	svc	#0

	.globl	code_jump
code_jump:
	br	x0

	.globl	code_spin
code_spin:			/* count in memory for ever */
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	b	code_spin

	.globl	code_privileged
code_privileged:
	msr	daifset, #2

	.globl	code_system
code_system:			/* a register of the kernel's */
	mrs	x8, ttbr1_el1

	.globl	code_break
code_break:
	brk	#0

	.globl	code_undefined
code_undefined:
	udf	#0

	.globl	code_fp
code_fp:			/* x0 in the first and the last register for ever; ends if it is another */
	fmov	d0, x0
	dup	v31.2d, x0
1:	ldr	x2, [x1]
	add	x2, x2, #1
	str	x2, [x1]
	fmov	x3, d0
	cmp	x3, x0
	b.ne	2f
	mov	x3, v31.d[1]
	cmp	x3, x0
	b.eq	1b
2:	udf	#0

	.globl	code_fpload
code_fpload:			/* v31 to x8 */
	mov	x8, v31.d[1]
	svc	#0

	.globl	code_tls
code_tls:			/* the thread pointer, which it then adds to */
	mrs	x8, tpidr_el0
	add	x9, x8, #1
	msr	tpidr_el0, x9
	svc	#0

	.globl	code_counter
code_counter:
	mrs	x8, cntvct_el0
	svc	#0

	.globl	code_exclusive
code_exclusive:			/* between the two another program runs: must not be stored */
	ldxr	x2, [x0]
	svc	#0
	stxr	w8, x2, [x0]
	svc	#0
user_code_end:

	.section .note.GNU-stack, "", @progbits
