/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PAGE_H
#define _ASM_PILLION_PAGE_H

#include <linux/const.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#ifndef __ASSEMBLY__

#include <linux/types.h>

/*
 * The arena is the donor's physical memory. A physical address is what devices see
 * (rumpcomp_pci_virt_to_mach()), since some are told it as it is; where there are no devices, an
 * offset into the arena. For the platform it is always the offset: pillion_offset(). The donor's
 * own code and data lie elsewhere and have no page frame: virt_addr_valid() is a range check.
 */
extern unsigned long pillion_arena, pillion_arena_size;
extern unsigned long pillion_phys_base, pillion_pfn_base;
extern unsigned long pillion_va_offset;		/* pillion_arena - pillion_phys_base */

#define ARCH_PFN_OFFSET	pillion_pfn_base
#define pillion_offset(phys)	((phys) - pillion_phys_base)

#define PAGE_OFFSET	pillion_arena

typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;
typedef struct page *pgtable_t;

#define pte_val(x)	((x).pte)
#define pmd_val(x)	((x).pmd)
#define pud_val(x)	((x).pud)
#define pgd_val(x)	((x).pgd)
#define pgprot_val(x)	((x).pgprot)
#define __pte(x)	((pte_t){ (x) })
#define __pmd(x)	((pmd_t){ (x) })
#define __pud(x)	((pud_t){ (x) })
#define __pgd(x)	((pgd_t){ (x) })
#define __pgprot(x)	((pgprot_t){ (x) })

#define clear_page(page)		memset((page), 0, PAGE_SIZE)
#define copy_page(to, from)		memcpy((to), (from), PAGE_SIZE)
#define clear_user_page(page, va, pg)	clear_page(page)
#define copy_user_page(to, from, va, pg) copy_page(to, from)

#define __pa(x)			((unsigned long)(x) - pillion_va_offset)
#define __va(x)			((void *)((unsigned long)(x) + pillion_va_offset))
#define __pa_symbol(x)		__pa(x)
#define virt_to_pfn(x)		(__pa(x) >> PAGE_SHIFT)
#define pfn_to_virt(pfn)	__va((unsigned long)(pfn) << PAGE_SHIFT)
#define virt_to_page(x)		pfn_to_page(virt_to_pfn(x))
#define page_to_virt(page)	pfn_to_virt(page_to_pfn(page))
#define page_to_phys(page)	((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define virt_addr_valid(x)	((unsigned long)(x) - pillion_arena < pillion_arena_size)
#define pfn_valid(pfn)		((pfn) - pillion_pfn_base < (pillion_arena_size >> PAGE_SHIFT))

#define VM_DATA_DEFAULT_FLAGS	VM_DATA_FLAGS_NON_EXEC

#include <asm-generic/memory_model.h>
#include <asm-generic/getorder.h>

#endif
#endif
