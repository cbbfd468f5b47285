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
/*
 * The entry for addr, or NULL if there is not even a table. Written out, for it is part of every
 * copy: an entry of the upper levels is the table's physical address with one bit, or 0.
 */
static __always_inline pte_t *pillion_user_pte(struct mm_struct *mm, unsigned long addr)
{
	unsigned long table = pgd_val(mm->pgd[pgd_index(addr)]), base = pillion_va_offset - _PAGE_TABLE;

	if (unlikely(!table))
		return NULL;
	table = pud_val(((pud_t *)(base + table))[pud_index(addr)]);
	if (unlikely(!table))
		return NULL;
	table = pmd_val(((pmd_t *)(base + table))[pmd_index(addr)]);
	if (unlikely(!table))
		return NULL;
	return (pte_t *)(base + table) + pte_index(addr);
}

void pillion_tlb_flush(void);	/* what copies remember of programs' pages: mm/walk.c */
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
