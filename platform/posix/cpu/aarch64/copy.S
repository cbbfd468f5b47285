/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rumpext_copy and rumpext_cmpxchg32 for aarch64, with the table of places where they may fault.
 *
 * size_t rumpext_copy(void *dst x0, const void *src x1, size_t len x2) -> bytes not copied
 *
 * Every bulk stage keeps the invariant that x0, x1 and x2 say what is still to do when one of its
 * accesses faults; it may have copied some of that already, never less. The fixup of all of them
 * is to go on by single bytes, whose fault is exact.
 */
	.text
	.globl	rumpext_copy
	.type	rumpext_copy, %function
	.p2align 6
rumpext_copy:
	hint	#34			/* bti c */
.Lbulk:
	cmp	x2, #8
	b.ne	1f
	ldr	x3, [x1]
	str	x3, [x0]
	mov	x0, xzr
	ret
1:	b.hi	3f
	cmp	x2, #4
	b.ne	2f
	ldr	w3, [x1]
	str	w3, [x0]
	mov	x0, xzr
	ret
2:	b.hi	.Lfive
	cmp	x2, #2
	b.hi	.Lbytes
	b.lo	.Lone
	ldrh	w3, [x1]
	strh	w3, [x0]
	mov	x0, xzr
	ret
.Lone:	cbz	x2, .Lnone
	ldrb	w3, [x1]
	strb	w3, [x0]
.Lnone:	mov	x0, xzr
	ret
.Lfive:	add	x5, x1, x2
	add	x6, x0, x2
	ldr	w3, [x1]
	ldur	w4, [x5, #-4]
	str	w3, [x0]
	stur	w4, [x6, #-4]
	mov	x0, xzr
	ret

3:	cmp	x2, #16
	b.hi	4f
	add	x5, x1, x2
	add	x6, x0, x2
	ldr	x3, [x1]
	ldur	x4, [x5, #-8]
	str	x3, [x0]
	stur	x4, [x6, #-8]
	mov	x0, xzr
	ret

4:	cmp	x2, #64
	b.lo	6f
	.p2align 4
5:	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	ldp	x7, x8, [x1, #32]
	ldp	x9, x10, [x1, #48]
	stp	x3, x4, [x0]
	stp	x5, x6, [x0, #16]
	stp	x7, x8, [x0, #32]
	stp	x9, x10, [x0, #48]
	add	x1, x1, #64
	add	x0, x0, #64
	sub	x2, x2, #64
	cmp	x2, #64
	b.hs	5b
6:	cmp	x2, #16
	b.lo	7f
	ldp	x3, x4, [x1]
	stp	x3, x4, [x0]
	add	x1, x1, #16
	add	x0, x0, #16
	sub	x2, x2, #16
	b	6b
	/* fewer than 16 left, and before them at least 16 of this very copy */
7:	cbz	x2, .Lnone
	add	x5, x1, x2
	add	x6, x0, x2
	ldp	x3, x4, [x5, #-16]
	stp	x3, x4, [x6, #-16]
	mov	x0, xzr
	ret
.Lbulkend:

.Lbytes:
	cbz	x2, .Lstop
.Lbyte:	ldrb	w3, [x1]
	strb	w3, [x0]
.Lbyteend:
	add	x1, x1, #1
	add	x0, x0, #1
	subs	x2, x2, #1
	b.ne	.Lbyte
.Lstop:	mov	x0, x2
	ret
	.size	rumpext_copy, . - rumpext_copy

/* int rumpext_cmpxchg32(uint32_t *p x0, uint32_t old w1, uint32_t new w2, uint32_t *prev x3) */
	.globl	rumpext_cmpxchg32
	.type	rumpext_cmpxchg32, %function
	.p2align 4
rumpext_cmpxchg32:
	hint	#34			/* bti c */
.Lcas:	ldaxr	w4, [x0]
	cmp	w4, w1
	b.ne	8f
	stlxr	w5, w2, [x0]
	cbnz	w5, .Lcas
.Lcasend:
	dmb	ish
	b	9f
8:	clrex
9:	str	w4, [x3]
	mov	w0, wzr
	ret
.Lcasfix:
	mov	w0, #14			/* RUMP_EFAULT */
	ret
	.size	rumpext_cmpxchg32, . - rumpext_cmpxchg32

/* Where a fault is ours, and where to go on: start, end, fixup, each relative to its own place. */
	.section .rodata
	.globl	rumpuser__fixups, rumpuser__fixups_end
	.p2align 2
rumpuser__fixups:
	.word	.Lbulk - ., .Lbulkend - ., .Lbytes - .
	.word	.Lbyte - ., .Lbyteend - ., .Lstop - .
	.word	.Lcas - ., .Lcasend - ., .Lcasfix - .
rumpuser__fixups_end:
	.section .note.GNU-stack, "", %progbits
