/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions. Entered in 32-bit protected mode, paging off, by the PVH note (Xen's
 * boot ABI, which QEMU's -kernel uses) or the multiboot2 header (GRUB), with %ebx the address of
 * what the loader has to say. Makes boot page tables and goes to nucleus_start() in 64-bit mode.
 *
 * A multiboot2 loader may have put the image elsewhere than at its link address, by a multiple of
 * 2 MiB: the difference is kept in %ebp until paging is on, and in kernel_delta.
 *
 * Boot page tables, all of large pages, writable and executable until space_init() replaces them:
 * the first 4 GiB at 0 and at DIRECT_BASE, 1 GiB from kernel_delta on at KERNEL_BASE.
 */
#include "asm.h"

#define BASE		0xffffffff80000000
#define P(sym)		((sym) - BASE)(%ebp)	/* a symbol's physical address */

#define MB2_MAGIC	0xe85250d6
#define MB2_OPTIONAL	1

#define PTE_TABLE	0x003		/* present, writable */
#define PTE_LARGE	0x083

	.section .boot, "ax"

	.p2align 3
mb2_header:
	.long	MB2_MAGIC, 0, mb2_end - mb2_header
	.long	-(MB2_MAGIC + (mb2_end - mb2_header))
	.p2align 3
	.short	3, 0			/* entry address */
	.long	12, mb2_start - BASE
	.p2align 3
	.short	10, MB2_OPTIONAL	/* relocatable: from, to, alignment, lowest wins */
	.long	24, 0x200000, 0x3fffffff, 0x200000, 1
	.p2align 3
	.short	5, MB2_OPTIONAL		/* framebuffer: any size */
	.long	20, 0, 0, 32
	.p2align 3
	.short	6, MB2_OPTIONAL		/* modules on page boundaries */
	.long	8
	.p2align 3
	.short	0, 0
	.long	8
mb2_end:

	.section .note.pvh, "a", @note
	.p2align 2
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	pvh_start - BASE

	/* include/pillion/image.h, struct pillion_note_archive */
	.section .note.pillion, "a", @note
	.p2align 2
	.long	8, 24, 1
	.asciz	"Pillion"
	.globl	image_module
image_module:
	.long	1, 0
	.quad	0, 0

	.section .boot, "ax"
	.code32
	.globl	pvh_start
pvh_start:
	xorl	%eax, %eax
mb2_start:
	cli
	cld
	movl	%eax, %esi
	rdtsc
	movl	%eax, %edi

	/* Where are we? The second word of the loader's structure is free to be a stack. */
	movl	4(%ebx), %ecx
	leal	8(%ebx), %esp
	call	1f
1:	popl	%ebp
	movl	%ecx, 4(%ebx)
	subl	$(1b - BASE), %ebp
	leal	P(boot_stack_end), %esp

	movl	%edi, P(boot_counter)
	movl	%edx, P(boot_counter + 4)
	movl	%esi, P(boot_magic)
	movl	%ebx, P(boot_data)
	movl	%ebp, P(kernel_delta)

	/* Long mode and no-execute pages, or nothing. */
	movl	$0x80000001, %eax
	cpuid
	andl	$(1 << 29 | 1 << 20), %edx
	cmpl	$(1 << 29 | 1 << 20), %edx
	jne	.Lold

	leal	P(boot_pd), %edi		/* 4 GiB from 0 */
	movl	$PTE_LARGE, %eax
	xorl	%edx, %edx
	movl	$2048, %ecx
2:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	2b
	leal	PTE_LARGE(%ebp), %eax		/* boot_pd_kernel follows: 1 GiB from kernel_delta */
	movl	$512, %ecx
3:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	3b

	leal	P(boot_pdpt), %edi
	leal	P(boot_pd + PTE_TABLE), %eax
	movl	$4, %ecx
4:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	4b
	movl	%eax, P(boot_pdpt_kernel + 510 * 8)
	leal	P(boot_pdpt + PTE_TABLE), %eax
	movl	%eax, P(boot_pml4)
	movl	%eax, P(boot_pml4 + 256 * 8)
	leal	P(boot_pdpt_kernel + PTE_TABLE), %eax
	movl	%eax, P(boot_pml4 + 511 * 8)

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	leal	P(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$(EFER_LME | EFER_NXE), %eax
	wrmsr
	movl	%cr0, %eax
	orl	$(CR0_PG | CR0_WP), %eax
	movl	%eax, %cr0

	leal	P(boot_gdt), %eax
	movl	%eax, P(boot_gdtr + 2)
	lgdt	P(boot_gdtr)
	pushl	$SEL_KERNEL_CS
	leal	P(start64), %eax
	pushl	%eax
	lret

.Lold:	/* No 64-bit CPU: say so on the screen and the serial line, as both are, and stop. */
	leal	P(old_text), %esi
	movl	$0xb8000, %edi
	movw	$0x3f8, %dx
5:	lodsb
	testb	%al, %al
	jz	6f
	outb	%al, %dx
	movb	%al, (%edi)
	addl	$2, %edi
	jmp	5b
6:	hlt
	jmp	6b
old_text:
	.asciz	"This CPU has no 64-bit mode with no-execute pages."

	.code64
start64:
	movl	$SEL_KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movabsq	$boot_stack_end, %rsp
	xorl	%ebp, %ebp
	movabsq	$nucleus_start, %rax
	pushq	$0			/* the end of backtraces */
	jmp	*%rax

	.section .data
	.p2align 3
boot_gdt:
	.quad	0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdtr:
	.short	23
	.quad	boot_gdt

	.globl	boot_counter, boot_magic, boot_data, kernel_delta
boot_counter:	.quad	0
kernel_delta:	.quad	0
boot_data:	.quad	0
boot_magic:	.long	0

	.section .bss
	.p2align 12
boot_pml4:		.skip	4096
boot_pdpt:		.skip	4096
boot_pdpt_kernel:	.skip	4096
boot_pd:		.skip	4 * 4096
	.globl	boot_guard
boot_guard:				/* below the stack: the final tables do not map it */
boot_pd_kernel:		.skip	4096
boot_stack:		.skip	16384
boot_stack_end:

/*
 * The first instructions of another CPU: a page that secondary.c copies below 1 MiB, where the CPU
 * begins in 16-bit mode at its beginning. From there it goes to 64-bit mode at once, with page
 * tables that map this page as it is. The page's last bytes are a struct secondary (secondary.c).
 */
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
