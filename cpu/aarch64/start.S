/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions. Entered as Linux's arm64 boot protocol says (which is what a Raspberry
 * Pi's firmware does with kernel8.img, and QEMU with an image that has this header): MMU and data
 * cache off, at EL2 or EL1, interrupts off, x0 the device tree, 512 KiB behind a multiple of 2 MiB.
 * Makes boot page tables and goes to nucleus_start() at EL1 with the MMU on.
 *
 * Boot page tables, all of 2 MiB blocks, writable and executable until space_init() replaces them:
 * the image at KERNEL_BASE, and the block with this code at its physical address. cpu_boot_map()
 * adds to the direct map.
 *
 * Registers that stay until the MMU is on: x20 device tree, x21 counter, x22 kernel_delta.
 */
#include "asm.h"

#define BASE		0xffffffff80000000
#define BLOCK_SHIFT	21
#define PTE_TABLE	0x3
#define PTE_BLOCK	0x701		/* normal memory, inner shareable, accessed */

	.macro	adr_far reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.section .boot, "ax"
	.globl	start
start:
	b	boot
	.long	0
	.quad	0x80000			/* where from a multiple of 2 MiB on */
	.quad	IMAGE_SIZE
	.quad	0xa			/* little endian, pages of 4 KiB, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

boot:
	mov	x20, x0
	bl	to_el1
	mrs	x21, cntvct_el0		/* its offset is 0 from there on */
	adr	x22, start
	ldr	x9, =start
	sub	x22, x22, x9
	ldr	x9, =BASE
	add	x22, x22, x9

	adr_far	x0, boot_tables		/* what is cached of them is of no use */
	adr_far	x1, boot_tables_end
	bl	invalidate
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	adr	x9, start		/* this code, where it is */
	adr_far	x10, boot_low0
	adr_far	x11, boot_low1
	adr_far	x12, boot_low2
	orr	x13, x11, #PTE_TABLE
	ubfx	x14, x9, #39, #9
	str	x13, [x10, x14, lsl #3]
	orr	x13, x12, #PTE_TABLE
	ubfx	x14, x9, #30, #9
	str	x13, [x11, x14, lsl #3]
	mov	x15, #PTE_BLOCK
	lsr	x13, x9, #BLOCK_SHIFT
	orr	x13, x15, x13, lsl #BLOCK_SHIFT
	ubfx	x14, x9, #BLOCK_SHIFT, #9
	str	x13, [x12, x14, lsl #3]

	adr_far	x10, boot_high0		/* the direct map's tables, empty */
	adr_far	x11, boot_direct1
	orr	x13, x11, #PTE_TABLE
	str	x13, [x10]
	adr_far	x12, boot_direct2
	orr	x13, x12, #PTE_TABLE
	mov	x14, #4
2:	str	x13, [x11], #8
	add	x13, x13, #4096
	subs	x14, x14, #1
	b.ne	2b

	adr_far	x11, boot_kernel1	/* the image */
	orr	x13, x11, #PTE_TABLE
	str	x13, [x10, #511 * 8]
	adr_far	x12, boot_kernel2
	orr	x13, x12, #PTE_TABLE
	str	x13, [x11, #510 * 8]
	orr	x13, x22, x15
	adr_far	x14, image_end
3:	str	x13, [x12], #8
	add	x13, x13, #1 << BLOCK_SHIFT
	cmp	x13, x14
	b.lo	3b

	adr_far	x0, boot_tables
	adr_far	x1, boot_tables_end
	bl	invalidate
	adr_far	x8, boot_high0
	bl	mmu_on
	ldr	x9, =boot_high
	br	x9

/* Another CPU. What cpu_secondary() wrote is in memory, not in a cache. */
	.globl	secondary
secondary:
	bl	to_el1
	adr_far	x8, secondary_root
	ldr	x8, [x8]
	bl	mmu_on
	ldr	x9, =secondary_high
	br	x9

/* Lines from x0 to x1 are dropped from the data cache. Changes x9 to x11 only. */
invalidate:
	mrs	x9, ctr_el0
	ubfx	x9, x9, #16, #4
	mov	x10, #4
	lsl	x10, x10, x9
	sub	x9, x10, #1
	bic	x11, x0, x9
	dmb	sy
1:	dc	ivac, x11
	add	x11, x11, x10
	cmp	x11, x1
	b.lo	1b
	dsb	sy
	ret

/* MMU and caches on, the kernel's tables are x8; the caller is in the block mapped as it is. */
mmu_on:
	adr_far	x10, boot_low0
	msr	ttbr0_el1, x10
	msr	ttbr1_el1, x8
	ldr	x10, =MAIR
	msr	mair_el1, x10
	ldr	x10, =TCR
	mrs	x11, id_aa64mmfr0_el1
	and	x12, x11, #0xf		/* bits of physical addresses; more than 48 are of no use here */
	mov	x13, #5
	cmp	x12, x13
	csel	x12, x12, x13, lo
	orr	x10, x10, x12, lsl #TCR_IPS_SHIFT
	ubfx	x12, x11, #5, #1	/* it has ASIDs of 16 bits */
	orr	x10, x10, x12, lsl #TCR_AS_SHIFT
	msr	tcr_el1, x10
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	x10, =SCTLR_ON
	msr	sctlr_el1, x10
	isb
	ret

/* To EL1, with interrupts off and registers in a known state; returns there. Changes x9, x10. */
to_el1:
	ldr	x10, =SCTLR_OFF
	msr	sctlr_el1, x10
	mrs	x9, CurrentEL
	cmp	x9, #2 << 2
	b.eq	1f
	msr	daifset, #0xf
	msr	spsel, #1
	isb
	ret
1:	mov	x9, #1 << 31		/* EL1 is AArch64, and nothing traps */
	msr	hcr_el2, x9
	mov	x9, #3			/* counters and timers are EL1's */
	msr	cnthctl_el2, x9
	msr	cntvoff_el2, xzr
	mov	x9, #0x33ff		/* so is floating point */
	msr	cptr_el2, x9
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9
	mrs	x9, id_aa64dfr0_el1	/* all performance counters, if there are any */
	ubfx	x10, x9, #8, #4
	mov	x9, xzr
	cbz	x10, 2f
	cmp	x10, #0xf
	b.eq	2f
	mrs	x9, pmcr_el0
	ubfx	x9, x9, #11, #5
2:	msr	mdcr_el2, x9
	mrs	x9, id_aa64pfr0_el1	/* a GICv3's system registers */
	ubfx	x9, x9, #24, #4
	cbz	x9, 3f
	mrs	x9, s3_4_c12_c9_5	/* ICC_SRE_EL2: use them, and EL1 may */
	mov	x10, #9
	orr	x9, x9, x10
	msr	s3_4_c12_c9_5, x9
	isb
	mrs	x9, s3_4_c12_c9_5
	tbz	x9, #0, 3f
	msr	s3_4_c12_c11_0, xzr	/* ICH_HCR_EL2 */
3:	mov	x9, #0x3c5		/* EL1, its own stack, all masked */
	msr	spsr_el2, x9
	msr	elr_el2, x30
	isb
	eret

	.text
/*
 * void cpu_kernel_tables(paddr_t root x0): the kernel's final tables instead of those of the boot.
 * No TLB may have entries of both, so it is emptied while no such table is in use, from code in
 * the block that is mapped as it is. boot_high0 becomes the table of no program.
 */
	.globl	cpu_kernel_tables
	.type	cpu_kernel_tables, @function
	.p2align 4
cpu_kernel_tables:
	adr_far	x9, kernel_delta
	ldr	x9, [x9]
	ldr	x10, =BASE
	sub	x9, x9, x10		/* what makes an address of the image a physical one */
	adr_far	x11, change_tables
	add	x11, x11, x9
	br	x11
	.section .boot, "ax"
change_tables:
	mrs	x11, tcr_el1
	orr	x12, x11, #TCR_EPD1
	msr	tcr_el1, x12
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	ttbr1_el1, x0
	isb
	msr	tcr_el1, x11
	isb
	ldr	x11, =tables_changed
	br	x11
	.text
tables_changed:
	adr_far	x10, boot_high0
	add	x9, x10, x9
	mov	x11, #4096
1:	sub	x11, x11, #8
	str	xzr, [x10, x11]
	cbnz	x11, 1b
	dsb	ishst
	msr	ttbr0_el1, x9
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	ret
	.size	cpu_kernel_tables, . - cpu_kernel_tables

secondary_high:
	adr_far	x9, secondary_stack
	ldr	x9, [x9]
	mov	sp, x9
	msr	sp_el0, xzr
	msr	tpidr_el1, xzr
	mov	x29, xzr
	mov	x30, xzr
	adr_far	x9, secondary_cpu
	ldr	x0, [x9]
	b	smp_enter

boot_high:
	adr_far	x9, bss_start
	adr_far	x10, bss_end
	cmp	x9, x10
2:	b.hs	3f
	stp	xzr, xzr, [x9], #16
	cmp	x9, x10
	b	2b
3:	adr_far	x9, boot_tree
	str	x20, [x9]
	adr_far	x9, boot_counter
	str	x21, [x9]
	adr_far	x9, kernel_delta
	str	x22, [x9]
	adr_far	x9, boot_stack_end
	mov	sp, x9
	msr	sp_el0, xzr		/* no thread */
	msr	tpidr_el1, xzr
	mov	x29, xzr
	mov	x30, xzr
	b	nucleus_start

	/* include/pillion/image.h, struct pillion_note_archive */
	.section .note.pillion, "a", @note
	.p2align 2
	.long	8, 24, 1
	.asciz	"Pillion"
	.globl	image_module
image_module:
	.long	1, 0
	.quad	0, 0

	.section .bss
	.globl	boot_tree, boot_counter, kernel_delta
	.p2align 3
boot_tree:	.skip	8
boot_counter:	.skip	8
kernel_delta:	.skip	8

	/* Not cleared with the rest. */
	.section .boot.tables, "aw", @nobits
	.globl	boot_high0, boot_direct2, boot_guard
	.p2align 12
boot_tables:
boot_low0:	.skip	4096
boot_low1:	.skip	4096
boot_low2:	.skip	4096
boot_high0:	.skip	4096
boot_direct1:	.skip	4096
boot_direct2:	.skip	4 * 4096
boot_kernel1:	.skip	4096
boot_guard:				/* below the stack: the final tables do not map it */
boot_kernel2:	.skip	4096
boot_tables_end:
boot_stack:	.skip	16384
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
