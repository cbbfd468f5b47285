/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: the host's heap, and anonymous mappings with a guard page below each.
 *
 * Interface: rumpuser_malloc, _free, _anonmmap, _unmap.
 *
 * A table remembers which mappings have a guard, because rumpuser_unmap() also serves mappings
 * that other hypercalls made, and the page below those is somebody else's.
 *
 * Locking: guards_lock protects the table.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <stdlib.h>
#include <unistd.h>

#include "posix.h"

struct guard {
	struct guard	*g_next;
	void		*g_addr;
};
#define NHASH 64
static struct guard *guards[NHASH];
static struct plock guards_lock;

static struct guard **
bucket(void *addr)
{

	return &guards[((uintptr_t)addr >> 14) % NHASH];
}

int
rumpuser_malloc(size_t len, int alignment, void **memp)
{
	void *p;
	int error;

	if (alignment < 0 || (alignment & (alignment - 1)) != 0)
		return RUMP_EINVAL;
	if (len == 0)
		len = 1;
	if ((size_t)alignment <= _Alignof(max_align_t)) {
		p = malloc(len);
		if (p == NULL)
			return RUMP_ENOMEM;
	} else {
		error = posix_memalign(&p, (size_t)alignment, len);
		if (error != 0)
			return rumpuser__errtrans(error);
	}
	*memp = p;
	return 0;
}

void
rumpuser_free(void *mem, size_t len)
{

	(void)len;
	free(mem);
}

int
rumpuser_anonmmap(void *prefaddr, size_t size, int alignbit, int exec, void **memp)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), align, total;
	struct guard *g, **b;
	uint8_t *raw, *mem;
	int prot = PROT_READ | PROT_WRITE;

	if (size == 0 || alignbit < 0 || alignbit >= (int)(8 * sizeof(void *)))
		return RUMP_EINVAL;
	align = (size_t)1 << alignbit;
	if (align < page)
		align = page;
	if (__builtin_add_overflow(size, page - 1, &size) ||
	    __builtin_add_overflow(size &= ~(page - 1), align, &total))
		return RUMP_ENOMEM;
	g = malloc(sizeof(*g));
	if (g == NULL)
		return RUMP_ENOMEM;
	if (exec)
		prot |= PROT_EXEC;
	/* One page more at least, and everything inaccessible; then open up the aligned part. */
	raw = mmap(prefaddr == NULL ? NULL : (uint8_t *)prefaddr - page, total, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (raw == MAP_FAILED) {
		free(g);
		return rumpuser__errtrans(errno);
	}
	mem = (uint8_t *)(((uintptr_t)raw + page + align - 1) & ~(uintptr_t)(align - 1));
	if (mprotect(mem, size, prot) != 0) {
		int error = errno;

		(void)munmap(raw, total);
		free(g);
		return rumpuser__errtrans(error);
	}
	if (mem - page > raw)
		(void)munmap(raw, (size_t)(mem - page - raw));
	if (mem + size < raw + total)
		(void)munmap(mem + size, (size_t)(raw + total - mem - size));
	g->g_addr = mem;
	plock(&guards_lock);
	b = bucket(mem);
	g->g_next = *b;
	*b = g;
	punlock(&guards_lock);
	*memp = mem;
	return 0;
}

void
rumpuser_unmap(void *mem, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct guard *g, **gp;

	len = (len + page - 1) & ~(page - 1);
	plock(&guards_lock);
	for (gp = bucket(mem); (g = *gp) != NULL; gp = &g->g_next)
		if (g->g_addr == mem) {
			*gp = g->g_next;
			break;
		}
	punlock(&guards_lock);
	if (g != NULL) {
		(void)munmap((uint8_t *)mem - page, len + page);
		free(g);
	} else
		(void)munmap(mem, len);
}
