/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions of another CPU: a page that secondary.c copies below 1 MiB, where the CPU
 * begins in 16-bit mode at its beginning. From there it goes to 64-bit mode at once, with page
 * tables that map this page as it is.
 *
 * The page's last bytes are a struct secondary (secondary.c).
 */
#include "asm.h"

#define AT(sym)		((sym) - secondary_code)
#define ARGS		(4096 - 32)	/* root, cpu, stack, entry: 8 bytes each */
#define SEL_CODE	0x08

	.section .rodata
	.globl	secondary_code, secondary_gdt, secondary_far, secondary_code_end
	.code16
secondary_code:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	(ARGS), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$(EFER_LME | EFER_NXE), %eax
	wrmsr
	lgdtl	(AT(secondary_gdt))
	movl	$(CR0_PG | CR0_WP | CR0_ET | CR0_PE), %eax	/* and caches on */
	movl	%eax, %cr0
	ljmpl	*(AT(secondary_far))

	.code64
1:	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%ebp, %ebp
	movq	(secondary_code + ARGS + 8)(%rip), %rdi
	movq	(secondary_code + ARGS + 16)(%rip), %rsp
	pushq	$0			/* the end of backtraces */
	jmp	*(secondary_code + ARGS + 24)(%rip)

	/* Addresses in here are relative to the page; secondary.c adds where that is. */
	.p2align 3
	.quad	0, 0x00af9b000000ffff
secondary_gdt:
	.short	15
	.long	AT(secondary_gdt) - 16
	.p2align 2
secondary_far:
	.long	AT(1b)
	.short	SEL_CODE
secondary_code_end:

	.section .note.GNU-stack, "", @progbits
