/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C's memory functions, and the copies that survive a bad address. General registers only.
 *
 * Short ones are overlapping words: all loads of the end before its stores. Long ones are string
 * instructions, which fast CPUs do in whole cache lines.
 */
#define LONG	512

	.text

/* void *memcpy(void *dst rdi, const void *src rsi, size_t len rdx) */
	.globl	memcpy
	.type	memcpy, @function
	.p2align 5
memcpy:
	movq	%rdi, %rax
	cmpq	$16, %rdx
	jb	.Lcpy_short
	cmpq	$LONG, %rdx
	jae	.Lcpy_long
	subq	$32, %rdx
	jb	2f
1:	movq	(%rsi), %rcx
	movq	8(%rsi), %r8
	movq	16(%rsi), %r9
	movq	24(%rsi), %r10
	movq	%rcx, (%rdi)
	movq	%r8, 8(%rdi)
	movq	%r9, 16(%rdi)
	movq	%r10, 24(%rdi)
	addq	$32, %rsi
	addq	$32, %rdi
	subq	$32, %rdx
	jae	1b
2:	addq	$32, %rdx		/* 0 to 31 are left, with 16 before them, or it is 16 to 31 */
	cmpq	$16, %rdx
	jbe	3f
	movq	(%rsi), %rcx
	movq	8(%rsi), %r8
	movq	-16(%rsi,%rdx), %r9
	movq	-8(%rsi,%rdx), %r10
	movq	%rcx, (%rdi)
	movq	%r8, 8(%rdi)
	movq	%r9, -16(%rdi,%rdx)
	movq	%r10, -8(%rdi,%rdx)
	ret
3:	movq	-16(%rsi,%rdx), %r9
	movq	-8(%rsi,%rdx), %r10
	movq	%r9, -16(%rdi,%rdx)
	movq	%r10, -8(%rdi,%rdx)
	ret
.Lcpy_long:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
	rep movsq
	jz	6f
	movq	-8(%rsi,%rdx), %rcx
	movq	%rcx, -8(%rdi,%rdx)
	ret
.Lcpy_short:
	cmpl	$8, %edx
	jb	4f
	movq	(%rsi), %rcx
	movq	-8(%rsi,%rdx), %r8
	movq	%rcx, (%rdi)
	movq	%r8, -8(%rdi,%rdx)
	ret
4:	cmpl	$4, %edx
	jb	5f
	movl	(%rsi), %ecx
	movl	-4(%rsi,%rdx), %r8d
	movl	%ecx, (%rdi)
	movl	%r8d, -4(%rdi,%rdx)
	ret
5:	testb	$2, %dl
	jz	7f
	movzwl	(%rsi), %ecx
	movzwl	-2(%rsi,%rdx), %r8d
	movw	%cx, (%rdi)
	movw	%r8w, -2(%rdi,%rdx)
	ret
7:	testl	%edx, %edx
	jz	6f
	movb	(%rsi), %cl
	movb	%cl, (%rdi)
6:	ret
	.size	memcpy, . - memcpy

/* void *memmove(void *dst rdi, const void *src rsi, size_t len rdx) */
	.globl	memmove
	.type	memmove, @function
	.p2align 4
memmove:
	movq	%rdi, %rax
	subq	%rsi, %rax
	cmpq	%rdx, %rax
	jb	1f			/* dst lies in the source: from the end */
	negq	%rax
	cmpq	%rdx, %rax
	jae	memcpy
	movq	%rdi, %rax		/* the source lies in dst: from the beginning */
	movq	%rdx, %rcx
	rep movsb
	ret
1:	movq	%rdi, %rax
2:	subq	$8, %rdx
	jb	3f
	movq	(%rsi,%rdx), %rcx
	movq	%rcx, (%rdi,%rdx)
	jmp	2b
3:	addq	$8, %rdx
	jz	5f
4:	decq	%rdx
	movb	(%rsi,%rdx), %cl
	movb	%cl, (%rdi,%rdx)
	jnz	4b
5:	ret
	.size	memmove, . - memmove

/* void *memset(void *dst rdi, int c esi, size_t len rdx) */
	.globl	memset
	.type	memset, @function
	.p2align 5
memset:
	movzbl	%sil, %eax
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rax
	movq	%rdi, %r8
	cmpq	$LONG, %rdx
	jae	.Lset_long
	cmpq	$8, %rdx
	jb	2f
1:	movq	%rax, (%rdi)
	addq	$8, %rdi
	subq	$8, %rdx
	cmpq	$8, %rdx
	jae	1b
	movq	%rax, -8(%rdi,%rdx)
	movq	%r8, %rax
	ret
2:	testl	%edx, %edx
	jz	3f
	decl	%edx
	movb	%al, (%rdi,%rdx)
	jmp	2b
3:	movq	%r8, %rax
	ret
.Lset_long:
	movq	%rax, -8(%rdi,%rdx)
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep stosq
	movq	%r8, %rax
	ret
	.size	memset, . - memset

/* int memcmp(const void *a rdi, const void *b rsi, size_t len rdx) */
	.globl	memcmp
	.type	memcmp, @function
	.p2align 4
