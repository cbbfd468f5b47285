/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PGALLOC_H
#define _ASM_PILLION_PGALLOC_H

#include <linux/mm.h>
#include <asm-generic/pgalloc.h>

#define PILLION_TABLE(phys)	((unsigned long)(phys) | _PAGE_TABLE)

static inline void pmd_populate_kernel(struct mm_struct *mm, pmd_t *pmd, pte_t *pte)
{
	set_pmd(pmd, __pmd(PILLION_TABLE(__pa(pte))));
}

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, pgtable_t pte)
{
	set_pmd(pmd, __pmd(PILLION_TABLE(page_to_phys(pte))));
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	set_pud(pud, __pud(PILLION_TABLE(__pa(pmd))));
}

static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4d, pud_t *pud)
{
	set_p4d(p4d, __p4d(PILLION_TABLE(__pa(pud))));
}

static inline pgd_t *pgd_alloc(struct mm_struct *mm)
{
	return (pgd_t *)__get_free_page(GFP_KERNEL | __GFP_ZERO);
}

#define __pte_free_tlb(tlb, pte, addr)			\
do {							\
	pgtable_pte_page_dtor(pte);			\
	tlb_remove_page((tlb), (pte));			\
} while (0)
#define __pmd_free_tlb(tlb, pmd, addr)			\
do {							\
	pgtable_pmd_page_dtor(virt_to_page(pmd));	\
	tlb_remove_page((tlb), virt_to_page(pmd));	\
} while (0)
#define __pud_free_tlb(tlb, pud, addr)	tlb_remove_page((tlb), virt_to_page(pud))

#endif
