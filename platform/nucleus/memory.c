/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: the nucleus's heap, and pages mapped at addresses of their own.
 *
 * Interface: rumpuser_malloc, _free, _anonmmap, _unmap; platform_zalloc.
 *
 * Pages of rumpuser_anonmmap() need not be contiguous; the page tables say which they are, so
 * nothing else remembers it. The address space has an unmapped page on either side.
 *
 * Locking: none of its own.
 */
#include <nucleus/heap.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "platform.h"

/* Nothing longer than this is asked of the nucleus: sums of sizes do not wrap around. */
#define LENGTH_MAX	((size_t)1 << 46)

/*
 * Pages put aside for what must not fail: given up one by one when there are no others. What a
 * program can have made needs little of it: a task's record, which may fail, comes first.
 */
static struct page *aside[8];

static void put_aside(void)
{
	struct page *pg, *none;

	for (unsigned i = 0; i < ARRAY_SIZE(aside); i++) {
		if (READ_ONCE(aside[i]) != NULL)
			continue;
		none = NULL;
		pg = page_alloc(0);
		if (pg == NULL)
			return;
		if (!__atomic_compare_exchange_n(&aside[i], &none, pg, false, __ATOMIC_ACQ_REL,
		    __ATOMIC_RELAXED))
			page_put(pg);
	}
}

void *platform_zalloc(size_t len)
{
	void *p = heap_zalloc(len);
	struct page *pg;

	if (p != NULL)
		put_aside();
	for (unsigned i = 0; p == NULL && i < ARRAY_SIZE(aside); i++) {
		pg = __atomic_exchange_n(&aside[i], NULL, __ATOMIC_ACQ_REL);
		if (pg != NULL) {
			page_put(pg);
			p = heap_zalloc(len);
		}
	}
	if (p == NULL) {
		rumpuser_dprintf("rumpuser: out of memory\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
	return p;
}

int rumpuser_malloc(size_t len, int alignment, void **memp)
{
	void *p;

	if (alignment < 0 || (alignment & (alignment - 1)) != 0)
		return RUMP_EINVAL;
	if (len > LENGTH_MAX)
		return RUMP_ENOMEM;
	p = heap_alloc_aligned(MAX(len, 1), MAX((size_t)alignment, 16));
	if (p == NULL)
		return RUMP_ENOMEM;
	*memp = p;
	return 0;
}

void rumpuser_free(void *mem, size_t len)
{
	(void)len;
	heap_free(mem);
}

/* Give back the pages of [va, va + len), as far as there are any. */
static void unmap_pages(vaddr_t va, size_t len)
{
	paddr_t pa;
	size_t i;

	for (i = 0; i < len; i += PAGE_SIZE) {
		if (space_lookup(&kernel_space, va + i, &pa, NULL) != 0)
			break;
		(void)space_unmap(&kernel_space, va + i, PAGE_SIZE);
		page_put(phys_to_page(pa));
	}
}

static int map_pages(vaddr_t va, size_t len)
{
	struct page *pg;
	size_t i;
	int error;

	for (i = 0; i < len; i += PAGE_SIZE) {
		pg = page_alloc(PAGE_ZERO);
		if (pg == NULL)
			return RUMP_ENOMEM;
		error = space_map(&kernel_space, va + i, page_to_phys(pg), PAGE_SIZE, PROT_R | PROT_W);
		if (error != 0) {
			page_put(pg);
			return error;
		}
	}
	return 0;
}

int rumpuser_anonmmap(void *prefaddr, size_t size, int alignbit, int exec, void **memp)
{
	size_t align;
	vaddr_t va;
	int error;

	(void)prefaddr;
	if (size == 0 || alignbit < 0 || alignbit >= (int)(8 * sizeof(void *)))
		return RUMP_EINVAL;
	if (exec)
		return RUMP_EACCES;	/* the nucleus has nothing that is writable and executable */
	align = (size_t)1 << alignbit;
	if (size > LENGTH_MAX || align > LENGTH_MAX)
		return RUMP_ENOMEM;
	size = ROUND_UP(size, PAGE_SIZE);
	va = kva_reserve(size, MAX(align, PAGE_SIZE));
	if (va == 0)
		return RUMP_ENOMEM;
	error = map_pages(va, size);
	if (error != 0) {
		unmap_pages(va, size);
		kva_release(va, size);
		return error;
	}
	*memp = (void *)va;
	return 0;
}

void rumpuser_unmap(void *mem, size_t len)
{
	len = ROUND_UP(len, PAGE_SIZE);
	unmap_pages((vaddr_t)mem, len);
	kva_release((vaddr_t)mem, len);
}
