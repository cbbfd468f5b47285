/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical pages and the heap: nothing is lost, nothing is given twice. */
#include <nucleus/bootmem.h>

#include "tap.h"

static uint64_t seed = 12345;

static uint32_t roll(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % n;
}

/* Allocations of random sizes, each filled with its number and looked at before it is freed. */
static bool churn(void)
{
	static struct {
		struct page	*pg;
		size_t		n;
		uint32_t	mark;
	} a[64];
	bool good = true;

	for (uint32_t i = 0; i < 4000; i++) {
		unsigned s = roll(ARRAY_SIZE(a));
		uint32_t *p;

		if (a[s].pg != NULL) {
			for (size_t k = 0; k < a[s].n; k++) {
				p = page_to_virt(a[s].pg + k);
				good &= p[0] == a[s].mark && p[1023] == a[s].mark;
			}
			page_free_contig(a[s].pg, a[s].n);
			a[s].pg = NULL;
			continue;
		}
		a[s].n = 1 + roll(i % 8 == 0 ? 100 : 4);
		a[s].mark = i;
		a[s].pg = page_alloc_contig(a[s].n, PAGE_SIZE, PAGE_ANYWHERE, 0);
		for (size_t k = 0; a[s].pg != NULL && k < a[s].n; k++) {
			p = page_to_virt(a[s].pg + k);
			p[0] = p[1023] = i;
		}
	}
	for (unsigned s = 0; s < ARRAY_SIZE(a); s++) {
		if (a[s].pg != NULL)
			page_free_contig(a[s].pg, a[s].n);
		a[s].pg = NULL;
	}
	return good;
}

/* All pages, one by one, linked through their contents. */
static size_t take_all(void)
{
	struct page *pg, **head = NULL;
	size_t n = 0;

	while ((pg = page_alloc(0)) != NULL) {
		struct page **link = page_to_virt(pg);

		*link = (struct page *)head;
		head = link;
		n++;
	}
	while (head != NULL) {
		struct page **link = head;

		head = (struct page **)*link;
		page_put(phys_to_page(virt_to_phys(link)));
	}
	return n;
}

static size_t low_calls, high_calls;

static void on_low(void)
{
	low_calls++;
}

static void on_high(void)
{
	high_calls++;
}

static void test_low(void)
{
	size_t n = 0, before = free_pages();
	struct page *pg, *list = NULL;

	low_calls = 0;
	page_set_low(on_low, before / 2);
	while (low_calls == 0 && (pg = page_alloc(0)) != NULL) {
		*(struct page **)page_to_virt(pg) = list;
		list = pg;
		n++;
	}
	ok(low_calls == 1 && free_pages() == before / 2 - 1, "told when fewer than %zu pages are free",
	    before / 2);
	while ((pg = page_alloc(0)) != NULL) {
		*(struct page **)page_to_virt(pg) = list;
		list = pg;
		n++;
	}
	ok(low_calls == before / 2 + 1, "and at each allocation from then on, the last one's failure too");
	page_set_low(NULL, 0);
	high_calls = 0;
	page_set_high(on_high, before - 4);
	while (list != NULL) {
		pg = list;
		list = *(struct page **)page_to_virt(pg);
		page_put(pg);
	}
	page_set_high(NULL, 0);
	ok(free_pages() == before, "all %zu pages are back", n);
	ok(high_calls == 4, "told when more than %zu were free", before - 4);
}

static paddr_t lowest_ram(void)
{
	unsigned i = 0;

	while (boot_info.range[i].kind != BOOT_RAM)
		i++;
	return boot_info.range[i].start;
}

/* Ranges of a firmware's that overlap, in no order, are free once. */
static void test_map(void)
{
	static const struct boot_range map[] = {
		{ 0x10500000, 0x10a00000, BOOT_RAM }, { 0x10100000, 0x10900000, BOOT_RAM },
		{ 0x10a00000, 0x10b00800, BOOT_RAM }, { 0x10800000, 0x10801000, BOOT_RESERVED },
		{ 0x10600000, 0x10700000, BOOT_RAM }, { 0x10f00000, 0x11000000, BOOT_TABLES },
	};
	static struct boot_info saved;
	unsigned long flags = cpu_irq_save();
	bool apart = true;
	size_t sum = 0;

	saved = boot_info;
	boot_info.nranges = ARRAY_SIZE(map);
	memcpy(boot_info.range, map, sizeof(map));
	for (unsigned i = 0; i < ARRAY_SIZE(map); i++) {
		boot_info.range[i].start += 4096 * GIB;
		boot_info.range[i].end += 4096 * GIB;
	}
	bootmem_nfree = 0;
	bootmem_init();
	boot_info = saved;
	cpu_irq_restore(flags);
	for (unsigned i = 0; i < bootmem_nfree; i++) {
		apart = apart && (i == 0 || bootmem_free[i - 1].end <= bootmem_free[i].start);
		sum += bootmem_free[i].end - bootmem_free[i].start;
	}
	ok(apart && sum == 10 * MIB - PAGE_SIZE, "memory that the firmware names twice is there once");
}

