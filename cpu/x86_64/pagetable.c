/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of four levels.
 *
 * Interface: cpu_pt_*, the back end of nucleus/space.c.
 *
 * A change walks the tables with a struct walk, which remembers tables that are no longer used;
 * they are freed after the TLB has been flushed. The kernel's mappings are global. The top-level
 * entries of its half are made at boot and never change, so that every space has them.
 *
 * Most of a program's tables have few entries. For each group of 8 the table's struct page has a bit,
 * in next and prev: set if one of them was ever not 0 (the kernel's, in a top level, aside). Whoever
 * looks for entries looks at those groups only. The kernel's tables are older than struct pages.
 *
 * Locking: the space's, by the caller. Accessed and dirty bits are set from the start: nothing
 * looks at them.
 */
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#define PTE_P		0x001ul
#define PTE_W		0x002ul
#define PTE_U		0x004ul
#define PTE_PWT		0x008ul
#define PTE_PCD		0x010ul
#define PTE_A		0x020ul
#define PTE_D		0x040ul
#define PTE_LARGE	0x080ul
#define PTE_G		0x100ul
#define PTE_NX		(1ul << 63)
#define PTE_ADDR	0x000ffffffffff000ul

#define TOP_LEVEL	4
#define ENTRIES		512
#define FLUSH_SINGLE	32		/* pages up to which they are flushed one by one */
#define GROUP		8		/* entries for which there is one bit of table_used() */

struct walk {
	struct cpu_pt	*pt;
	uint64_t	flags;		/* of the new entries */
	uint64_t	keep;		/* change(): bits of an entry that stay; 0: unmap */
	vaddr_t		va, end;	/* the whole range */
	bool		flush;		/* an entry that was there has changed */
	paddr_t		unused;		/* tables to be freed, linked by their first word */
};

static const struct cpu_pt *kernel_pt;

static inline uint64_t level_size(unsigned level)
{
	return 1ul << (PAGE_SHIFT + 9 * (level - 1));
}

static inline unsigned level_index(unsigned level, vaddr_t va)
{
	return va >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1);
}

static inline uint64_t *table_at(uint64_t entry)
{
	return phys_to_virt(entry & PTE_ADDR);
}

static inline bool is_table(uint64_t e, unsigned level)
{
	return level > 1 && (e & PTE_P) && !(e & PTE_LARGE);
}

static inline bool large_allowed(unsigned level)
{
	return level <= 2 || (level == 3 && cpu_features.pdpe1gb);
}

static uint64_t prot_flags(const struct cpu_pt *pt, unsigned prot)
{
	uint64_t f = PTE_P | PTE_A | PTE_D | (pt->user ? PTE_U : PTE_G);

	if (prot & PROT_W)
		f |= PTE_W;
	if (!(prot & PROT_X))
		f |= PTE_NX;
	if (prot & PROT_DEVICE)
		f |= PTE_PCD | PTE_PWT;
	else if (prot & PROT_WC)
		f |= cpu_features.pat ? PTE_PWT : PTE_PCD | PTE_PWT;	/* cpu.c sets PAT entry 1 */
	return f;
}

/* ---- tables ---- */

/* The page of a table; e points into it, in the direct map. */
static inline struct page *table_page(const uint64_t *e)
{
	return phys_to_page((vaddr_t)e - DIRECT_BASE);
}

static inline uint64_t table_used(const struct cpu_pt *pt, const uint64_t *t)
{
	const struct page *pg = table_page(t);

	return pt->user ? pg->next | (uint64_t)pg->prev << 32 : ~0ul;
}

/* Entry e of a table, which is anywhere in it, is not 0 any more. */
static inline void table_note(const struct cpu_pt *pt, const uint64_t *e)
{
	struct page *pg = table_page(e);
	unsigned group = ((uintptr_t)e & (PAGE_SIZE - 1)) / (GROUP * sizeof(*e));

	if (!pt->user)
		return;
	if (group < 32)
		pg->next |= 1u << group;
	else
		pg->prev |= 1u << (group - 32);
}

static void table_note_all(const struct cpu_pt *pt, const uint64_t *t)
{
	struct page *pg = table_page(t);

	if (pt->user)
		pg->next = pg->prev = ~0u;
}

static paddr_t table_alloc(struct cpu_pt *pt)
{
	struct page *pg = page_alloc(PAGE_ZERO);

	if (pg == NULL)
		return 0;
	if (pt->user)
		pg->next = pg->prev = 0;
	pt->pages++;
	return page_to_phys(pg);
}

/* A table and those below it are not used any more. */
static void table_drop(struct walk *w, uint64_t entry, unsigned level)
{
	uint64_t *t = table_at(entry), used = level > 1 ? table_used(w->pt, t) : 0;

	for (; used != 0; used &= used - 1) {
		uint64_t *group = t + GROUP * (unsigned)__builtin_ctzl(used);

		for (unsigned i = 0; i < GROUP; i++) {
			if (is_table(group[i], level))
				table_drop(w, group[i], level - 1);
		}
	}
	t[0] = w->unused;
	w->unused = entry & PTE_ADDR;
}

