/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical pages: a buddy allocator. The interface is page.h.
 *
 * A free block is 2^order pages at a multiple of its size. Its first page is PAGE_FREE with the
 * order and the links of a free_list[], the others PAGE_FREE_TAIL. Links are pfns; 0, which is
 * never free, ends a list.
 * Invariants: no two free blocks are buddies (they would be one); free_pages is the sum.
 * The array covers RAM rounded to the largest block, so that a buddy can always be looked at.
 *
 * Each CPU has a few free pages at hand, which belong to no block (PAGE_CACHED): single pages come
 * from there and go there, the last first, so that CPUs do not wait for each other, and blocks are
 * neither split nor joined for each. When something is not to be had otherwise all are given back.
 *
 * Locking: page_lock for free lists and the use of free pages; a cache's lock, outside of that, for
 * its pages. refs is atomic.
 */
#include <nucleus/bootmem.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/sync.h>

#define ORDERS		(PAGE_MAX_ORDER + 1)
#define BLOCK_MAX	((uint64_t)1 << PAGE_MAX_ORDER)

/*
 * Low memory is taken last, and not kept at hand: there is little, and some can use no other. Nor
 * is it as good as other under QEMU: it is a region of its own, CPUs that use both wait for each
 * other; and writes are slow to a page from which a CPU has once run, as a PC's begin there.
 */
#define LOW_PAGES	(MIB / PAGE_SIZE)

#define CACHE_MAX	32		/* pages of a CPU */
#define CACHE_FILL	16		/* taken at once, and left when some are given back */
#define CACHE_LOW	((size_t)CPU_MAX * CACHE_MAX * 2)	/* free pages; with less nothing is kept */

/* The array is mapped in parts that describe whole blocks. */
_Static_assert(BLOCK_MAX * sizeof(struct page) % PAGE_SIZE == 0, "parts begin at pages");

static struct spinlock page_lock;
static uint32_t free_list[2][ORDERS];	/* of low memory; of the rest */
static size_t free_pages, total_pages, reserved_pages;
static paddr_t ram_last;		/* no page is behind it */
static bool ready;

static struct cache {
	struct spinlock	lock;
	uint32_t	first, pages;	/* a list by next */
} ALIGNED(64) caches[CPU_MAX];

static void (*low_fn)(void), (*high_fn)(void);
static size_t low_mark, high_mark = SIZE_MAX;
static size_t high_from = SIZE_MAX;	/* with so many in blocks there may be more than high_mark */

/* ---- free blocks; page_lock is held ---- */

static inline uint32_t *list_of(uint64_t pfn, unsigned order)
{
	return &free_list[pfn >= LOW_PAGES][order];
}

static void block_insert(uint64_t pfn, unsigned order)
{
	struct page *pg = pfn_to_page(pfn);
	uint32_t *list = list_of(pfn, order);

	pg->use = PAGE_FREE;
	pg->order = (uint8_t)order;
	pg->prev = 0;
	pg->next = *list;
	if (pg->next != 0)
		pfn_to_page(pg->next)->prev = (uint32_t)pfn;
	*list = (uint32_t)pfn;
	free_pages += (size_t)1 << order;
}

static void block_remove(uint64_t pfn)
{
	struct page *pg = pfn_to_page(pfn);

	if (pg->prev != 0)
		pfn_to_page(pg->prev)->next = pg->next;
	else
		*list_of(pfn, pg->order) = pg->next;
	if (pg->next != 0)
		pfn_to_page(pg->next)->prev = pg->prev;
	pg->use = PAGE_FREE_TAIL;
	free_pages -= (size_t)1 << pg->order;
}

/* Give back 2^order pages, already marked as tails but for the first; join with free buddies. */
static void block_free(uint64_t pfn, unsigned order)
{
	for (; order < PAGE_MAX_ORDER; order++) {
		uint64_t buddy = pfn ^ (uint64_t)1 << order;
		struct page *b = pfn_to_page(buddy);

		if (b->use != PAGE_FREE || b->order != order)
			break;
		block_remove(buddy);
		pfn_to_page(pfn)->use = PAGE_FREE_TAIL;
		pfn = MIN(pfn, buddy);
	}
	block_insert(pfn, order);
}

/* Pages from a to b, all marked as tails, become free blocks. */
static void range_free(uint64_t a, uint64_t b)
{
	while (a < b) {
		unsigned order = a == 0 ? PAGE_MAX_ORDER :
		    MIN((unsigned)__builtin_ctzll(a), PAGE_MAX_ORDER);

		while (((uint64_t)1 << order) > b - a)
			order--;
		block_free(a, order);
		a += (uint64_t)1 << order;
	}
}

