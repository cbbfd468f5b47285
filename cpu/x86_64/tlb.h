/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what is loaded for the CPU to walk, and what leaves its TLB. Of its own pagetable.c only;
 * tests/nucleus/host has a model instead.
 *
 * With PCIDs, %cr3 says in its low bits by which number its translations are known, and in the
 * highest bit, when it is written, that what the TLB has of that number may stay. Global
 * translations, the kernel's, have no number; but the tables on the way to them, which are cached
 * as well, have.
 */
#ifndef TLB_H
#define TLB_H

#include <nucleus/types.h>

#define CR3_KEEP	(1ul << 63)

/* Load tables. Of the number, all but global ones leave the TLB, unless they are kept. */
static inline void tlb_load(uint64_t cr3)
{
	__asm__ volatile("movq %0, %%cr3" :: "r"(cr3) : "memory");
}

/* A page of what is loaded, or a global one, and cached tables of the number. */
static inline void tlb_flush_page(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

/* All that is loaded but global ones. */
static inline void tlb_flush_loaded(void)
{
	unsigned long cr;

	__asm__ volatile("movq %%cr3, %0; movq %0, %%cr3" : "=r"(cr) :: "memory");
}

/* All, of all numbers: what a change of CR4.PGE does. */
static inline void tlb_flush_all(void)
{
	unsigned long cr4;

	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("movq %0, %%cr4; movq %1, %%cr4" :: "r"(cr4 & ~0x80ul), "r"(cr4) : "memory");
}

#endif /* TLB_H */
