/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables. The interface is pagetable.h.
 *
 * A change walks the tables with a struct walk, which remembers tables that are no longer used;
 * they are freed after the TLBs have been flushed. Large pages are used where they fit, and split
 * when a part of one changes.
 *
 * Most of a program's tables have few entries. For each group of 8 the table's struct page has a
 * bit, in next and prev: set if one of them was ever not 0 (what pt_root_init() put there aside).
 * Whoever looks for entries looks at those groups only. The kernel's tables are older than struct
 * pages.
 *
 * Locking: the space's, by the caller. Accessed and dirty bits are set from the start: nothing
 * looks at them.
 */
#include <nucleus/error.h>
#include <nucleus/page.h>
#include <nucleus/pagetable.h>
#include <nucleus/space.h>

#include <pte.h>

#define GROUP		8		/* entries for which there is one bit of table_used() */

struct walk {
	struct pagetable *pt;
	enum { REMOVE, PROTECT, READONLY } what;	/* change() does */
	uint64_t	flags;		/* of the new entries */
	vaddr_t		va, end;	/* the whole range; end: as far as change() got */
	unsigned	tables;		/* of level 1 that change() has gone through */
	bool		flush;		/* an entry that was there has changed */
	uint32_t	unused;		/* pages of tables to be freed, linked by next; 0: none */
};

static inline uint64_t *table_at(uint64_t entry)
{
	return phys_to_virt(pte_addr(entry));
}

static inline uint64_t *root_of(const struct pagetable *pt)
{
	return phys_to_virt(pt->root);
}

/* The page of a table; e points into it, in the direct map. */
static inline struct page *table_page(const uint64_t *e)
{
	return phys_to_page((vaddr_t)e - DIRECT_BASE);
}

static inline uint64_t table_used(const struct pagetable *pt, const uint64_t *t)
{
	const struct page *pg = table_page(t);

	return pt->user ? pg->next | (uint64_t)pg->prev << 32 : ~0ul;
}

/* Entry e of a table, which is anywhere in it, is not 0 any more. */
static inline void table_note(const struct pagetable *pt, const uint64_t *e)
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

/* The same as in another table, whose table_used() is used. */
static void table_note_as(const struct pagetable *pt, const uint64_t *t, uint64_t used)
{
	struct page *pg = table_page(t);

	if (!pt->user)
		return;
	pg->next |= (uint32_t)used;
	pg->prev |= (uint32_t)(used >> 32);
}

static void table_note_all(const struct pagetable *pt, const uint64_t *t)
{
	struct page *pg = table_page(t);

	if (pt->user)
		pg->next = pg->prev = ~0u;
}

paddr_t pt_table_alloc(struct pagetable *pt)
{
	struct page *pg = page_alloc(PAGE_ZERO);

	if (pg == NULL)
		return 0;
	if (pt->user)
		pg->next = pg->prev = 0;
	pt->pages++;
	return page_to_phys(pg);
}

/* A table at pa and those below it are not used any more. A CPU may be reading it still. */
static void table_drop(struct walk *w, paddr_t pa, unsigned level)
{
	uint64_t *t = phys_to_virt(pa), used = level > 1 ? table_used(w->pt, t) : 0;

	for (; used != 0; used &= used - 1) {
		uint64_t *group = t + GROUP * (unsigned)__builtin_ctzl(used);

		for (unsigned i = 0; i < GROUP; i++) {
			if (pte_is_table(group[i], level))
				table_drop(w, pte_addr(group[i]), level - 1);
		}
	}
	phys_to_page(pa)->next = w->unused;
	phys_to_page(pa)->refs = 1;
	w->unused = page_to_pfn(phys_to_page(pa));
}

static void walk_end(struct walk *w)
{
	pt_written();
	if (w->flush)
		pt_flush(w->pt, w->va, w->end);
	while (w->unused != 0) {
		struct page *pg = pfn_to_page(w->unused);

		w->unused = pg->next;
		w->pt->pages--;
		page_put(pg);
	}
}

