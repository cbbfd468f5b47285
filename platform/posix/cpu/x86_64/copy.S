/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rumpext_copy and rumpext_cmpxchg32 for x86_64, with the table of places where they may fault.
 *
 * size_t rumpext_copy(void *dst rdi, const void *src rsi, size_t len rdx) -> bytes not copied
 *
 * Every bulk stage keeps the invariant that rdi, rsi and rdx (rcx in the string move) say what is
 * still to do when one of its accesses faults; it may have copied some of that already, never
 * less. The fixup of all of them is to go on by single bytes, whose fault is exact.
 * Sizes of 1, 2, 4 and 8 bytes are the donor's get_user and put_user and come first.
 */
	.text
	.globl	rumpext_copy
	.type	rumpext_copy, @function
	.p2align 6
rumpext_copy:
	endbr64
.Lbulk:
	cmpq	$8, %rdx
	jne	1f
	movq	(%rsi), %rax
	movq	%rax, (%rdi)
	xorl	%eax, %eax
	ret
1:	ja	3f
	cmpq	$4, %rdx
	jne	2f
	movl	(%rsi), %eax
	movl	%eax, (%rdi)
	xorl	%eax, %eax
	ret
2:	ja	.Lfive
	cmpq	$2, %rdx
	ja	.Lbytes		/* 3 */
	jb	.Lone
	movzwl	(%rsi), %eax
	movw	%ax, (%rdi)
	xorl	%eax, %eax
	ret
.Lone:	testq	%rdx, %rdx
	jz	.Lnone
	movzbl	(%rsi), %eax
	movb	%al, (%rdi)
.Lnone:	xorl	%eax, %eax
	ret
.Lfive:	/* 5 to 7: two overlapping words, loaded before either is stored */
	movl	(%rsi), %eax
	movl	-4(%rsi,%rdx), %ecx
	movl	%eax, (%rdi)
	movl	%ecx, -4(%rdi,%rdx)
	xorl	%eax, %eax
	ret

3:	cmpq	$16, %rdx
	ja	4f
	movq	(%rsi), %rax
	movq	-8(%rsi,%rdx), %rcx
	movq	%rax, (%rdi)
	movq	%rcx, -8(%rdi,%rdx)
	xorl	%eax, %eax
	ret
4:	cmpq	$32, %rdx
	ja	5f
	movups	(%rsi), %xmm0
	movups	-16(%rsi,%rdx), %xmm1
	movups	%xmm0, (%rdi)
	movups	%xmm1, -16(%rdi,%rdx)
	xorl	%eax, %eax
	ret

5:	cmpq	$1024, %rdx
	jae	.Lstring
	cmpq	$64, %rdx
	jb	.Ltail
	.p2align 4
6:	movups	(%rsi), %xmm0
	movups	16(%rsi), %xmm1
	movups	32(%rsi), %xmm2
	movups	48(%rsi), %xmm3
	movups	%xmm0, (%rdi)
	movups	%xmm1, 16(%rdi)
	movups	%xmm2, 32(%rdi)
	movups	%xmm3, 48(%rdi)
	addq	$64, %rsi
	addq	$64, %rdi
	subq	$64, %rdx
	cmpq	$64, %rdx
	jae	6b
	/* fewer than 64 left, and before them at least 32 of this very copy */
.Ltail:	cmpq	$32, %rdx
	jb	7f
	movups	(%rsi), %xmm0
	movups	16(%rsi), %xmm1
	movups	-32(%rsi,%rdx), %xmm2
	movups	-16(%rsi,%rdx), %xmm3
	movups	%xmm0, (%rdi)
	movups	%xmm1, 16(%rdi)
	movups	%xmm2, -32(%rdi,%rdx)
	movups	%xmm3, -16(%rdi,%rdx)
	xorl	%eax, %eax
	ret
7:	testq	%rdx, %rdx
	jz	.Lnone
	movups	-32(%rsi,%rdx), %xmm2
	movups	-16(%rsi,%rdx), %xmm3
	movups	%xmm2, -32(%rdi,%rdx)
	movups	%xmm3, -16(%rdi,%rdx)
	xorl	%eax, %eax
	ret

	/*
	 * String move for the rest, from a 64-byte boundary of the destination on, without which
	 * some processors copy at a fraction of their speed.
	 */
.Lstring:
	movl	%edi, %ecx
	negl	%ecx
	andl	$63, %ecx
	jz	8f
	movups	(%rsi), %xmm0
	movups	16(%rsi), %xmm1
	movups	32(%rsi), %xmm2
	movups	48(%rsi), %xmm3
	movups	%xmm0, (%rdi)
	movups	%xmm1, 16(%rdi)
	movups	%xmm2, 32(%rdi)
	movups	%xmm3, 48(%rdi)
	addq	%rcx, %rsi
	addq	%rcx, %rdi
	subq	%rcx, %rdx
8:	movq	%rdx, %rcx
.Lrep:	rep movsb
.Lrepend:
	xorl	%eax, %eax
	ret
.Lbulkend:

.Lrepfix:
	movq	%rcx, %rdx
.Lbytes:
	testq	%rdx, %rdx
	jz	.Lstop
.Lbyte:	movb	(%rsi), %al
	movb	%al, (%rdi)
.Lbyteend:
	incq	%rsi
	incq	%rdi
	decq	%rdx
	jnz	.Lbyte
.Lstop:	movq	%rdx, %rax
	ret
	.size	rumpext_copy, . - rumpext_copy

/* int rumpext_cmpxchg32(uint32_t *p rdi, uint32_t old esi, uint32_t new edx, uint32_t *prev rcx) */
	.globl	rumpext_cmpxchg32
	.type	rumpext_cmpxchg32, @function
	.p2align 4
rumpext_cmpxchg32:
	endbr64
	movl	%esi, %eax
.Lcas:	lock cmpxchgl %edx, (%rdi)
.Lcasend:
	movl	%eax, (%rcx)
	xorl	%eax, %eax
	ret
.Lcasfix:
	movl	$14, %eax	/* RUMP_EFAULT */
	ret
	.size	rumpext_cmpxchg32, . - rumpext_cmpxchg32

/* Where a fault is ours, and where to go on: start, end, fixup, each relative to its own place. */
	.section .rodata
	.globl	rumpuser__fixups, rumpuser__fixups_end
	.p2align 2
rumpuser__fixups:
	.long	.Lrep - ., .Lrepend - ., .Lrepfix - .
	.long	.Lbulk - ., .Lbulkend - ., .Lbytes - .
	.long	.Lbyte - ., .Lbyteend - ., .Lstop - .
	.long	.Lcas - ., .Lcasend - ., .Lcasfix - .
rumpuser__fixups_end:
	.section .note.GNU-stack, "", @progbits
