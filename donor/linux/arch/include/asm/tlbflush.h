/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_TLBFLUSH_H
#define _ASM_PILLION_TLBFLUSH_H

#include <linux/mm_types.h>

/*
 * No translation is cached: the kernel's mappings reach the platform in flush_cache_vmap and
 * flush_cache_vunmap, and nothing runs on a process's own tables yet.
 */
static inline void flush_tlb_all(void) { }
static inline void flush_tlb_mm(struct mm_struct *mm) { }
static inline void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr) { }
static inline void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
				   unsigned long end)
{
}
static inline void flush_tlb_kernel_range(unsigned long start, unsigned long end) { }

#endif
