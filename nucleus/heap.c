/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel heap. The interface is heap.h.
 *
 * Small blocks come from slabs: one page of blocks of one class. In the page's struct page, order
 * is the class, tag the number of blocks in use and the index of the first free one, next and prev
 * link the slabs of the class that have free blocks. A free block begins with a struct hole.
 * Blocks whose size is a power of two are aligned to it, as pages are.
 * Large blocks are whole pages; next is their number.
 *
 * Each CPU has a few small blocks at hand, which to their slabs are in use: blocks come from there
 * and go there, the last first, so that CPUs do not wait for each other.
 *
 * Locking: heap_lock for slabs and their pages; a cache's lock, outside of that, for its blocks.
 */
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/string.h>
#include <nucleus/sync.h>

#define HOLE_MAGIC	0x656c6f68u
#define NO_HOLE		0xff

struct hole {
	uint32_t	magic;
	uint32_t	next;		/* index of the next free block, or NO_HOLE */
};

static const uint16_t class_size[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 672, 816, 1024, 1360, 2048
};
#define CLASSES		ARRAY_SIZE(class_size)
#define SMALL_MAX	2048
#define SLAB_MAX	255		/* blocks in a slab: indices and counts have 8 bits */

#define CACHE_MAX	8		/* blocks of a class */
#define CACHE_FILL	4		/* taken at once, and left when some are given back */

static struct spinlock heap_lock;
static uint32_t partial[CLASSES];	/* pfn of the first slab with a free block */
static struct heap_stats stats;		/* of slabs */
static struct heap_stats large;		/* by atomic operations */

static struct cache {
	struct spinlock	lock;
	uint8_t		count[CLASSES];
	struct hole	*block[CLASSES][CACHE_MAX];
} ALIGNED(64) caches[CPU_MAX];

static inline unsigned slab_capacity(unsigned class)
{
	return MIN((unsigned)PAGE_SIZE / class_size[class], SLAB_MAX);
}

static inline unsigned slab_used(const struct page *pg)
{
	return pg->tag & 0xff;
}

static inline unsigned slab_hole(const struct page *pg)
{
	return pg->tag >> 8;
}

static inline void slab_set(struct page *pg, unsigned used, unsigned hole)
{
	pg->tag = (uint16_t)(hole << 8 | used);
}

static inline struct hole *slab_block(const struct page *pg, unsigned i)
{
	return (struct hole *)((char *)page_to_virt(pg) + i * class_size[pg->order]);
}

static void slab_link(struct page *pg)
{
	pg->prev = 0;
	pg->next = partial[pg->order];
	if (pg->next != 0)
		pfn_to_page(pg->next)->prev = (uint32_t)page_to_pfn(pg);
	partial[pg->order] = (uint32_t)page_to_pfn(pg);
}

static void slab_unlink(struct page *pg)
{
	if (pg->prev != 0)
		pfn_to_page(pg->prev)->next = pg->next;
	else
		partial[pg->order] = pg->next;
	if (pg->next != 0)
		pfn_to_page(pg->next)->prev = pg->prev;
}

static struct page *slab_create(unsigned class)
{
	struct page *pg = page_alloc(0);
	unsigned n = slab_capacity(class);

	if (pg == NULL)
		return NULL;
	pg->use = PAGE_HEAP_SMALL;
	pg->order = (uint8_t)class;
	slab_set(pg, 0, 0);
	for (unsigned i = 0; i < n; i++)
		*slab_block(pg, i) = (struct hole) { HOLE_MAGIC, i + 1 < n ? i + 1 : NO_HOLE };
	slab_link(pg);
	stats.pages++;
	return pg;
}

static struct hole *slab_take(unsigned class)
{
	struct page *pg = partial[class] != 0 ? pfn_to_page(partial[class]) : slab_create(class);
	struct hole *h;

	if (pg == NULL)
		return NULL;
	h = slab_block(pg, slab_hole(pg));
	assert(h->magic == HOLE_MAGIC);		/* else someone wrote to a freed block */
	slab_set(pg, slab_used(pg) + 1, h->next);
	if (h->next == NO_HOLE)
		slab_unlink(pg);
	stats.blocks++;
	return h;
}

static void slab_give(struct hole *h)
{
	struct page *pg = phys_to_page(virt_to_phys(h));
	size_t offset = (size_t)((char *)h - (char *)page_to_virt(pg));

	*h = (struct hole) { HOLE_MAGIC, slab_hole(pg) };
	if (h->next == NO_HOLE)
		slab_link(pg);
	slab_set(pg, slab_used(pg) - 1, (unsigned)(offset / class_size[pg->order]));
	stats.blocks--;
	/* Keep one empty slab a class, so that a block that comes and goes costs no page each time. */
	if (slab_used(pg) == 0 && (pg->next != 0 || pg->prev != 0)) {
		slab_unlink(pg);
		pg->use = PAGE_USED;
		pg->refs = 1;
		page_put(pg);
		stats.pages--;
	}
}

/* ---- blocks at hand ---- */

/* The cache's lock is held, and it has none of the class. */
static NOINLINE void cache_fill(struct cache *c, unsigned class)
{
	struct hole *h;

	spin_acquire(&heap_lock);
	while (c->count[class] < CACHE_FILL && (h = slab_take(class)) != NULL)
		c->block[class][c->count[class]++] = h;
	spin_release(&heap_lock);
}

static NOINLINE void cache_drain(struct cache *c, unsigned class, unsigned left)
{
	spin_acquire(&heap_lock);
	while (c->count[class] > left)
		slab_give(c->block[class][--c->count[class]]);
	spin_release(&heap_lock);
}

