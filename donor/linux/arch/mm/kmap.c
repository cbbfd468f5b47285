// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel mappings: vmalloc, vmap and vm_map_ram fill the kernel's page tables and then call
 * flush_cache_vmap() for the range. Here it becomes mappings of the platform's, one for each run
 * of consecutive frames.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/rump.h>

static pte_t *kernel_pte(unsigned long va)
{
	pgd_t *pgd = pgd_offset_k(va);
	p4d_t *p4d = p4d_offset(pgd, va);
	pud_t *pud;
	pmd_t *pmd;

	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, va);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, va);
	return pmd_none(*pmd) ? NULL : pte_offset_kernel(pmd, va);
}

static void map_run(unsigned long va, unsigned long len, unsigned long pfn)
{
	int error = rumpext_map((void *)va, len, pillion_offset(pfn << PAGE_SHIFT));

	if (error)
		panic("pillion: the platform refuses a kernel mapping of %lu bytes: error %d", len, error);
}

void pillion_kmap(unsigned long start, unsigned long end)
{
	unsigned long va, run = start, run_pfn = 0, len = 0;

	for (va = start; va < end; va += PAGE_SIZE) {
		pte_t *pte = kernel_pte(va);
		unsigned long pfn = pte && pte_present(*pte) ? pte_pfn(*pte) : ~0UL;

		if (len && pfn == run_pfn + (len >> PAGE_SHIFT)) {
			len += PAGE_SIZE;
			continue;
		}
		if (len)
			map_run(run, len, run_pfn);
		run = va;
		run_pfn = pfn;
		len = pfn_valid(pfn) ? PAGE_SIZE : 0;
	}
	if (len)
		map_run(run, len, run_pfn);
}

void pillion_kunmap(unsigned long start, unsigned long end)
{
	rumpext_unmap((void *)start, end - start);
}