static void use_pages(uint64_t pfn, size_t npages)
{
	for (struct page *pg = pfn_to_page(pfn); npages-- > 0; pg++) {
		pg->use = PAGE_USED;
		pg->refs = 1;
		pg->tag = 0;
	}
}

/* A block of 2^order pages or larger, cut down to that. 0: none. */
static uint64_t take_from(const uint32_t *list, unsigned order)
{
	unsigned have = order;
	uint64_t pfn;

	while (have < ORDERS && list[have] == 0)
		have++;
	if (have == ORDERS)
		return 0;
	pfn = list[have];
	block_remove(pfn);
	while (have-- > order)
		block_insert(pfn + ((uint64_t)1 << have), have);
	return pfn;
}

static uint64_t take_block(unsigned order)
{
	uint64_t pfn = take_from(free_list[1], order);

	return pfn != 0 ? pfn : take_from(free_list[0], order);
}

/* ---- runs of free blocks ---- */

struct run {
	uint64_t	start, end;
};

/* The next run of adjacent free blocks from pfn on, before limit. */
static bool next_run(uint64_t pfn, uint64_t limit, struct run *run)
{
	run->start = run->end = 0;
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];
		uint64_t end = MIN(r->end >> PAGE_SHIFT, limit);
		uint64_t p = MAX(r->start >> PAGE_SHIFT, pfn);

		if (r->kind != BOOT_RAM)
			continue;
		while (p < end) {
			const struct page *pg = pfn_to_page(p);

			if (pg->use == PAGE_FREE) {
				run->start = run->end == 0 ? p : run->start;
				run->end = p + ((uint64_t)1 << pg->order);
				p = run->end;
			} else if (run->end != 0) {
				return true;
			} else {
				p++;
			}
		}
		if (run->end != 0)
			return true;
	}
	return false;
}

/* Take pages [a, b) out of the free blocks of a run that contains them. */
static void claim(const struct run *run, uint64_t a, uint64_t b)
{
	for (uint64_t p = run->start, end; p < b; p = end) {
		end = p + ((uint64_t)1 << pfn_to_page(p)->order);
		if (end <= a)
			continue;
		block_remove(p);
		if (p < a)
			range_free(p, a);
		if (end > b)
			range_free(b, end);
	}
}

static uint64_t take_run(size_t npages, size_t align, paddr_t limit)
{
	uint64_t last = limit >> PAGE_SHIFT, pfn = 0, a;
	struct run run;

	if (limit != PAGE_ANYWHERE && ((limit + 1) & (PAGE_SIZE - 1)) == 0)
		last++;
	while (next_run(pfn, last, &run)) {
		a = ROUND_UP(run.start, align >> PAGE_SHIFT);
		if (a + npages <= MIN(run.end, last)) {
			claim(&run, a, a + npages);
			return a;
		}
		pfn = run.end;
	}
	return 0;
}

/* ---- pages at hand; the cache's lock is held ---- */

static inline void cache_push(struct cache *c, uint64_t pfn)
{
	struct page *pg = pfn_to_page(pfn);

	pg->use = PAGE_CACHED;
	pg->next = c->first;
	c->first = (uint32_t)pfn;
	c->pages++;
}

static inline uint64_t cache_pop(struct cache *c)
{
	uint64_t pfn = c->first;

	c->first = pfn_to_page(pfn)->next;
	c->pages--;
	return pfn;
}

static NOINLINE void cache_fill(struct cache *c)
{
	unsigned wanted;
	uint64_t pfn;

	spin_acquire(&page_lock);
	wanted = free_pages > CACHE_LOW ? CACHE_FILL : 1;
	while (c->pages < wanted && (pfn = take_block(0)) != 0)
		cache_push(c, pfn);
	spin_release(&page_lock);
}

static NOINLINE void cache_drain(struct cache *c, unsigned left)
{
	spin_acquire(&page_lock);
	if (free_pages <= CACHE_LOW)
		left = 0;
	while (c->pages > left)
		block_free(cache_pop(c), 0);
	spin_release(&page_lock);
}

static void drain_all(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++) {
		unsigned long flags = spin_lock(&caches[i].lock);

		cache_drain(&caches[i], 0);
		spin_unlock(&caches[i].lock, flags);
	}
}

/* Of all free pages, which others may just take. */
static size_t count_free(void)
{
	size_t n = free_pages;

	for (unsigned i = 0; i < CPU_MAX; i++)
		n += READ_ONCE(caches[i].pages);
	return n;
}

/* ---- allocation ---- */

static void look_whether_low(void)
{
	if (unlikely(free_pages < low_mark) && count_free() < low_mark)
		low_fn();
}