/* The entry at e becomes new; a table that it was is dropped. */
static void replace(struct walk *w, uint64_t *e, unsigned level, vaddr_t va, uint64_t new)
{
	uint64_t old = *e;

	table_note(w->pt, e);
	w->flush |= pte_set(w->pt, e, level, va, new);
	if (pte_is_table(old, level))
		table_drop(w, pte_addr(old), level - 1);
}

/* The table below *e, made if there is none, or if *e is a large page, which it then replaces. */
static uint64_t *table_below(struct walk *w, uint64_t *e, unsigned level, vaddr_t va)
{
	uint64_t old = *e, *t;
	paddr_t pa;

	if (pte_is_table(old, level))
		return table_at(old);
	pa = pt_table_alloc(w->pt);
	if (pa == 0)
		return NULL;
	t = phys_to_virt(pa);
	if (pte_valid(old)) {
		for (unsigned i = 0; i < PT_ENTRIES; i++)
			t[i] = pte_part(old, level - 1, i * pt_level_size(level - 1));
		table_note_all(w->pt, t);
	}
	table_note(w->pt, e);
	pt_written();
	w->flush |= pte_set(w->pt, e, level, ROUND_DOWN(va, pt_level_size(level)),
	    pte_table(w->pt, pa));
	return t;
}

static int map(struct walk *w, uint64_t *t, unsigned level, vaddr_t va, vaddr_t end, paddr_t pa)
{
	uint64_t size = pt_level_size(level), *below;
	vaddr_t next;
	int error;

	for (; va != end; pa += next - va, va = next) {
		uint64_t *e = &t[pt_index(level, va)];

		next = MIN(end - 1, ROUND_DOWN(va, size) + size - 1) + 1;
		if (level == 1 || (next - va == size && pte_large_allowed(level) && pa % size == 0)) {
			replace(w, e, level, va, pte_page(pa, w->flags, level));
			continue;
		}
		below = table_below(w, e, level, va);
		if (below == NULL)
			return E_NOMEM;
		error = map(w, below, level - 1, va, next, pa);
		if (error != 0)
			return error;
	}
	return 0;
}

static uint64_t changed(const struct walk *w, uint64_t e, unsigned level)
{
	switch (w->what) {
	case PROTECT:
		return pte_reprotect(e, w->flags, level);
	case READONLY:
		return pte_readonly(e);
	default:
		return 0;
	}
}

static int change(struct walk *w, uint64_t *t, unsigned level, vaddr_t va, vaddr_t end)
{
	uint64_t size = pt_level_size(level), used = table_used(w->pt, t), *below;
	vaddr_t next;
	int error;

	for (; va != end; va = next) {
		uint64_t *e = &t[pt_index(level, va)];
		uint64_t rest = used >> pt_index(level, va) / GROUP;

		if (rest == 0)
			break;
		if (!(rest & 1)) {
			rest = GROUP * size * (uint64_t)__builtin_ctzl(rest);
			next = MIN(end - 1, ROUND_DOWN(va, GROUP * size) + rest - 1) + 1;
			continue;
		}
		next = MIN(end - 1, ROUND_DOWN(va, size) + size - 1) + 1;
		if (!pte_valid(*e))
			continue;
		if (next - va == size && (w->what == REMOVE || !pte_is_table(*e, level))) {
			replace(w, e, level, va, changed(w, *e, level));
			continue;
		}
		if (level == 2 && w->what != REMOVE && w->tables++ > 0) {
			w->end = va;		/* one at a time: interrupts are off */
			return E_AGAIN;
		}
		below = table_below(w, e, level, va);
		if (below == NULL)
			return E_NOMEM;
		error = change(w, below, level - 1, va, next);
		if (error != 0)
			return error;
	}
	return 0;
}

static int change_range(struct walk *w)
{
	int error = change(w, root_of(w->pt), PT_TOP, w->va, w->end);

	walk_end(w);
	return error;
}

/*
 * The fast path, for one page where the tables are there already: its entry, or NULL. Without the
 * loop, all shifts and masks are constants.
 */