/* ---- flushing ---- */

static void flush_all(const struct cpu_pt *pt)
{
	unsigned long cr, cr4;

	if (pt->user || !cpu_features.pge) {
		__asm__ volatile("movq %%cr3, %0; movq %0, %%cr3" : "=r"(cr) :: "memory");
		return;
	}
	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("movq %0, %%cr4; movq %1, %%cr4" :: "r"(cr4 & ~0x80ul), "r"(cr4) : "memory");
}

static bool is_loaded(const struct cpu_pt *pt)
{
	return !pt->user || cpu_self()->arch.root == pt->root;
}

static void walk_end(struct walk *w)
{
	if (w->flush && is_loaded(w->pt)) {
		if ((w->end - w->va) >> PAGE_SHIFT > FLUSH_SINGLE) {
			flush_all(w->pt);
		} else {
			for (vaddr_t va = w->va; va < w->end; va += PAGE_SIZE)
				__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
		}
	}
	while (w->unused != 0) {
		paddr_t pa = w->unused;

		w->unused = *(uint64_t *)phys_to_virt(pa);
		w->pt->pages--;
		page_put(phys_to_page(pa));
	}
}

/* ---- changes ---- */

/* The table below *e, made if there is none, or if *e is a large page, which it then replaces. */
static uint64_t *table_below(struct walk *w, uint64_t *e, unsigned level)
{
	uint64_t old = *e, *t;
	paddr_t pa;

	if (is_table(old, level))
		return table_at(old);
	pa = table_alloc(w->pt);
	if (pa == 0)
		return NULL;
	t = phys_to_virt(pa);
	if (old & PTE_P) {
		uint64_t large = level - 1 > 1 ? PTE_LARGE : 0;

		for (unsigned i = 0; i < ENTRIES; i++)
			t[i] = ((old & ~PTE_LARGE) | large) + i * level_size(level - 1);
		table_note_all(w->pt, t);
		w->flush = true;
	}
	table_note(w->pt, e);
	*e = pa | PTE_P | PTE_W | (w->pt->user ? PTE_U : 0);
	return t;
}

static int map(struct walk *w, uint64_t *t, unsigned level, vaddr_t va, vaddr_t end, paddr_t pa)
{
	uint64_t size = level_size(level), *below;
	vaddr_t next;
	int error;

	for (; va != end; pa += next - va, va = next) {
		uint64_t *e = &t[level_index(level, va)];

		next = MIN(end - 1, ROUND_DOWN(va, size) + size - 1) + 1;
		if (level == 1 || (next - va == size && large_allowed(level) && pa % size == 0)) {
			uint64_t old = *e;

			table_note(w->pt, e);
			*e = pa | w->flags | (level > 1 ? PTE_LARGE : 0);
			w->flush |= old & PTE_P;
			if (is_table(old, level))
				table_drop(w, old, level - 1);
			continue;
		}
		below = table_below(w, e, level);
		if (below == NULL)
			return E_NOMEM;
		error = map(w, below, level - 1, va, next, pa);
		if (error != 0)
			return error;
	}
	return 0;
}

/* Unmap, or, where w->keep is not 0, change what is mapped. */
static int change(struct walk *w, uint64_t *t, unsigned level, vaddr_t va, vaddr_t end)
{
	uint64_t size = level_size(level), used = table_used(w->pt, t), *below;
	vaddr_t next;
	int error;

	for (; va != end; va = next) {
		uint64_t *e = &t[level_index(level, va)], old = *e;
		uint64_t rest = used >> level_index(level, va) / GROUP;

		if (rest == 0)
			break;
		if (!(rest & 1)) {
			rest = GROUP * size * (uint64_t)__builtin_ctzl(rest);
			next = MIN(end - 1, ROUND_DOWN(va, GROUP * size) + rest - 1) + 1;
			continue;
		}
		next = MIN(end - 1, ROUND_DOWN(va, size) + size - 1) + 1;
		if (!(old & PTE_P))
			continue;
		if (next - va == size && (w->keep == 0 || !is_table(old, level))) {
			*e = w->keep == 0 ? 0 : (old & w->keep) | w->flags | (level > 1 ? PTE_LARGE : 0);
			w->flush |= *e != old;
			if (is_table(old, level))
				table_drop(w, old, level - 1);
			continue;
		}
		below = table_below(w, e, level);
		if (below == NULL)
			return E_NOMEM;
		error = change(w, below, level - 1, va, next);
		if (error != 0)
			return error;
	}
	return 0;
}

static int map_range(struct cpu_pt *pt, vaddr_t va, paddr_t pa, size_t len, uint64_t flags)
{
	struct walk w = { .pt = pt, .flags = flags, .va = va, .end = va + len };
	int error = map(&w, table_at(pt->root), TOP_LEVEL, va, va + len, pa);

	walk_end(&w);
	return error;
}