static uint64_t try_alloc(size_t npages, size_t align, paddr_t limit)
{
	size_t span = MAX(npages, align >> PAGE_SHIFT);
	unsigned order = span <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(span - 1);
	unsigned long flags = spin_lock(&page_lock);
	uint64_t pfn = 0;

	if (limit >= ram_last)
		limit = PAGE_ANYWHERE;
	if (limit == PAGE_ANYWHERE && order <= PAGE_MAX_ORDER) {
		pfn = take_block(order);
		if (pfn != 0)
			range_free(pfn + npages, pfn + ((uint64_t)1 << order));
	}
	if (pfn == 0 && npages <= free_pages && (span > 1 || limit != PAGE_ANYWHERE))
		pfn = take_run(npages, align, limit);
	if (pfn != 0)
		use_pages(pfn, npages);
	spin_unlock(&page_lock, flags);
	return pfn;
}

struct page *page_alloc_contig(size_t npages, size_t align, paddr_t limit, unsigned flags)
{
	uint64_t pfn;

	if (unlikely(!ready)) {
		pfn = bootmem_alloc(npages) >> PAGE_SHIFT;
	} else {
		pfn = try_alloc(npages, align, limit);
		if (pfn == 0) {
			drain_all();
			pfn = try_alloc(npages, align, limit);
		}
		look_whether_low();
		if (pfn == 0)
			return NULL;
	}
	if (flags & PAGE_ZERO)
		memset(phys_to_virt(pfn << PAGE_SHIFT), 0, npages << PAGE_SHIFT);
	return pfn_to_page(pfn);
}

struct page *page_alloc(unsigned flags)
{
	struct cache *c = &caches[cpu_self()->id];
	unsigned long irqs;
	uint64_t pfn = 0;

	if (unlikely(!ready))
		return page_alloc_contig(1, PAGE_SIZE, PAGE_ANYWHERE, flags);
	irqs = spin_lock(&c->lock);
	if (unlikely(c->pages == 0))
		cache_fill(c);
	if (likely(c->pages > 0)) {
		pfn = cache_pop(c);
		use_pages(pfn, 1);
	}
	spin_unlock(&c->lock, irqs);
	if (unlikely(pfn == 0))
		return page_alloc_contig(1, PAGE_SIZE, PAGE_ANYWHERE, flags);
	look_whether_low();
	if (flags & PAGE_ZERO)
		memset(phys_to_virt(pfn << PAGE_SHIFT), 0, PAGE_SIZE);
	return pfn_to_page(pfn);
}

/* From the smallest free blocks to the largest, so that those stay in one piece. */
size_t page_alloc_within(paddr_t start, paddr_t end, size_t n, struct page *pages[])
{
	uint64_t first = start >> PAGE_SHIFT, last = end >> PAGE_SHIFT, pfn, next, a, b;
	unsigned long flags;
	size_t got = 0;

	drain_all();
	flags = spin_lock(&page_lock);
	for (unsigned i = 0; i < 2 * ORDERS; i++) {
		unsigned order = i % ORDERS;
		uint64_t len = (uint64_t)1 << order;

		for (pfn = free_list[i < ORDERS][order]; pfn != 0 && got < n; pfn = next) {
			next = pfn_to_page(pfn)->next;
			a = MAX(pfn, first);
			b = MIN(MIN(pfn + len, last), a + (n - got));
			if (a >= b)
				continue;
			block_remove(pfn);
			range_free(pfn, a);
			range_free(b, pfn + len);
			use_pages(a, b - a);
			while (a < b)
				pages[got++] = pfn_to_page(a++);
		}
	}
	spin_unlock(&page_lock, flags);
	return got;
}

/* The last reference has gone. */
static inline void release(struct page *pg)
{
	struct cache *c = &caches[cpu_self()->id];
	uint64_t pfn = page_to_pfn(pg);
	unsigned long flags;

	assert(pg->use >= PAGE_USED);
	flags = spin_lock(&c->lock);
	cache_push(c, pfn);
	if (unlikely(pfn < LOW_PAGES))
		cache_drain(c, c->pages - 1);
	else if (unlikely(c->pages > CACHE_MAX || free_pages <= CACHE_LOW))
		cache_drain(c, CACHE_FILL);
	spin_unlock(&c->lock, flags);
	if (unlikely(free_pages > high_from) && count_free() > high_mark)
		high_fn();
}

void page_release(struct page *pg)
{
	release(pg);
}

void page_put(struct page *pg)
{
	uint32_t refs;

	if (unlikely(pg->use == PAGE_RESERVED))
		return;				/* the kernel's first page tables */
	assert(pg->use >= PAGE_USED);
	refs = __atomic_sub_fetch(&pg->refs, 1, __ATOMIC_ACQ_REL);
	if (refs != 0) {
		assert(refs != UINT32_MAX);
		return;
	}
	release(pg);
}

void page_free_contig(struct page *pg, size_t npages)
{
	while (npages-- > 0)
		page_put(pg++);
}

