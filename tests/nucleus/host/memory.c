/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's pages for the tests: physical memory that is an array, so that the nucleus's own page
 * tables (x86_64's) can be made in it. A free page cannot be touched.
 */
#include <sanitizer/asan_interface.h>

#include "../tap.h"

unsigned char host_memory[HOST_PAGES * 4096ul] ALIGNED(4096);
char host_pages[HOST_PAGES * sizeof(struct page)] ALIGNED(16);
struct cpu_features cpu_features = { .phys_mask = HOST_PAGES * 4096ul - 1 };
struct boot_info boot_info;
const char image_start[1], image_text[1], image_text_end[1], image_rodata[1], image_rodata_end[1],
    image_end[1], boot_guard[PAGE_SIZE];

/* Page 0 is nobody's: an address of 0 is none. */
struct page *page_alloc_contig(size_t npages, size_t align, paddr_t limit, unsigned flags)
{
	static size_t next = 1;

	(void)limit;
	for (size_t tries = 0; tries < HOST_PAGES; tries++, next++) {
		size_t n = 0;

		if (next + npages > HOST_PAGES)
			next = 1;
		if (next % (align / PAGE_SIZE) != 0)
			continue;
		while (n < npages && pfn_to_page(next + n)->use != PAGE_USED)
			n++;
		if (n < npages)
			continue;
		for (n = 0; n < npages; n++)
			*pfn_to_page(next + n) = (struct page) { .refs = 1, .use = PAGE_USED };
		ASAN_UNPOISON_MEMORY_REGION(host_memory + next * PAGE_SIZE, npages * PAGE_SIZE);
		memset(host_memory + next * PAGE_SIZE, flags & PAGE_ZERO ? 0 : 0xa5, npages * PAGE_SIZE);
		return pfn_to_page(next);
	}
	return NULL;
}

struct page *page_alloc(unsigned flags)
{
	return page_alloc_contig(1, PAGE_SIZE, PAGE_ANYWHERE, flags);
}

void page_release(struct page *pg)
{
	pg->use = PAGE_FREE;
	ASAN_POISON_MEMORY_REGION(page_to_virt(pg), PAGE_SIZE);
}

void page_put(struct page *pg)
{
	assert(pg->refs > 0);
	page_put_used(pg);
}

size_t free_pages(void)
{
	size_t n = 0;

	for (size_t i = 1; i < HOST_PAGES; i++)
		n += pfn_to_page(i)->use != PAGE_USED;
	return n;
}

paddr_t virt_to_phys(const void *p)
{
	return (uintptr_t)p - DIRECT_BASE;
}

/* ---- one CPU, which has no TLB, and one thread ---- */

static struct cpu cpu;

struct cpu *cpu_self(void)
{
	return &cpu;
}

void pt_flush(const struct pagetable *pt, vaddr_t va, vaddr_t end)
{
	(void)pt;
	(void)va;
	(void)end;
}

int pt_root_init(struct pagetable *pt)
{
	(void)pt;
	return 0;
}

void pt_root_drop(struct pagetable *pt)
{
	if (cpu.arch.pt == pt)
		cpu.arch.pt = NULL;
}

void cpu_pt_use(struct pagetable *pt)
{
	cpu.arch.pt = pt;
}

unsigned cpu_dma_memory(const void *va, size_t len)
{
	(void)va;
	(void)len;
	return 0;
}

/* What a CPU would find at va, if it may be accessed so, or NULL. */
static void *program_byte(vaddr_t va, unsigned access)
{
	unsigned prot;
	paddr_t pa;

	if (pt_lookup(cpu.arch.pt, va, &pa, &prot) != 0 || (access & ~prot))
		return NULL;
	return phys_to_virt(pa);
}

size_t cpu_copy_in(void *to, vaddr_t from, size_t len)
{
	uint8_t *p = to;
	const uint8_t *q;

	for (; len > 0 && (q = program_byte(from, PROT_R)) != NULL; len--, from++)
		*p++ = *q;
	return len;
}

size_t cpu_copy_out(vaddr_t to, const void *from, size_t len)
{
	const uint8_t *p = from;
	uint8_t *q;

	for (; len > 0 && (q = program_byte(to, PROT_W)) != NULL; len--, to++)
		*q = *p++;
	return len;
}

void preempt_disable(void)
{
}

void preempt_enable(void)
{
}

void mutex_init(struct mutex *m)
{
	m->owner = 0;
}

void mutex_lock(struct mutex *m)
{
	assert(m->owner == 0);
	m->owner = 1;
}

void mutex_unlock(struct mutex *m)
{
	assert(m->owner == 1);
	m->owner = 0;
}