static int change_range(struct cpu_pt *pt, vaddr_t va, size_t len, uint64_t flags, uint64_t keep)
{
	struct walk w = { .pt = pt, .flags = flags, .keep = keep, .va = va, .end = va + len };
	int error = change(&w, table_at(pt->root), TOP_LEVEL, va, va + len);

	walk_end(&w);
	return error;
}

/*
 * The fast path, for one page where the tables are there already: its entry, or NULL.
 */
static inline uint64_t *page_entry(const struct cpu_pt *pt, vaddr_t va)
{
	uint64_t e = pt->root | PTE_P;

	for (unsigned level = TOP_LEVEL; level > 1; level--) {
		e = table_at(e)[level_index(level, va)];
		if (!is_table(e, level))
			return NULL;
	}
	return &table_at(e)[level_index(1, va)];
}

static inline int set_entry(const struct cpu_pt *pt, uint64_t *e, vaddr_t va, uint64_t new)
{
	uint64_t old = *e;

	table_note(pt, e);
	*e = new;
	if ((old & PTE_P) && is_loaded(pt))
		__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
	return 0;
}

int cpu_pt_map(struct cpu_pt *pt, vaddr_t va, paddr_t pa, size_t len, unsigned prot)
{
	const paddr_t most = cpu_features.phys_mask;
	uint64_t *e;

	if (unlikely(pa > most || len - 1 > most - pa))
		return E_INVAL;			/* the bits above have other meanings */
	e = len == PAGE_SIZE ? page_entry(pt, va) : NULL;
	if (likely(e != NULL))
		return set_entry(pt, e, va, pa | prot_flags(pt, prot));
	return map_range(pt, va, pa, len, prot_flags(pt, prot));
}

int cpu_pt_unmap(struct cpu_pt *pt, vaddr_t va, size_t len)
{
	uint64_t *e = len == PAGE_SIZE ? page_entry(pt, va) : NULL;

	if (likely(e != NULL))
		return set_entry(pt, e, va, 0);
	return change_range(pt, va, len, 0, 0);
}

int cpu_pt_protect(struct cpu_pt *pt, vaddr_t va, size_t len, unsigned prot)
{
	return change_range(pt, va, len, prot_flags(pt, prot), PTE_ADDR);
}

int cpu_pt_readonly(struct cpu_pt *pt, vaddr_t va, size_t len)
{
	return change_range(pt, va, len, 0, ~PTE_W);
}

int cpu_pt_lookup(struct cpu_pt *pt, vaddr_t va, paddr_t *pap, unsigned *protp)
{
	uint64_t e = pt->root | PTE_P;
	unsigned level = TOP_LEVEL + 1;

	do {
		e = table_at(e)[level_index(--level, va)];
	} while (is_table(e, level));
	if (!(e & PTE_P))
		return E_FAULT;
	*pap = (e & PTE_ADDR & ~(level_size(level) - 1)) | (va & (level_size(level) - 1));
	if (protp != NULL) {
		*protp = PROT_R | (e & PTE_W ? PROT_W : 0) | (e & PTE_NX ? 0 : PROT_X) |
		    (e & PTE_PCD ? PROT_DEVICE : e & PTE_PWT ? PROT_WC : 0);
	}
	return 0;
}

/* ---- whole spaces ---- */

int cpu_pt_create(struct cpu_pt *pt)
{
	*pt = (struct cpu_pt) { .user = true };
	pt->root = table_alloc(pt);
	if (pt->root == 0)
		return E_NOMEM;
	memcpy(table_at(pt->root) + ENTRIES / 2, table_at(kernel_pt->root) + ENTRIES / 2,
	    ENTRIES / 2 * sizeof(uint64_t));
	return 0;
}

void cpu_pt_destroy(struct cpu_pt *pt)
{
	struct walk w = { .pt = pt };

	if (is_loaded(pt))
		cpu_pt_use((struct cpu_pt *)kernel_pt);
	table_drop(&w, pt->root, TOP_LEVEL);
	walk_end(&w);
}

int cpu_pt_boot(struct cpu_pt *pt)
{
	struct walk w = { .pt = pt };

	pt->root = table_alloc(pt);
	if (pt->root == 0)
		return E_NOMEM;
	kernel_pt = pt;
	for (vaddr_t va = KVA_BASE; va < KVA_END; va += level_size(TOP_LEVEL)) {
		if (table_below(&w, &table_at(pt->root)[level_index(TOP_LEVEL, va)], TOP_LEVEL) == NULL)
			return E_NOMEM;
	}
	return 0;
}

void cpu_pt_use(struct cpu_pt *pt)
{
	cpu_self()->arch.root = pt->root;
	__asm__ volatile("movq %0, %%cr3" :: "r"(pt->root) : "memory");
}
