/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_TLBFLUSH_H
#define _ASM_PILLION_TLBFLUSH_H

/*
 * The kernel's mappings reach the platform in flush_cache_vmap and flush_cache_vunmap. A
 * program's are cached in its space, which is what has to be flushed (mm/space.c).
 */
#include <linux/mm_types.h>

#ifdef CONFIG_PILLION_PROGRAMS
void pillion_space_flush(struct mm_struct *mm, unsigned long start, unsigned long end);
void pillion_space_flush_all(struct mm_struct *mm);

static inline void flush_tlb_mm(struct mm_struct *mm)
{
	if (mm->context.space)
		pillion_space_flush_all(mm);
}

static inline void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
				   unsigned long end)
{
	if (vma->vm_mm->context.space)
		pillion_space_flush(vma->vm_mm, start, end);
}
#else
static inline void flush_tlb_mm(struct mm_struct *mm) { }
static inline void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
				   unsigned long end)
{
}
#endif

static inline void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	flush_tlb_range(vma, addr & PAGE_MASK, (addr & PAGE_MASK) + PAGE_SIZE);
}

static inline void flush_tlb_all(void) { }
static inline void flush_tlb_kernel_range(unsigned long start, unsigned long end) { }

#endif