static inline uint64_t *page_entry(const struct pagetable *pt, vaddr_t va)
{
	uint64_t *t = root_of(pt), e;

#pragma GCC unroll 4
	for (unsigned level = PT_TOP; level > 1; level--) {
		e = t[pt_index(level, va)];
		if (!pte_is_table(e, level))
			return NULL;
		t = table_at(e);
	}
	return &t[pt_index(1, va)];
}

static inline int set_entry(const struct pagetable *pt, uint64_t *e, vaddr_t va, uint64_t new)
{
	bool flush;

	table_note(pt, e);
	flush = pte_set(pt, e, 1, va, new);
	pt_written();
	if (flush)
		pt_flush(pt, va, va + PAGE_SIZE);
	return 0;
}

int pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, size_t len, unsigned prot)
{
	const paddr_t most = cpu_features.phys_mask;
	uint64_t flags = pte_flags(pt, prot), *e;
	struct walk w;
	int error;

	if (unlikely(pa > most || len - 1 > most - pa))
		return E_INVAL;			/* the bits above have other meanings */
	e = len == PAGE_SIZE ? page_entry(pt, va) : NULL;
	if (likely(e != NULL))
		return set_entry(pt, e, va, pte_page(pa, flags, 1));
	w = (struct walk) { .pt = pt, .flags = flags, .va = va, .end = va + len };
	error = map(&w, root_of(pt), PT_TOP, va, va + len, pa);
	walk_end(&w);
	return error;
}

int pt_unmap(struct pagetable *pt, vaddr_t va, size_t len)
{
	uint64_t *e = len == PAGE_SIZE ? page_entry(pt, va) : NULL;

	if (likely(e != NULL))
		return set_entry(pt, e, va, 0);
	return change_range(&(struct walk) { .pt = pt, .va = va, .end = va + len });
}

int pt_protect(struct pagetable *pt, vaddr_t *va, vaddr_t end, unsigned prot)
{
	uint64_t flags = pte_flags(pt, prot), *e = end - *va == PAGE_SIZE ? page_entry(pt, *va) : NULL;
	struct walk w;
	int error;

	if (likely(e != NULL))
		return pte_valid(*e) ? set_entry(pt, e, *va, pte_reprotect(*e, flags, 1)) : 0;
	w = (struct walk) { .pt = pt, .what = PROTECT, .flags = flags, .va = *va, .end = end };
	error = change_range(&w);
	*va = w.end;
	return error;
}

int pt_readonly(struct pagetable *pt, vaddr_t *va, vaddr_t end)
{
	struct walk w = { .pt = pt, .what = READONLY, .va = *va, .end = end };
	int error = change_range(&w);

	*va = w.end;
	return error;
}

int pt_lookup(struct pagetable *pt, vaddr_t va, paddr_t *pap, unsigned *protp)
{
	uint64_t *t = page_entry(pt, va), e;
	unsigned level = 1;

	if (likely(t != NULL)) {
		e = *t;
	} else {
		t = root_of(pt);
		for (level = PT_TOP; e = t[pt_index(level, va)], pte_is_table(e, level); level--)
			t = table_at(e);
	}
	if (!pte_valid(e))
		return E_FAULT;
	*pap = (pte_addr(e) & ~(pt_level_size(level) - 1)) | (va & (pt_level_size(level) - 1));
	if (protp != NULL)
		*protp = pte_prot(e);
	return 0;
}

/* ---- private memory ---- */

/* Entries [i, n) of a table of level 1; those of groups that have none are passed over. */
struct pages {
	uint64_t	*t, used;
	unsigned	i, n;
};

/* The table of *va, which goes behind it. False: there is none; *va is where one may be again. */
static bool next_pages(const struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pages *p)
{
	uint64_t *t = root_of(pt), size;
	unsigned level = PT_TOP;
	vaddr_t start = *va;

	for (; level > 1 && pte_is_table(t[pt_index(level, start)], level); level--)
		t = table_at(t[pt_index(level, start)]);
	size = pt_level_size(MAX(level, 2u));
	*va = MIN(end, ROUND_DOWN(start, size) + size);
	if (level > 1)
		return false;
	*p = (struct pages) { t, table_used(pt, t), pt_index(1, start), 0 };
	p->n = p->i + (unsigned)((*va - start) >> PAGE_SHIFT);
	return true;
}

