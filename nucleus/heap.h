/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel heap. Blocks lie in the direct map, so each is physically contiguous and
 * virt_to_phys() of it is valid.
 *
 * Locking: spin locks inside; any context.
 */
#ifndef NUCLEUS_HEAP_H
#define NUCLEUS_HEAP_H

#include <nucleus/types.h>

/* len bytes, aligned to 16, or to a page if len is at least a page. NULL: no memory, or len 0. */
void *heap_alloc(size_t len) MUST_CHECK;
void *heap_zalloc(size_t len) MUST_CHECK;		/* zeroed */

/* The same at a multiple of align, a power of two of at most 2^PAGE_MAX_ORDER pages. */
void *heap_alloc_aligned(size_t len, size_t align) MUST_CHECK;

/* Give a block back. NULL is allowed. Whatever is not a block of the heap is a panic. */
void heap_free(void *p);

/* Bytes that p, a block, has room for: at least what was asked for. */
size_t heap_size(const void *p);

struct heap_stats {
	size_t	blocks;			/* allocated and not freed */
	size_t	pages;			/* taken from the page allocator */
};
void heap_stats(struct heap_stats *st);		/* does heap_drain() */

/* Freed blocks that CPUs keep at hand are given back, and so the pages that only they need. */
void heap_drain(void);

#endif /* NUCLEUS_HEAP_H */
