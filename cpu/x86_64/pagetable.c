/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: flushing, and what must be in a root.
 *
 * Interface: pt_flush, pt_root_init, pt_root_drop (nucleus/pagetable.h), cpu_pt_use.
 *
 * The kernel's mappings are global. The top-level entries of its half are made at boot and never
 * change, so that every space has them.
 */
#include <nucleus/error.h>
#include <nucleus/string.h>

#include <pte.h>

#define FLUSH_SINGLE	32		/* pages up to which they are flushed one by one */
#define KERNEL_HALF	(PT_ENTRIES / 2)

static const struct pagetable *kernel_pt;

static void flush_all(const struct pagetable *pt)
{
	unsigned long cr, cr4;

	if (pt->user || !cpu_features.pge) {
		__asm__ volatile("movq %%cr3, %0; movq %0, %%cr3" : "=r"(cr) :: "memory");
		return;
	}
	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("movq %0, %%cr4; movq %1, %%cr4" :: "r"(cr4 & ~0x80ul), "r"(cr4) : "memory");
}

static bool is_loaded(const struct pagetable *pt)
{
	return !pt->user || cpu_self()->arch.root == pt->root;
}

void pt_flush(const struct pagetable *pt, vaddr_t va, vaddr_t end)
{
	if (!is_loaded(pt))
		return;
	if ((end - va) >> PAGE_SHIFT > FLUSH_SINGLE) {
		flush_all(pt);
		return;
	}
	for (; va != end; va += PAGE_SIZE)
		__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

int pt_root_init(struct pagetable *pt)
{
	uint64_t *root = phys_to_virt(pt->root);
	paddr_t pa;

	if (pt->user) {
		memcpy(root + KERNEL_HALF, (uint64_t *)phys_to_virt(kernel_pt->root) + KERNEL_HALF,
		    KERNEL_HALF * sizeof(uint64_t));
		return 0;
	}
	kernel_pt = pt;
	for (vaddr_t va = KVA_BASE; va < KVA_END; va += pt_level_size(PT_TOP)) {
		pa = pt_table_alloc(pt);
		if (pa == 0)
			return E_NOMEM;
		root[pt_index(PT_TOP, va)] = pte_table(pt, pa);
	}
	return 0;
}

void pt_root_drop(struct pagetable *pt)
{
	if (is_loaded(pt))
		cpu_pt_use(kernel_pt);
}

void cpu_pt_use(const struct pagetable *pt)
{
	cpu_self()->arch.root = pt->root;
	__asm__ volatile("movq %0, %%cr3" :: "r"(pt->root) : "memory");
}