/* The next entries [*a, *b), all of one group that may have some. False: none are left. */
static inline bool next_group(struct pages *p, unsigned *a, unsigned *b)
{
	uint64_t rest = p->i < p->n ? p->used >> p->i / GROUP : 0;

	if (rest == 0)
		return false;
	if (!(rest & 1))
		p->i = ROUND_DOWN(p->i, GROUP) + GROUP * (unsigned)__builtin_ctzl(rest);
	if (p->i >= p->n)
		return false;
	*a = p->i;
	*b = p->i = MIN(p->n, ROUND_DOWN(p->i, GROUP) + GROUP);
	return true;
}

/* Those of entries [a, b) that map are shared: how many. *flush: a TLB must hear of it. */
static inline size_t share_group(uint64_t *to, uint64_t *from, unsigned a, unsigned b, bool *flush)
{
	size_t n = 0;

	for (; a < b; a++) {
		uint64_t old = from[a], new = pte_readonly(old);

		if (!pte_valid(old))
			continue;
		if (new != old) {
			WRITE_ONCE(from[a], new);
			*flush = true;
		}
		WRITE_ONCE(to[a], new);
		page_get(phys_to_page(pte_addr(new)));
		n++;
	}
	return n;
}

int pt_fork(struct pagetable *to, struct pagetable *from, vaddr_t *va, vaddr_t end, size_t *pages)
{
	struct walk w = { .pt = to };
	vaddr_t start = *va;
	bool flush = false;
	struct pages p;
	unsigned a, b;
	uint64_t *t;

	if (!next_pages(from, va, end, &p))
		return 0;
	t = root_of(to);
	for (unsigned level = PT_TOP; t != NULL && level > 1; level--)
		t = table_below(&w, &t[pt_index(level, *va - 1)], level, *va - 1);
	if (t == NULL)
		return E_NOMEM;
	table_note_as(to, t, p.used);
	while (next_group(&p, &a, &b))
		*pages += share_group(t, p.t, a, b, &flush);
	pt_written();
	if (flush)
		pt_flush(from, MAX(start, ROUND_DOWN(*va - 1, pt_level_size(2))), *va);
	return 0;
}

size_t pt_take(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct page *pages[], size_t n)
{
	vaddr_t start = *va;
	unsigned a, b;
	struct pages p;
	size_t got = 0;

	if (!next_pages(pt, va, end, &p))
		return 0;
	while (got + GROUP <= n && next_group(&p, &a, &b)) {
		for (; a < b; a++) {
			if (!pte_valid(p.t[a]))
				continue;
			pages[got++] = phys_to_page(pte_addr(p.t[a]));
			WRITE_ONCE(p.t[a], 0);
		}
	}
	if (got + GROUP > n)
		*va -= (vaddr_t)(p.n - p.i) << PAGE_SHIFT;	/* the rest comes next time */
	pt_written();
	if (got > 0)
		pt_flush(pt, start, *va);
	return got;
}

void pt_put(struct pagetable *pt, vaddr_t *va, vaddr_t end)
{
	unsigned a, b;
	struct pages p;

	if (!next_pages(pt, va, end, &p))
		return;
	while (next_group(&p, &a, &b)) {
		for (; a < b; a++) {
			if (pte_valid(p.t[a]))
				page_put_used(phys_to_page(pte_addr(p.t[a])));
		}
	}
}

/* ---- whole spaces ---- */

static int create(struct pagetable *pt, bool user)
{
	*pt = (struct pagetable) { .user = user };
	pt->root = pt_table_alloc(pt);
	return pt->root != 0 ? pt_root_init(pt) : E_NOMEM;
}

int pt_create(struct pagetable *pt)
{
	return create(pt, true);
}

int pt_boot(struct pagetable *pt)
{
	return create(pt, false);
}

void pt_destroy(struct pagetable *pt)
{
	struct walk w = { .pt = pt };

	pt_root_drop(pt);
	table_drop(&w, pt->root, PT_TOP);
	walk_end(&w);
}