void test_memory(void)
{
	size_t before = free_pages(), run;
	struct page_stats st;
	struct page *pg, *low;
	paddr_t start, limit;

	page_stats(&st);
	tap_note("%zu pages, %zu free", st.total, st.free);
	test_map();
	pg = page_alloc(PAGE_ZERO);
	ok(pg != NULL && pg->refs == 1 && free_pages() == before - 1, "a page");
	ok(*(uint64_t *)page_to_virt(pg) == 0, "it is zeroed");
	ok(page_to_phys(pg) >= MIB, "and not of low memory");
	page_get(pg);
	page_put(pg);
	ok(free_pages() == before - 1, "a reference keeps it");
	page_put(pg);
	ok(free_pages() == before, "the last one frees it");

	pg = page_alloc_contig(300, 64 * KIB, PAGE_ANYWHERE, 0);
	ok(pg != NULL && page_to_phys(pg) % (64 * KIB) == 0 && free_pages() == before - 300,
	    "contiguous and aligned: exactly as many as asked for");
	page_free_contig(pg, 300);
	limit = lowest_ram() + 16 * MIB;
	low = page_alloc_contig(16, PAGE_SIZE, limit - 1, 0);
	ok(low != NULL && page_to_phys(low) + 16 * PAGE_SIZE <= limit, "in the first 16 MiB");
	page_free_contig(low, 16);
	ok(page_alloc_contig(1, PAGE_SIZE, 4 * KIB - 1, 0) == NULL, "none below 4 KiB");
	low = page_alloc_contig(1, PAGE_SIZE, MIB - 1, 0);
	if (low != NULL)
		page_put(low);
	pg = page_alloc(0);
	ok(pg != NULL && pg != low, "low memory is not kept at hand");
	page_put(pg);
	ok(page_alloc_contig(st.total * 2, PAGE_SIZE, PAGE_ANYWHERE, 0) == NULL, "too many");

	run = page_largest_run(2 * MIB, PAGE_ANYWHERE, &start);
	tap_note("the largest run is %zu pages", run);
	pg = page_alloc_contig(run, 2 * MIB, PAGE_ANYWHERE, 0);
	ok(pg != NULL && page_to_phys(pg) == start && run > PAGE_MAX_ORDER, "the largest run");
	page_free_contig(pg, run);
	ok(free_pages() == before, "and back");

	ok(churn(), "random allocations keep their contents");
	ok(free_pages() == before, "none is lost");
	if (st.total > GIB / PAGE_SIZE)
		return;			/* what follows writes to all of it */
	ok(take_all() == before, "every free page can be had");
	ok(free_pages() == before && page_largest_run(2 * MIB, PAGE_ANYWHERE, &start) == run,
	    "and joined again");
	test_low();
}

/* ---- the heap ---- */

static bool heap_churn(void)
{
	static struct {
		uint8_t		*p;
		size_t		n;
	} a[200];
	bool good = true;

	for (uint32_t i = 0; i < 20000; i++) {
		unsigned s = roll(ARRAY_SIZE(a));

		if (a[s].p != NULL) {
			good &= a[s].p[0] == (uint8_t)s && a[s].p[a[s].n - 1] == (uint8_t)s;
			heap_free(a[s].p);
			a[s].p = NULL;
			continue;
		}
		a[s].n = 1 + roll(i % 16 == 0 ? 20000 : 300);
		a[s].p = heap_alloc(a[s].n);
		if (a[s].p == NULL || (uintptr_t)a[s].p % 16 != 0 || heap_size(a[s].p) < a[s].n)
			return false;
		memset(a[s].p, (uint8_t)s, a[s].n);
	}
	for (unsigned s = 0; s < ARRAY_SIZE(a); s++) {
		heap_free(a[s].p);
		a[s].p = NULL;
	}
	return good;
}

static bool aligned(void)
{
	for (size_t align = 16; align <= 64 * KIB; align *= 2) {
		for (size_t len = 1; len <= 8000; len = len * 3 + 1) {
			void *p = heap_alloc_aligned(len, align);

			if (p == NULL || (uintptr_t)p % align != 0 || heap_size(p) < len ||
			    (align >= PAGE_SIZE && heap_size(p) >= len + PAGE_SIZE))
				return false;
			heap_free(p);
		}
	}
	return true;
}

void test_heap(void)
{
	struct heap_stats before, after;
	uint64_t *p;

	heap_stats(&before);
	p = heap_zalloc(100);
	ok(p != NULL && p[0] == 0 && p[11] == 0, "zeroed");
	heap_free(p);
	ok(heap_alloc(0) == NULL, "no bytes, no block");
	heap_free(NULL);
	ok(heap_alloc(SIZE_MAX - 10) == NULL, "an absurd length");
	ok(aligned(), "alignment");
	ok(heap_churn(), "random blocks keep their contents");
	heap_stats(&after);
	ok(after.blocks == before.blocks, "no block is lost");
	ok(after.pages <= before.pages + 15, "at most one empty slab a class is kept");
}
