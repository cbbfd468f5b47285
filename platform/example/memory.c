/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of the example platform: one pool, taken from its start, never given back.
 *
 * Interface: rumpuser_malloc, _free, _anonmmap, _unmap; rumpext_arena, _map, _unmap;
 * rumpext_copy, _cmpxchg32.
 * Locking: none. A real port gives memory back, and has page tables for the window.
 */
#include "example.h"

#include <rump/rumpext_copy.h>
#include <rump/rumpext_vm.h>

#define PAGE 4096u

void *memcpy(void *, const void *, size_t);

static uint8_t *pool;
static size_t pool_left;
static int have_pool, have_arena;

void *
example_alloc(size_t len, size_t align)
{
	size_t skip;
	void *p;

	if (!have_pool) {
		board_memory(&pool, &pool_left);
		have_pool = 1;
	}
	skip = (align - (uintptr_t)pool % align) % align;
	if (skip > pool_left || len > pool_left - skip)
		return NULL;
	p = pool + skip;
	pool += skip + len;
	pool_left -= skip + len;
	return p;
}

int
rumpuser_malloc(size_t len, int alignment, void **memp)
{
	void *p;

	if (alignment < 0 || (alignment & (alignment - 1)) != 0)
		return RUMP_EINVAL;
	p = example_alloc(len, alignment < 16 ? 16 : (size_t)alignment);
	if (p == NULL)
		return RUMP_ENOMEM;
	*memp = p;
	return 0;
}

void
rumpuser_free(void *mem, size_t len)
{

	(void)mem;
	(void)len;
}

int
rumpuser_anonmmap(void *prefaddr, size_t size, int alignbit, int exec, void **memp)
{
	size_t align = PAGE;
	void *p;

	(void)prefaddr;
	if (exec)
		return RUMP_EACCES;
	if (size == 0 || alignbit < 0 || alignbit >= (int)(8 * sizeof(void *)))
		return RUMP_EINVAL;
	if (size > SIZE_MAX - PAGE)
		return RUMP_ENOMEM;
	if (((size_t)1 << alignbit) > align)
		align = (size_t)1 << alignbit;
	p = example_alloc((size + PAGE - 1) & ~(size_t)(PAGE - 1), align);
	if (p == NULL)
		return RUMP_ENOMEM;
	*memp = p;
	return 0;
}

void
rumpuser_unmap(void *mem, size_t len)
{

	(void)mem;
	(void)len;
}

int
rumpext_arena(size_t size, size_t window, size_t align, void **basep)
{
	void *p;

	if (have_arena)
		return RUMP_EBUSY;
	if (size == 0 || ((size | window) & (PAGE - 1)) != 0 || (align & (align - 1)) != 0)
		return RUMP_EINVAL;
	p = example_alloc(size, align < PAGE ? PAGE : align);
	if (p == NULL)
		return RUMP_ENOMEM;
	have_arena = 1;
	*basep = p;
	return 0;
}

/* Without page tables there are no aliases: the window has no room. */
int
rumpext_map(void *va, size_t len, size_t off)
{

	(void)va;
	(void)len;
	(void)off;
	return RUMP_ENOMEM;
}

int
rumpext_unmap(void *va, size_t len)
{

	(void)va;
	(void)len;
	return 0;
}

/* Nothing here recovers from a bad address but the one that is easy to see. */
size_t
rumpext_copy(void *dst, const void *src, size_t len)
{

	if (dst == NULL || src == NULL)
		return len;
	memcpy(dst, src, len);
	return 0;
}

int
rumpext_cmpxchg32(uint32_t *p, uint32_t old, uint32_t new_, uint32_t *prev)
{

	if (p == NULL)
		return RUMP_EFAULT;
	__atomic_compare_exchange_n(p, &old, new_, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	*prev = old;
	return 0;
}
