/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PILLION_MM_H
#define PILLION_MM_H

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>

/*
 * Address space behind the arena: this for vmalloc, then twice the arena's size for kernel
 * stacks.
 */
#define WINDOW_VMALLOC	(4UL * SZ_1G)

void pillion_uaccess_init(unsigned long window);
bool pillion_uaccess_device(unsigned long start, unsigned long size);

#ifdef CONFIG_PILLION_PROGRAMS
/* The entry for addr, or NULL if there is not even a table. */
static inline pte_t *pillion_user_pte(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d = p4d_offset(pgd, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_none(*pmd) ? NULL : pte_offset_kernel(pmd, addr);
}

unsigned long pillion_clear_program(unsigned long addr, unsigned long n);
int pillion_cmpxchg_program(unsigned long addr, u32 old, u32 new, u32 *prev);
#else
static inline unsigned long pillion_clear_program(unsigned long addr, unsigned long n)
{
	return n;
}

static inline int pillion_cmpxchg_program(unsigned long addr, u32 old, u32 new, u32 *prev)
{
	return -EFAULT;
}
#endif

#endif
