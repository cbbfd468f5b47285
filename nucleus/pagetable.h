/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: space.c's back end. Four levels of tables of 512 entries; what an entry looks like,
 * and how translations leave the TLBs, is cpu/<isa>'s.
 *
 * Locking: all with the space's lock held, on whole pages that space.c has checked; errors as
 * space.h says. What was replaced or removed is in no TLB on return.
 */
#ifndef NUCLEUS_PAGETABLE_H
#define NUCLEUS_PAGETABLE_H

#include <nucleus/cpu.h>

#define PT_TOP		4		/* levels: 1 maps pages */
#define PT_BITS		9
#define PT_ENTRIES	(1u << PT_BITS)

struct page;

struct pagetable {
	paddr_t		root;
	size_t		pages;		/* tables, the root included */
	bool		user;
	unsigned	asid;		/* asid.h; this and what follows is cpu/'s */
	uint32_t	cpus;
	uint64_t	context;	/* what is loaded */
};

int pt_create(struct pagetable *pt);
void pt_destroy(struct pagetable *pt);
int pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, size_t len, unsigned prot);
int pt_unmap(struct pagetable *pt, vaddr_t va, size_t len);
int pt_lookup(struct pagetable *pt, vaddr_t va, paddr_t *pap, unsigned *protp);

/* E_AGAIN: as far as *va; the rest is to be done when interrupts have been on. */
int pt_protect(struct pagetable *pt, vaddr_t *va, vaddr_t end, unsigned prot);
int pt_readonly(struct pagetable *pt, vaddr_t *va, vaddr_t end);

/*
 * For private memory: pages of RAM, to each of which the tables hold a reference. All three go on
 * from *va to end, as far as they get in one table of level 1, or where there is none, and say in
 * *va how far.
 *
 * pt_fork: what from maps is mapped by to as well, by neither to be written; the pages get one more
 * reference. *pages: how many, added. to is used by nobody yet; E_NOMEM.
 * pt_take: up to n pages (at least 8) leave the tables, and all TLBs; how many. The references are
 * the caller's.
 * pt_put: the references are dropped; pt_destroy() is next.
 */
int pt_fork(struct pagetable *to, struct pagetable *from, vaddr_t *va, vaddr_t end, size_t *pages);
size_t pt_take(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct page *pages[], size_t n);
void pt_put(struct pagetable *pt, vaddr_t *va, vaddr_t end);

/* The kernel's tables at boot, empty. */
int pt_boot(struct pagetable *pt);

/*
 * ---- what cpu/<isa> provides ----
 *
 * <pte.h>, inline; level is that of the table an entry is in:
 *   pte_valid(e), pte_is_table(e, level), pte_addr(e)
 *   pte_large_allowed(level)	whether an entry above level 1 may map memory
 *   pte_flags(pt, prot)	what prot says, for pte_page(pa, flags, level): an entry that maps
 *   pte_table(pt, pa)		an entry that points to a table
 *   pte_part(e, level, offset)	of the memory that e, one level up, maps: what is offset into it
 *   pte_reprotect(e, flags, level), pte_readonly(e), pte_prot(e)
 *   pte_set(pt, p, level, va, e)	*p = e, for the memory from va on. True: a TLB may still have
 *				what was there, so a flush is due
 *   pt_written()		after entries have been set: they are looked at from now on
 */

/*
 * pt_flush: of [va, end), end - 1 included where end is 0, no TLB of any CPU has a translation, nor
 * has it tables that were on the way there.
 * pt_root_init: a new root, the kernel's (pt->user is false) or a program's: what must be in it.
 * pt_root_drop: it is not used any more: by no CPU, in no TLB.
 */
void pt_flush(const struct pagetable *pt, vaddr_t va, vaddr_t end);
int pt_root_init(struct pagetable *pt);
void pt_root_drop(struct pagetable *pt);

/* A table for pt, all zeroes; 0: no memory. */
paddr_t pt_table_alloc(struct pagetable *pt);

static inline uint64_t pt_level_size(unsigned level)
{
	return (uint64_t)1 << (PAGE_SHIFT + PT_BITS * (level - 1));
}

static inline unsigned pt_index(unsigned level, vaddr_t va)
{
	return va >> (PAGE_SHIFT + PT_BITS * (level - 1)) & (PT_ENTRIES - 1);
}

#endif /* NUCLEUS_PAGETABLE_H */
