/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C's memory functions, and the accesses that survive a bad address. General registers only.
 *
 * Short copies are overlapping words: all loads of the end before its stores.
 */
	.text

/* void *memcpy(void *dst x0, const void *src x1, size_t len x2) */
	.globl	memcpy
	.type	memcpy, @function
	.p2align 5
memcpy:
	mov	x3, x0
	cmp	x2, #16
	b.lo	4f
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	add	x1, x1, #64
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	stp	x8, x9, [x3, #32]
	stp	x10, x11, [x3, #48]
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #64		/* 0 to 63 are left; 16 can be had before their end */
	b.eq	9f
	add	x12, x1, x2
	add	x13, x3, x2
	ldp	x10, x11, [x12, #-16]
	subs	x2, x2, #16
	b.ls	3f
1:	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x3], #16
	subs	x2, x2, #16
	b.hi	1b
3:	stp	x10, x11, [x13, #-16]
	ret
4:	tbz	x2, #3, 5f
	add	x12, x1, x2
	add	x13, x3, x2
	ldr	x4, [x1]
	ldr	x5, [x12, #-8]
	str	x4, [x3]
	str	x5, [x13, #-8]
	ret
5:	tbz	x2, #2, 6f
	add	x12, x1, x2
	add	x13, x3, x2
	ldr	w4, [x1]
	ldr	w5, [x12, #-4]
	str	w4, [x3]
	str	w5, [x13, #-4]
	ret
6:	cbz	x2, 9f
7:	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	subs	x2, x2, #1
	b.ne	7b
9:	ret
	.size	memcpy, . - memcpy

/* void *memmove(void *dst x0, const void *src x1, size_t len x2) */
	.globl	memmove
	.type	memmove, @function
	.p2align 4
memmove:
	sub	x3, x0, x1
	cmp	x3, x2
	b.lo	2f			/* dst lies in the source: from the end */
	mov	x3, x0
1:	subs	x2, x2, #8		/* word by word, so that any distance will do */
	b.lo	3f
	ldr	x4, [x1], #8
	str	x4, [x3], #8
	b	1b
3:	adds	x2, x2, #8
	b.eq	5f
4:	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	subs	x2, x2, #1
	b.ne	4b
5:	ret
2:	add	x1, x1, x2
	add	x3, x0, x2
6:	subs	x2, x2, #8
	b.lo	7f
	ldr	x4, [x1, #-8]!
	str	x4, [x3, #-8]!
	b	6b
7:	adds	x2, x2, #8
	b.eq	9f
8:	ldrb	w4, [x1, #-1]!
	strb	w4, [x3, #-1]!
	subs	x2, x2, #1
	b.ne	8b
9:	ret
	.size	memmove, . - memmove

/* void *memset(void *dst x0, int c w1, size_t len x2) */
	.globl	memset
	.type	memset, @function
	.p2align 5
memset:
	mov	x3, x0
	and	x4, x1, #0xff
	mov	x5, #0x0101010101010101
	mul	x4, x4, x5
	subs	x2, x2, #64
	b.lo	2f
1:	stp	x4, x4, [x3]
	stp	x4, x4, [x3, #16]
	stp	x4, x4, [x3, #32]
	stp	x4, x4, [x3, #48]
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #64
	b.eq	5f
3:	subs	x2, x2, #8
	b.lo	4f
	str	x4, [x3], #8
	b	3b
4:	adds	x2, x2, #8
	b.eq	5f
6:	strb	w4, [x3], #1
	subs	x2, x2, #1
	b.ne	6b
5:	ret
	.size	memset, . - memset

/* int memcmp(const void *a x0, const void *b x1, size_t len x2) */
	.globl	memcmp
	.type	memcmp, @function
	.p2align 4
memcmp:
	subs	x2, x2, #8
	b.lo	2f
	ldr	x3, [x0], #8
	ldr	x4, [x1], #8
	cmp	x3, x4
	b.eq	memcmp
	rev	x3, x3
	rev	x4, x4
	cmp	x3, x4
	mov	w0, #1
	cneg	w0, w0, lo
	ret
2:	adds	x2, x2, #8
	b.eq	4f
3:	ldrb	w3, [x0], #1
	ldrb	w4, [x1], #1
	subs	w3, w3, w4
	b.ne	5f
	subs	x2, x2, #1
	b.ne	3b
4:	mov	w0, wzr
	ret
5:	mov	w0, w3
	ret
	.size	memcmp, . - memcmp

/* An entry of the table of trap.c: from FROM to TO it may trap, and then goes on at GO. */
	.macro	fixup from, to, go
	.pushsection .fixups, "a"
	.p2align 2
	.word	\from - .
	.word	\to - .
	.word	\go - .
	.popsection
	.endm

/*
 * size_t copy_checked(void *dst x0, const void *src x1, size_t len x2) -> bytes not copied
 *
 * In each stage x0, x1 and x2 say what is still to do when one of its accesses faults; it may have
 * copied some of that already, never less. All go on by single bytes then, whose fault is exact.
 */
	.globl	copy_checked
	.type	copy_checked, @function
	.p2align 5
copy_checked:
	cmp	x2, #8
	b.lo	.Lsmall
	b.ne	1f
.Lone:	ldr	x3, [x1]
	str	x3, [x0]
.Lone_end:
	mov	x0, xzr
	ret
1:	subs	x2, x2, #32
	b.lo	2f
.Lloop:	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	stp	x3, x4, [x0]
	stp	x5, x6, [x0, #16]
.Lloop_end:
	add	x1, x1, #32
	add	x0, x0, #32
	subs	x2, x2, #32
	b.hs	.Lloop
2:	add	x2, x2, #32
3:	cmp	x2, #8
	b.lo	.Lbytes
.Lword:	ldr	x3, [x1]
	str	x3, [x0]
.Lword_end:
	add	x1, x1, #8
	add	x0, x0, #8
	sub	x2, x2, #8
	b	3b
.Lsmall:
	cmp	x2, #4
	b.lo	4f
	b.ne	.Lbytes
	ldr	w3, [x1]
	str	w3, [x0]
	mov	x0, xzr
	ret
4:	cmp	x2, #2
	b.ne	.Lbytes
	ldrh	w3, [x1]
	strh	w3, [x0]
	mov	x0, xzr
	ret
.Lsmall_end:
.Lloop_fix:				/* in the first loop x2 was 32 less */
	add	x2, x2, #32
.Lbytes:
	cbz	x2, .Lstop
.Lbyte:	ldrb	w3, [x1]
	strb	w3, [x0]
.Lbyte_end:
	add	x1, x1, #1
	add	x0, x0, #1
	subs	x2, x2, #1
	b.ne	.Lbyte
.Lstop:	mov	x0, x2
	ret
	fixup	.Lone, .Lone_end, .Lbytes
	fixup	.Lloop, .Lloop_end, .Lloop_fix
	fixup	.Lword, .Lword_end, .Lbytes
	fixup	.Lsmall, .Lsmall_end, .Lbytes
	fixup	.Lbyte, .Lbyte_end, .Lstop
	.size	copy_checked, . - copy_checked

/*
 * Copies between the kernel and a program, with the program's rights on its side: no address there
 * lets them reach the kernel's memory. x2 says all the time what is still to do.
 */
	.macro	user_copy name, load, loadb, store, storeb
	.section .text.\name, "ax", @progbits
	.globl	\name
	.type	\name, @function
	.p2align 5
\name:
1:	cmp	x2, #32
	b.lo	2f
	\load	x3, [x1]
	\load	x4, [x1, #8]
	\load	x5, [x1, #16]
	\load	x6, [x1, #24]
	\store	x3, [x0]
	\store	x4, [x0, #8]
	\store	x5, [x0, #16]
	\store	x6, [x0, #24]
	add	x1, x1, #32
	add	x0, x0, #32
	sub	x2, x2, #32
	b	1b
2:	cmp	x2, #8
	b.lo	3f
	\load	x3, [x1]
	\store	x3, [x0]
	add	x1, x1, #8
	add	x0, x0, #8
	sub	x2, x2, #8
	b	2b
3:	cbz	x2, 4f
	\loadb	w3, [x1]
	\storeb	w3, [x0]
	add	x1, x1, #1
	add	x0, x0, #1
	sub	x2, x2, #1
	b	3b
4:	mov	x0, x2
	ret
	fixup	1b, 4b, 4b
	.size	\name, . - \name
	.endm

/* size_t cpu_copy_in(void *to x0, vaddr_t from x1, size_t len x2) -> bytes left */
	user_copy cpu_copy_in, ldtr, ldtrb, str, strb

/* size_t cpu_copy_out(vaddr_t to x0, const void *from x1, size_t len x2) -> bytes left */
	user_copy cpu_copy_out, ldr, ldrb, sttr, sttrb

	.text
/* int cmpxchg32_checked(uint32_t *p x0, uint32_t old w1, uint32_t new w2, uint32_t *prev x3) */
	.globl	cmpxchg32_checked
	.type	cmpxchg32_checked, @function
	.p2align 4
cmpxchg32_checked:
.Lcas:	ldaxr	w4, [x0]
	cmp	w4, w1
	b.ne	1f
	stlxr	w5, w2, [x0]
	cbnz	w5, .Lcas
.Lcas_end:
2:	str	w4, [x3]
	mov	w0, wzr
	ret
1:	clrex
	b	2b
.Lcas_fix:
	clrex
	mov	w0, #14			/* E_FAULT */
	ret
	fixup	.Lcas, .Lcas_end, .Lcas_fix
	.size	cmpxchg32_checked, . - cmpxchg32_checked

/*
 * bool semihost(unsigned call w0, const void *block x1): ask a debugger or an emulator; false: none
 * listens. It does not return from what ends the machine.
 */
	.globl	semihost
	.type	semihost, @function
	.p2align 4
semihost:
.Lhlt:	hlt	#0xf000
.Lhlt_end:
	mov	w0, #1
	ret
.Lhlt_fix:
	mov	w0, wzr
	ret
	fixup	.Lhlt, .Lhlt_end, .Lhlt_fix
	.size	semihost, . - semihost

	.section .note.GNU-stack, "", @progbits
