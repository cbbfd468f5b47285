// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program's address space on the platform: a cache of the process's page tables.
 *
 * Invariant: what is mapped in the space is allowed by the entry for that page: the page is
 * present, accessed, and, where it is mapped writable, writable and dirty. So the accessed and
 * dirty bits are kept by software, in one place (pte_use()), and losing a right or a page is
 * followed by a flush, as on any machine with a TLB.
 *
 * It is filled where a program, or the donor on its behalf, has had a fault. fork takes nothing but
 * the right to write away, which costs less than beginning anew.
 *
 * Locking: the virtual CPU is held, and none of this sleeps.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/tlbflush.h>
#include "mm.h"

bool pillion_space_get(struct mm_struct *mm)
{
	return rumpext_space_create(&mm->context.space) == 0;
}

void pillion_space_destroy(struct mm_struct *mm)
{
	struct rumpext_space *space = mm->context.space;

	mm->context.space = NULL;
	pillion_tlb_flush();
	rumpext_space_destroy(space);
}

static unsigned int rights(pte_t pte)
{
	unsigned int prot = RUMPEXT_SPACE_READ;

	if (pte_write(pte) && pte_dirty(pte))
		prot |= RUMPEXT_SPACE_WRITE;
	if (pte_val(pte) & _PAGE_EXEC)
		prot |= RUMPEXT_SPACE_EXEC;
	if (!pfn_valid(pte_pfn(pte)))
		prot |= RUMPEXT_SPACE_DEVICE;
	return prot;
}

static bool cacheable(pte_t pte)
{
	const unsigned long want = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED;

	return (pte_val(pte) & want) == want;
}

/*
 * Map what the tables have for the naturally aligned block of pages (a power of two, no more than
 * a table's) around addr. -ENOMEM: no memory for all of it; -EFAULT: addr cannot be mapped.
 */
int pillion_space_fill(struct mm_struct *mm, unsigned long addr, unsigned long pages)
{
	unsigned long va = addr & ~(pages * PAGE_SIZE - 1), end = va + pages * PAGE_SIZE, len;
	int error;
	pte_t *pte;

	if (!mm->context.space)
		return 0;
	pte = pillion_user_pte(mm, va);
	if (!pte)
		return 0;
	for (; va < end; va += len, pte += len >> PAGE_SHIFT) {
		unsigned int prot;
		u64 phys = (u64)pte_pfn(*pte) << PAGE_SHIFT;

		len = PAGE_SIZE;
		if (!cacheable(*pte))
			continue;
		prot = rights(*pte);
		while (va + len < end && cacheable(pte[len >> PAGE_SHIFT]) &&
		       rights(pte[len >> PAGE_SHIFT]) == prot &&
		       pte_pfn(pte[len >> PAGE_SHIFT]) == pte_pfn(*pte) + (len >> PAGE_SHIFT))
			len += PAGE_SIZE;
		error = rumpext_space_map(mm->context.space, va, len, prot & RUMPEXT_SPACE_DEVICE ?
					  phys : pillion_offset(phys), prot);
		if (error == RUMP_ENOMEM)
			return -ENOMEM;
		if (error && addr - va < len)
			return -EFAULT;
	}
	return 0;
}

void pillion_space_flush(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	pillion_tlb_flush();
	start &= PAGE_MASK;
	end = min(PAGE_ALIGN(end), TASK_SIZE);
	if (start < end)
		rumpext_space_unmap(mm->context.space, start, end - start);
}

void pillion_space_flush_all(struct mm_struct *mm)
{
	pillion_tlb_flush();
	if (mm->context.copied)
		rumpext_space_protect(mm->context.space, 0, TASK_SIZE);
	else
		rumpext_space_unmap(mm->context.space, 0, TASK_SIZE);
	mm->context.copied = false;
}

int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	if (!pte_young(*ptep))
		return 0;
	set_pte(ptep, pte_mkold(*ptep));
	flush_tlb_page(vma, addr);
	return 1;
}
