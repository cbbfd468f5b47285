/* SPDX-License-Identifier: BSD-2-Clause */
/* The model of a TLB. Each thread has its own. */
#include <assert.h>
#include <string.h>

#include <pte.h>
#include <tlb.h>

#define NUMBERS		128u
#define TABLES		(TLB_PAGES / PT_ENTRIES)

/* What is cached for one number: translations, and where the tables of level 1 are. */
struct cached {
	uint64_t	user[TLB_PAGES];
	uint64_t	*table[2][TABLES];		/* of the user's and the kernel's window */
};

static _Thread_local uint64_t loaded;
static _Thread_local struct cached number[NUMBERS];
static _Thread_local uint64_t global[TLB_PAGES];

static struct cached *current(void)
{
	assert((loaded & 0xfff) < NUMBERS);
	return &number[loaded & 0xfff];
}

void tlb_load(uint64_t cr3)
{
	assert(cpu_features.pcid || (cr3 & (CR3_KEEP | 0xfff)) == 0);
	loaded = cr3 & ~CR3_KEEP;
	if (!(cr3 & CR3_KEEP))
		tlb_flush_loaded();
}

void tlb_flush_loaded(void)
{
	memset(current(), 0, sizeof(struct cached));
}

void tlb_flush_all(void)
{
	memset(number, 0, sizeof(number));
	memset(global, 0, sizeof(global));
}

/* Parts of a large page go with it. */
static void forget(uint64_t *window, unsigned page)
{
	unsigned first = ROUND_DOWN(page, PT_ENTRIES);

	window[page] = 0;
	for (unsigned i = first; i < first + PT_ENTRIES; i++) {
		if (window[i] & PTE_LARGE)
			window[i] = 0;
	}
}

void tlb_flush_page(vaddr_t va)
{
	struct cached *c = current();

	memset(c->table, 0, sizeof(c->table));
	if (va - TLB_USER < TLB_PAGES * PAGE_SIZE)
		forget(c->user, (unsigned)((va - TLB_USER) / PAGE_SIZE));
	if (va - TLB_KERNEL < TLB_PAGES * PAGE_SIZE)
		forget(global, (unsigned)((va - TLB_KERNEL) / PAGE_SIZE));
}

static uint64_t *table_at(uint64_t e)
{
	assert(pte_addr(e) < HOST_PAGES * PAGE_SIZE);	/* not so where a table is free again */
	return phys_to_virt(pte_addr(e));
}

uint64_t tlb_translate(vaddr_t va)
{
	bool kernel = va >= TLB_KERNEL;
	unsigned page = (unsigned)((va - (kernel ? TLB_KERNEL : TLB_USER)) / PAGE_SIZE);
	struct cached *c = current();
	uint64_t *hit = kernel ? &global[page] : &c->user[page];
	uint64_t **table = &c->table[kernel][page / PT_ENTRIES], *t, e;

	if (*hit != 0)
		return *hit;
	if (*table == NULL) {
		t = table_at(loaded);
		for (unsigned level = PT_TOP; level > 1; level--) {
			e = READ_ONCE(t[pt_index(level, va)]);
			if (!(e & PTE_P))
				return 0;
			if (e & PTE_LARGE)
				return *hit = e + (va & (pt_level_size(level) - 1));
			t = table_at(e);
		}
		*table = t;
	}
	e = READ_ONCE((*table)[pt_index(1, va)]);
	assert(!(e & PTE_P) || !(e & PTE_G) == !kernel);
	return *hit = e & PTE_P ? e : 0;
}