/* ---- about memory ---- */

bool page_any_ram(paddr_t start, paddr_t end)
{
	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->kind == BOOT_RAM && start < r->end && end > r->start)
			return true;
	}
	return false;
}

bool page_is_ram(paddr_t pa)
{
	return page_any_ram(pa, pa + 1);
}

size_t page_largest_run(size_t align, paddr_t limit, paddr_t *startp)
{
	uint64_t last = limit == PAGE_ANYWHERE ? UINT64_MAX : (limit + 1) >> PAGE_SHIFT, pfn = 0, a, end;
	unsigned long flags;
	size_t best = 0;
	struct run run;

	drain_all();
	flags = spin_lock(&page_lock);
	while (next_run(pfn, last, &run)) {
		a = ROUND_UP(run.start, align >> PAGE_SHIFT);
		end = MIN(run.end, last);
		if (a < end && end - a > best) {
			best = end - a;
			*startp = a << PAGE_SHIFT;
		}
		pfn = run.end;
	}
	spin_unlock(&page_lock, flags);
	return best;
}

void page_stats(struct page_stats *st)
{
	unsigned long flags = spin_lock(&page_lock);

	st->total = total_pages;
	st->reserved = reserved_pages;
	st->free = count_free();
	st->largest = 0;
	for (unsigned order = 0; order < ORDERS; order++) {
		if (free_list[0][order] != 0 || free_list[1][order] != 0)
			st->largest = (size_t)1 << order;
	}
	spin_unlock(&page_lock, flags);
}

/* The function of before stays, for an allocation that has seen its mark. */
void page_set_low(void (*fn)(void), size_t low)
{
	low_mark = 0;
	if (fn != NULL) {
		low_fn = fn;
		low_mark = low;
	}
}

void page_set_high(void (*fn)(void), size_t high)
{
	high_mark = high_from = SIZE_MAX;
	if (fn != NULL) {
		high_fn = fn;
		high_mark = high;
		high_from = high - MIN(high, (size_t)CPU_MAX * CACHE_MAX);
	}
}

/* Pages that share with something else stay. */
void boot_module_free(unsigned i)
{
	struct boot_module *m = &boot_info.module[i];
	uint64_t a = ROUND_UP(m->start, PAGE_SIZE) >> PAGE_SHIFT, b = m->end >> PAGE_SHIFT;
	unsigned long flags;

	if (a < b && page_is_ram(m->start) && page_is_ram(m->end - 1)) {
		flags = spin_lock(&page_lock);
		for (uint64_t pfn = a; pfn < b; pfn++)
			pfn_to_page(pfn)->use = PAGE_FREE_TAIL;
		range_free(a, b);
		total_pages += b - a;
		spin_unlock(&page_lock, flags);
	}
	m->end = m->start;
}

/* Memory for the part of the array that describes [start, end). */
static void map_array(uint64_t start, uint64_t end)
{
	vaddr_t va = ROUND_DOWN((vaddr_t)pfn_to_page(start), PAGE_SIZE);
	size_t len = ROUND_UP((vaddr_t)pfn_to_page(end), PAGE_SIZE) - va;
	paddr_t pa = bootmem_alloc(len >> PAGE_SHIFT);

	if (space_map(&kernel_space, va, pa, len, PROT_R | PROT_W) != 0)
		panic("no memory for page tables");
	memset((void *)va, 0, len);		/* PAGE_RESERVED */
}

static size_t ram_pages(void)
{
	size_t n = 0;

	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->kind == BOOT_RAM && r->end > r->start)
			n += (r->end >> PAGE_SHIFT) - (r->start >> PAGE_SHIFT);
	}
	return n;
}

void page_init(void)
{
	uint64_t covered = 0;

	for (unsigned i = 0; i < boot_info.nranges; i++) {
		const struct boot_range *r = &boot_info.range[i];
		uint64_t start = MAX(ROUND_DOWN(r->start >> PAGE_SHIFT, BLOCK_MAX), covered);
		uint64_t end = ROUND_UP(r->end >> PAGE_SHIFT, BLOCK_MAX);

		if (r->kind == BOOT_RAM && start < end) {
			map_array(start, end);
			covered = end;
			ram_last = (end << PAGE_SHIFT) - 1;
		}
	}
	for (unsigned i = 0; i < bootmem_nfree; i++) {
		uint64_t a = bootmem_free[i].start >> PAGE_SHIFT, b = bootmem_free[i].end >> PAGE_SHIFT;

		for (uint64_t pfn = a; pfn < b; pfn++)
			pfn_to_page(pfn)->use = PAGE_FREE_TAIL;
		range_free(a, b);
	}
	total_pages = free_pages;
	reserved_pages = ram_pages() - total_pages;
	ready = true;
}
