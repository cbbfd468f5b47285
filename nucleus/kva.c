/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel virtual addresses and what is mapped at them. The interface is in space.h.
 *
 * Invariant: the list has all addresses from KVA_BASE to KVA_END in order, each range up to the
 * start of the next; no two free ranges are neighbours. What is handed out begins a page after its
 * range does, and the last page of all is never handed out: so there is an unmapped page on either
 * side, a guard that catches an overflowing stack.
 *
 * Locking: kva_lock for the list.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/page.h>
#include <nucleus/space.h>
#include <nucleus/sync.h>

struct range {
	struct list	link;
	vaddr_t		start;
	bool		used;
};

static struct spinlock kva_lock;
static struct list ranges = LIST_INIT(ranges);
static struct range last = { .start = KVA_END - PAGE_SIZE, .used = true };
static struct range first = { .start = KVA_BASE };

static inline struct range *next_of(struct range *r)
{
	return list_entry(r->link.next, struct range, link);
}

static inline struct range *prev_of(struct range *r)
{
	return list_entry(r->link.prev, struct range, link);
}

/* The range that has [va, va+len) and the page before it, va a multiple of align. */
static struct range *find_free(size_t len, size_t align, vaddr_t *vap)
{
	struct range *r;

	list_for_each(r, &ranges, link) {
		vaddr_t va = ROUND_UP(r->start + PAGE_SIZE, align), end;

		if (r->used)
			continue;
		end = next_of(r)->start;
		/* A large align takes it past the end of all addresses. */
		if (va > r->start && va < end && end - va >= len) {
			*vap = va;
			return r;
		}
	}
	return NULL;
}

/* The part of r from start on becomes a range of its own. */
static struct range *split(struct range *r, vaddr_t start, struct range **spare)
{
	struct range *n = *spare;

	*spare = NULL;
	n->start = start;
	n->used = false;
	list_insert_before(r->link.next, &n->link);
	return n;
}

vaddr_t kva_reserve(size_t len, size_t align)
{
	struct range *spare[2] = { heap_alloc(sizeof(*spare[0])), heap_alloc(sizeof(*spare[0])) }, *r;
	unsigned long flags;
	vaddr_t va = 0;

	len = ROUND_UP(len, PAGE_SIZE);
	flags = spin_lock(&kva_lock);
	if (list_empty(&ranges)) {
		list_add_tail(&ranges, &first.link);
		list_add_tail(&ranges, &last.link);
	}
	if (spare[0] != NULL && spare[1] != NULL && len != 0 && align <= KVA_END - KVA_BASE &&
	    (r = find_free(len, MAX(align, PAGE_SIZE), &va)) != NULL) {
		if (r->start != va - PAGE_SIZE)
			r = split(r, va - PAGE_SIZE, &spare[0]);
		if (next_of(r)->start != va + len)
			(void)split(r, va + len, &spare[1]);
		r->used = true;
	}
	spin_unlock(&kva_lock, flags);
	heap_free(spare[0]);
	heap_free(spare[1]);
	return va;
}

/* a, free, swallows the free range behind it, which is returned to be freed. */
static struct range *join(struct range *a)
{
	struct range *b = next_of(a);

	if (a->used || b->used)
		return NULL;
	list_del(&b->link);
	return b;
}

void kva_release(vaddr_t va, size_t len)
{
	struct range *r, *gone[2] = { NULL, NULL };
	unsigned long flags;

	len = ROUND_UP(len, PAGE_SIZE);
	if (space_unmap(&kernel_space, va, len) != 0)
		panic("kva_release(%#lx, %#zx)", va, len);
	flags = spin_lock(&kva_lock);
	list_for_each(r, &ranges, link) {
		if (r->start == va - PAGE_SIZE)
			break;
	}
	if (&r->link == &ranges || !r->used || next_of(r)->start != va + len)
		panic("kva_release(%#lx, %#zx): not reserved", va, len);
	r->used = false;
	gone[0] = join(r);
	if (r != &first)
		gone[1] = join(prev_of(r));
	spin_unlock(&kva_lock, flags);
	heap_free(gone[0]);
	heap_free(gone[1]);
}

/* ---- memory ---- */

static void put_pages(vaddr_t va, size_t len)
{
	paddr_t pa;

	for (size_t off = 0; off < len; off += PAGE_SIZE) {
		if (space_lookup(&kernel_space, va + off, &pa, NULL) == 0) {
			(void)space_unmap(&kernel_space, va + off, PAGE_SIZE);
			page_put(phys_to_page(pa));
		}
	}
}

void *kva_alloc(size_t len)
{
	vaddr_t va = kva_reserve(len, PAGE_SIZE);
	struct page *pg;

	if (va == 0)
		return NULL;
	for (size_t off = 0; off < len; off += PAGE_SIZE) {
		pg = page_alloc(0);
		if (pg == NULL || space_map(&kernel_space, va + off, page_to_phys(pg), PAGE_SIZE,
		    PROT_R | PROT_W) != 0) {
			if (pg != NULL)
				page_put(pg);
			kva_free((void *)va, len);
			return NULL;
		}
	}
	return (void *)va;
}

void kva_free(void *p, size_t len)
{
	put_pages((vaddr_t)p, ROUND_UP(len, PAGE_SIZE));
	kva_release((vaddr_t)p, len);
}

void *device_map(paddr_t pa, size_t len, unsigned prot)
{
	size_t skip = pa & (PAGE_SIZE - 1), span = ROUND_UP(skip + len, PAGE_SIZE);
	/* Large pages can be used only where both addresses agree. */
	size_t align = span >= 2 * MIB ? 2 * MIB : PAGE_SIZE;
	vaddr_t va = kva_reserve(span, align);

	if (va == 0)
		return NULL;
	if (space_map(&kernel_space, va, pa - skip, span, prot) != 0) {
		kva_release(va, span);
		return NULL;
	}
	return (void *)(va + skip);
}
