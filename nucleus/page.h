/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical pages.
 *
 * Every page of RAM that the nucleus manages has a struct page, in one array indexed by pfn of
 * which only the parts that describe RAM are backed by memory. A page is free, or it has a
 * reference count of at least 1; when the last reference is dropped it becomes free. Pages are
 * not zeroed unless asked for.
 *
 * Locking: spin locks inside; all functions in any context.
 */
#ifndef NUCLEUS_PAGE_H
#define NUCLEUS_PAGE_H

#include <nucleus/cpu.h>

/*
 * 12 bytes, so that a machine's memory costs 0.3 % of itself. The user of a page that has one
 * reference may have prev in its place; it sets refs to 1 again before it drops that.
 */
struct page {
	uint8_t		order;		/* of a free block, in its first page */
	uint8_t		use;		/* enum page_use */
	uint16_t	tag;		/* the user's */
	uint32_t	next;		/* a pfn: free list; the user's while in use */
	union {
		uint32_t	refs;	/* of a page in use */
		uint32_t	prev;	/* as next */
	};
};

enum page_use {
	PAGE_RESERVED,			/* firmware, kernel image, this array: never free */
	PAGE_FREE,			/* first page of a free block */
	PAGE_FREE_TAIL,			/* other pages of it */
	PAGE_CACHED,			/* free, and at a CPU's hand */
	PAGE_USED,
	PAGE_HEAP_SMALL,		/* heap.c: a slab */
	PAGE_HEAP_LARGE,		/* heap.c: first page of a large allocation */
};

#define PAGE_ZERO	0x1		/* filled with zeroes */

static inline struct page *pfn_to_page(uint64_t pfn)
{
	return (struct page *)PAGE_ARRAY_BASE + pfn;
}

static inline uint64_t page_to_pfn(const struct page *pg)
{
	return (uint64_t)(pg - (struct page *)PAGE_ARRAY_BASE);
}

static inline paddr_t page_to_phys(const struct page *pg)
{
	return page_to_pfn(pg) << PAGE_SHIFT;
}

static inline void *page_to_virt(const struct page *pg)
{
	return phys_to_virt(page_to_phys(pg));
}

/* pa: of RAM that the nucleus manages (page_is_ram). */
static inline struct page *phys_to_page(paddr_t pa)
{
	return pfn_to_page(pa >> PAGE_SHIFT);
}

/* One page with one reference. NULL: none left. */
struct page *page_alloc(unsigned flags);

/*
 * npages pages that are physically contiguous, from a physical address that is a multiple of align
 * (a power of two, at least PAGE_SIZE) up to at most limit, each with one reference, for devices
 * and large tables. Returns the first. Takes time in proportion to the number of pages of the
 * machine if npages is larger than 2^PAGE_MAX_ORDER or limit is below RAM's end.
 */
#define PAGE_ANYWHERE	(~(paddr_t)0)
struct page *page_alloc_contig(size_t npages, size_t align, paddr_t limit, unsigned flags);

/* Drop one reference of each of npages pages from pg on. */
void page_free_contig(struct page *pg, size_t npages);

/*
 * Up to n free pages within [start, end), to pages[], each with one reference: how many. Takes time
 * in proportion to the number of free blocks.
 */
size_t page_alloc_within(paddr_t start, paddr_t end, size_t n, struct page *pages[]);

/* One more reference; one less, which frees the page if it was the last. */
static inline void page_get(struct page *pg)
{
	__atomic_add_fetch(&pg->refs, 1, __ATOMIC_RELAXED);
}
void page_put(struct page *pg);

/* The same as page_put(), inline, for a page that page_alloc() gave. */
void page_release(struct page *pg);	/* the last reference has gone */
static inline void page_put_used(struct page *pg)
{
	if (__atomic_sub_fetch(&pg->refs, 1, __ATOMIC_ACQ_REL) == 0)
		page_release(pg);
}

/* Whether pa is in RAM that has a struct page; whether any of [start, end) is. */
bool page_is_ram(paddr_t pa);
bool page_any_ram(paddr_t start, paddr_t end);

struct page_stats {
	size_t	total;			/* pages of RAM, but for reserved ones */
	size_t	reserved;		/* the image, the array, what came with them */
	size_t	free;
	size_t	largest;		/* pages in the largest free block */
};
void page_stats(struct page_stats *st);

/*
 * The largest run of free pages up to limit, for one large allocation such as a donor's arena: its
 * first address, a multiple of align, and its number of pages. Another allocation may change it.
 */
size_t page_largest_run(size_t align, paddr_t limit, paddr_t *startp);

/*
 * fn is called in any context, with no lock of the pages' held, after each allocation that leaves
 * fewer than low pages free, or fails; but for page_alloc_within(). It must not sleep. NULL: none.
 */
void page_set_low(void (*fn)(void), size_t low);

/* The same after each page_put() that leaves more than high pages free. */
void page_set_high(void (*fn)(void), size_t high);

/* Boot only: the array, from the memory map. Then the memory is ready for use. */
void page_init(void);

#endif /* NUCLEUS_PAGE_H */