memcmp:
1:	subq	$8, %rdx
	jb	2f
	movq	(%rdi), %rax
	movq	(%rsi), %rcx
	addq	$8, %rdi
	addq	$8, %rsi
	cmpq	%rcx, %rax
	je	1b
	bswapq	%rax
	bswapq	%rcx
	cmpq	%rcx, %rax
	sbbl	%eax, %eax
	orl	$1, %eax
	ret
2:	addq	$8, %rdx
	jz	4f
3:	movzbl	(%rdi), %eax
	movzbl	(%rsi), %ecx
	subl	%ecx, %eax
	jnz	5f
	incq	%rdi
	incq	%rsi
	decq	%rdx
	jnz	3b
4:	xorl	%eax, %eax
5:	ret
	.size	memcmp, . - memcmp

/*
 * size_t copy_checked(void *dst rdi, const void *src rsi, size_t len rdx) -> bytes not copied
 *
 * In each stage rdi, rsi and rdx (rcx words in the string move) say what is still to do when one
 * of its accesses faults; it may have copied some of that already, never less. All go on by single
 * bytes then, whose fault is exact; but for copy_to_fault(), which saves that second fault.
 */
	.globl	copy_to_fault
	.type	copy_to_fault, @function
	.p2align 4
copy_to_fault:
	movl	$1, %r11d
	jmp	.Lwords
	.size	copy_to_fault, . - copy_to_fault

	.globl	copy_checked
	.type	copy_checked, @function
	.p2align 5
copy_checked:
	xorl	%r11d, %r11d
.Lwords:
	cmpq	$8, %rdx
	jb	3f
	jne	1f
	movq	(%rsi), %rax
	movq	%rax, (%rdi)
	xorl	%eax, %eax
	ret
1:	cmpq	$LONG, %rdx
	jae	.Lstring
	subq	$32, %rdx
	jb	.Lloop_end
.Lloop:	movq	(%rsi), %rcx
	movq	8(%rsi), %r8
	movq	16(%rsi), %r9
	movq	24(%rsi), %r10
	movq	%rcx, (%rdi)
	movq	%r8, 8(%rdi)
	movq	%r9, 16(%rdi)
	movq	%r10, 24(%rdi)
	addq	$32, %rsi
	addq	$32, %rdi
	subq	$32, %rdx
	jae	.Lloop
.Lloop_end:
	addq	$32, %rdx
.Lwords_end:
9:	cmpq	$8, %rdx
	jb	.Lbytes
.Lword:	movq	(%rsi), %rcx
	movq	%rcx, (%rdi)
.Lword_end:
	addq	$8, %rsi
	addq	$8, %rdi
	subq	$8, %rdx
	jmp	9b
3:	cmpl	$4, %edx
	jb	4f
	jne	.Lbytes
.Lsmall:
	movl	(%rsi), %eax
	movl	%eax, (%rdi)
	xorl	%eax, %eax
	ret
4:	cmpl	$2, %edx
	jne	.Lbytes
	movzwl	(%rsi), %eax
	movw	%ax, (%rdi)
	xorl	%eax, %eax
	ret
.Lsmall_end:
.Lstring:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
.Lrep:	rep movsq
.Lrep_end:
	jmp	.Lbytes
.Lrep_fix:
	leaq	(%rdx,%rcx,8), %rdx
	jmp	.Lfault
.Lloop_fix:				/* in the first loop rdx was 32 less */
	addq	$32, %rdx
.Lfault:
	testl	%r11d, %r11d
	jnz	.Lstop
.Lbytes:
	testq	%rdx, %rdx
	jz	.Lstop
.Lbyte:	movb	(%rsi), %al
	movb	%al, (%rdi)
.Lbyte_end:
	incq	%rsi
	incq	%rdi
	decq	%rdx
	jnz	.Lbyte
.Lstop:	movq	%rdx, %rax
	ret
	.size	copy_checked, . - copy_checked

/* int cmpxchg32_checked(uint32_t *p rdi, uint32_t old esi, uint32_t new edx, uint32_t *prev rcx) */
	.globl	cmpxchg32_checked
	.type	cmpxchg32_checked, @function
	.p2align 4
cmpxchg32_checked:
	movl	%esi, %eax
.Lcas:	lock cmpxchgl %edx, (%rdi)
.Lcas_end:
	movl	%eax, (%rcx)
	xorl	%eax, %eax
	ret
.Lcas_fix:
	movl	$14, %eax		/* E_FAULT */
	ret
	.size	cmpxchg32_checked, . - cmpxchg32_checked

/* Where a fault is ours, and where to go on; trap.c. */
	.section .rodata
	.globl	trap_fixups, trap_fixups_end
	.p2align 2
trap_fixups:
	.long	.Lloop - ., .Lloop_end - ., .Lloop_fix - .
	.long	.Lwords - ., .Lwords_end - ., .Lfault - .
	.long	.Lword - ., .Lword_end - ., .Lfault - .
	.long	.Lsmall - ., .Lsmall_end - ., .Lfault - .
	.long	.Lrep - ., .Lrep_end - ., .Lrep_fix - .
	.long	.Lbyte - ., .Lbyte_end - ., .Lstop - .
	.long	.Lcas - ., .Lcas_end - ., .Lcas_fix - .
trap_fixups_end:

	.section .note.GNU-stack, "", @progbits
