// SPDX-License-Identifier: GPL-2.0-only
/* The arena as physical memory. */
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include "mm.h"

#define DEFAULT_MEMORY	SZ_32M
#define LEAST_MEMORY	SZ_4M

unsigned long pillion_arena, pillion_arena_size;
unsigned long pillion_phys_base, pillion_pfn_base, pillion_va_offset;
unsigned long pillion_vmalloc_start, pillion_vmalloc_end;
pgd_t swapper_pg_dir[PTRS_PER_PGD] __aligned(PAGE_SIZE);
struct page *pillion_zero_page;

/*
 * Called before start_kernel(): the arena has to be there for the first allocation. Returns 0 or
 * an errno.
 */
int pillion_arena_get(void)
{
	unsigned long long size = DEFAULT_MEMORY;
	unsigned long window;
	char buf[32], *end;
	void *base;
	int error;

	if (rumpuser_getparam("RUMP_MEMLIMIT", buf, sizeof(buf)) == 0) {
		size = memparse(buf, &end);
		if (*end || size < LEAST_MEMORY)
			return EINVAL;
	}
	size &= PAGE_MASK;
	window = WINDOW_VMALLOC + 2 * size;
	error = rumpext_arena(size, window, SZ_4M, &base);
	if (error)
		return error;
	pillion_arena = (unsigned long)base;
	pillion_arena_size = size;
#ifdef CONFIG_PCI
	pillion_phys_base = rumpcomp_pci_virt_to_mach(base);	/* 0: there are no devices */
#endif
	pillion_pfn_base = pillion_phys_base >> PAGE_SHIFT;
	pillion_va_offset = pillion_arena - pillion_phys_base;
	pillion_vmalloc_start = pillion_arena + size;
	pillion_vmalloc_end = pillion_vmalloc_start + WINDOW_VMALLOC;
	pillion_uaccess_init(window);
	return 0;
}

void __init pillion_memory_init(void)
{
	memblock_add(pillion_phys_base, pillion_arena_size);
	if (!pillion_phys_base)
		memblock_reserve(0, PAGE_SIZE);	/* 0 means "none" to allocators and devices */
	min_low_pfn = pillion_pfn_base;
	max_low_pfn = max_pfn = pillion_pfn_base + (pillion_arena_size >> PAGE_SHIFT);
	high_memory = (void *)(pillion_arena + pillion_arena_size);
	paging_init();
}

/*
 * The map has entries for whole blocks of the largest order. Those outside the arena are looked at
 * when a block's buddy might be free; nobody else fills them.
 */
static void __init clear_map(unsigned long start, unsigned long end)
{
	memset(pfn_to_page(start), 0, (end - start) * sizeof(struct page));
}

void __init paging_init(void)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES] = { 0 };

	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
	free_area_init(max_zone_pfn);
	clear_map(ALIGN_DOWN(min_low_pfn, MAX_ORDER_NR_PAGES), min_low_pfn);
	clear_map(max_low_pfn, ALIGN(max_low_pfn, MAX_ORDER_NR_PAGES));
}

void __init mem_init(void)
{
	set_max_mapnr(max_low_pfn - pillion_pfn_base);
	memblock_free_all();
	pillion_zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	mark_page_reserved(pillion_zero_page);
#ifdef CONFIG_PILLION_PROGRAMS
	pillion_vdso_data_init();
#endif
}

/* What was used once is little, and in the program's own segments. */
void free_initmem(void)
{
}

static const pgprot_t protection_map[16] = {
	[VM_NONE]					= PAGE_NONE,
	[VM_READ]					= PAGE_READONLY,
	[VM_WRITE]					= PAGE_COPY,
	[VM_WRITE | VM_READ]				= PAGE_COPY,
	[VM_EXEC]					= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_READ]				= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_WRITE]				= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_WRITE | VM_READ]			= PAGE_READONLY_EXEC,
	[VM_SHARED]					= PAGE_NONE,
	[VM_SHARED | VM_READ]				= PAGE_READONLY,
	[VM_SHARED | VM_WRITE]				= PAGE_SHARED,
	[VM_SHARED | VM_WRITE | VM_READ]		= PAGE_SHARED,
	[VM_SHARED | VM_EXEC]				= PAGE_READONLY_EXEC,
	[VM_SHARED | VM_EXEC | VM_READ]			= PAGE_READONLY_EXEC,
	[VM_SHARED | VM_EXEC | VM_WRITE]		= PAGE_SHARED_EXEC,
	[VM_SHARED | VM_EXEC | VM_WRITE | VM_READ]	= PAGE_SHARED_EXEC,
};
DECLARE_VM_GET_PAGE_PROT
