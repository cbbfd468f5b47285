/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena: one contiguous run of physical memory, mapped at addresses of its own so that the
 * window can follow it; and aliases of its pages in the window.
 *
 * Interface: rumpext_arena, rumpext_map, rumpext_unmap; rumpcomp_pci_virt_to_mach;
 * rumpuser_nucleus_memory; arena_phys, arena_take.
 * Locking: none: there is one arena, made at boot; the nucleus serialises changes of mappings.
 */
#include <nucleus/page.h>
#include <nucleus/space.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_vm.h>

#include "platform.h"
#include "rumpuser_nucleus.h"

static struct {
	vaddr_t		base;		/* 0: there is none */
	paddr_t		phys;
	size_t		size, window;
} arena;

static struct page *aside;		/* the run that was counted, until it is the arena */
static size_t aside_size;

/* Most devices reach this far, and the first ones of a kind not further. */
#define DEVICE_LIMIT	((paddr_t)4 * GIB - 1)

/* Large pages for an arena that is large; for a small one no memory goes for being aligned. */
#define LARGE_PAGE	(2 * MIB)
#define LARGE_LEAST	(64 * MIB)

static size_t phys_align(size_t size)
{
	return size >= LARGE_LEAST ? LARGE_PAGE : PAGE_SIZE;
}

static struct page *alloc_run(size_t size)
{
	struct page *pg = page_alloc_contig(size / PAGE_SIZE, phys_align(size), DEVICE_LIMIT, 0);

	return pg != NULL ? pg : page_alloc_contig(size / PAGE_SIZE, phys_align(size), PAGE_ANYWHERE, 0);
}

static struct page *get_run(size_t size)
{
	struct page *pg = aside;

	aside = NULL;
	if (pg != NULL && aside_size == size)
		return pg;
	if (pg != NULL)
		page_free_contig(pg, aside_size / PAGE_SIZE);
	return alloc_run(size);
}

/* Whatever is allocated until there is an arena might take a page of the largest run. */
size_t rumpuser_nucleus_memory(size_t reserve)
{
	struct page_stats st;
	size_t run, most;
	paddr_t start;

	page_stats(&st);
	run = page_largest_run(PAGE_SIZE, DEVICE_LIMIT, &start) * PAGE_SIZE;
	if (run >= LARGE_LEAST)
		run = page_largest_run(LARGE_PAGE, DEVICE_LIMIT, &start) * PAGE_SIZE;
	most = st.free * PAGE_SIZE;
	most = most > reserve ? most - reserve : 0;
	aside_size = ROUND_DOWN(MIN(run, most), PAGE_SIZE);
	if (aside_size > 0)
		aside = alloc_run(aside_size);
	return aside != NULL ? aside_size : 0;
}

static int check(size_t size, size_t window, size_t align)
{
	size_t span;

	if (size == 0 || ((size | window) & (PAGE_SIZE - 1)) != 0 || (align & (align - 1)) != 0)
		return RUMP_EINVAL;
	if (__builtin_add_overflow(size, window, &span) || span > (size_t)1 << 46 || align > GIB)
		return RUMP_ENOMEM;
	return 0;
}

int rumpext_arena(size_t size, size_t window, size_t align, void **basep)
{
	struct page *pg;
	vaddr_t va;
	int error;

	if (arena.base != 0)
		return RUMP_EBUSY;
	error = check(size, window, align);
	if (error != 0)
		return error;
	pg = get_run(size);
	if (pg == NULL)
		return RUMP_ENOMEM;
	va = kva_reserve(size + window, MAX(align, LARGE_PAGE));
	error = va == 0 ? RUMP_ENOMEM : space_map(&kernel_space, va, page_to_phys(pg), size,
	    PROT_R | PROT_W);
	if (error != 0) {
		if (va != 0)
			kva_release(va, size + window);
		page_free_contig(pg, size / PAGE_SIZE);
		return error;
	}
	arena.phys = page_to_phys(pg);
	arena.size = size;
	arena.window = window;
	arena.base = va;
	*basep = (void *)va;
	return 0;
}

static bool in_window(vaddr_t va, size_t len)
{
	vaddr_t off = va - arena.base - arena.size;

	return arena.base != 0 && len != 0 && ((va | len) & (PAGE_SIZE - 1)) == 0 &&
	    off < arena.window && len <= arena.window - off;
}

bool arena_phys(uint64_t off, size_t len, paddr_t *pap)
{
	if (off >= arena.size || len > arena.size - off)
		return false;
	*pap = arena.phys + off;
	return true;
}

size_t arena_take(size_t n, size_t off[])
{
	struct page *pages[ARENA_BATCH];

	n = page_alloc_within(arena.phys, arena.phys + arena.size, MIN(n, ARENA_BATCH), pages);
	for (size_t i = 0; i < n; i++)
		off[i] = page_to_phys(pages[i]) - arena.phys;
	return n;
}

int rumpext_map(void *va, size_t len, size_t off)
{
	paddr_t pa;

	if (!in_window((vaddr_t)va, len) || (off & (PAGE_SIZE - 1)) != 0 || !arena_phys(off, len, &pa))
		return RUMP_EINVAL;
	return space_map(&kernel_space, (vaddr_t)va, pa, len, PROT_R | PROT_W);
}

int rumpext_unmap(void *va, size_t len)
{
	if (!in_window((vaddr_t)va, len))
		return RUMP_EINVAL;
	return space_unmap(&kernel_space, (vaddr_t)va, len);
}

unsigned long rumpcomp_pci_virt_to_mach(void *va)
{
	paddr_t pa;

	if (likely((vaddr_t)va - arena.base < arena.size))
		return arena.phys + ((vaddr_t)va - arena.base);
	return space_lookup(&kernel_space, (vaddr_t)va, &pa, NULL) == 0 ? pa : 0;
}