void heap_drain(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++) {
		unsigned long flags = spin_lock(&caches[i].lock);

		for (unsigned class = 0; class < CLASSES; class++)
			cache_drain(&caches[i], class, 0);
		spin_unlock(&caches[i].lock, flags);
	}
}

static void *small_alloc(unsigned class)
{
	unsigned long flags = cpu_irq_save();
	struct cache *c = &caches[cpu_self()->id];
	struct hole *h = NULL;

	spin_acquire(&c->lock);
	if (c->count[class] == 0)
		cache_fill(c, class);
	if (c->count[class] > 0) {
		h = c->block[class][--c->count[class]];
		assert(h->magic == HOLE_MAGIC);
		h->magic = 0;
	}
	spin_unlock(&c->lock, flags);
	return h;
}

/* A block that looks like a free one: is it? */
static NOINLINE void check_not_free(const struct page *pg, const struct hole *h)
{
	unsigned long flags;

	heap_drain();
	flags = spin_lock(&heap_lock);
	for (unsigned i = slab_hole(pg); i != NO_HOLE; i = slab_block(pg, i)->next) {
		if (slab_block(pg, i) == h)
			panic("heap_free(%p): already free", (const void *)h);
	}
	spin_unlock(&heap_lock, flags);
}

static void small_free(struct page *pg, struct hole *h)
{
	unsigned class = pg->order;
	unsigned long flags;
	struct cache *c;

	if ((size_t)((char *)h - (char *)page_to_virt(pg)) % class_size[class] != 0)
		panic("heap_free(%p): not a block", (void *)h);
	if (unlikely(h->magic == HOLE_MAGIC))
		check_not_free(pg, h);
	flags = cpu_irq_save();
	c = &caches[cpu_self()->id];
	spin_acquire(&c->lock);
	if (c->count[class] == CACHE_MAX)
		cache_drain(c, class, CACHE_FILL);
	h->magic = HOLE_MAGIC;
	c->block[class][c->count[class]++] = h;
	spin_unlock(&c->lock, flags);
}

/* ---- large blocks ---- */

static inline void large_count(size_t blocks, size_t pages)
{
	__atomic_add_fetch(&large.blocks, blocks, __ATOMIC_RELAXED);
	__atomic_add_fetch(&large.pages, pages, __ATOMIC_RELAXED);
}

static void *large_alloc(size_t len, size_t align)
{
	size_t npages = (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct page *pg;

	if (len > SIZE_MAX - PAGE_SIZE)
		return NULL;
	pg = npages == 1 && align <= PAGE_SIZE ? page_alloc(0) :
	    page_alloc_contig(npages, MAX(align, PAGE_SIZE), PAGE_ANYWHERE, 0);
	if (pg == NULL)
		return NULL;
	pg->use = PAGE_HEAP_LARGE;
	pg->next = (uint32_t)npages;
	large_count(1, npages);
	return page_to_virt(pg);
}

static void large_free(struct page *pg)
{
	size_t npages = pg->next;

	large_count(-1ul, -npages);
	pg->use = PAGE_USED;
	page_free_contig(pg, npages);
}

void *heap_alloc(size_t len)
{
	if (len == 0)
		return NULL;
	if (len > SMALL_MAX)
		return large_alloc(len, PAGE_SIZE);
	for (unsigned class = 0; ; class++) {
		if (len <= class_size[class])
			return small_alloc(class);
	}
}

void *heap_alloc_aligned(size_t len, size_t align)
{
	if (align <= 16)
		return heap_alloc(len);
	if (len == 0 || !IS_POW2(align))
		return NULL;
	if (len > SMALL_MAX || align > SMALL_MAX)
		return large_alloc(len, align);
	len = MAX(len, align);
	/* The next power of two is a class of its own. */
	return heap_alloc((size_t)1 << (64 - (unsigned)__builtin_clzll(len - 1)));
}

void *heap_zalloc(size_t len)
{
	void *p = heap_alloc(len);

	return p != NULL ? memset(p, 0, len) : NULL;
}

/* The page that a block begins in; panics unless the heap gave it. */
static struct page *block_page(const void *p)
{
	struct page *pg;

	if ((uintptr_t)p < DIRECT_BASE || (uintptr_t)p >= PAGE_ARRAY_BASE || (uintptr_t)p % 16 != 0 ||
	    !page_is_ram(virt_to_phys(p)))
		panic("heap: %p is not a block", p);
	pg = phys_to_page(virt_to_phys(p));
	if (pg->use != PAGE_HEAP_SMALL &&
	    (pg->use != PAGE_HEAP_LARGE || (uintptr_t)p % PAGE_SIZE != 0))
		panic("heap: %p is not a block", p);
	return pg;
}

void heap_free(void *p)
{
	struct page *pg;

	if (p == NULL)
		return;
	pg = block_page(p);
	if (pg->use == PAGE_HEAP_SMALL)
		small_free(pg, p);
	else
		large_free(pg);
}

size_t heap_size(const void *p)
{
	const struct page *pg = block_page(p);

	return pg->use == PAGE_HEAP_SMALL ? class_size[pg->order] : (size_t)pg->next << PAGE_SHIFT;
}

void heap_stats(struct heap_stats *st)
{
	unsigned long flags;

	heap_drain();
	flags = spin_lock(&heap_lock);
	*st = stats;
	spin_unlock(&heap_lock, flags);
	st->blocks += READ_ONCE(large.blocks);
	st->pages += READ_ONCE(large.pages);
}
