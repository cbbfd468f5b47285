/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64: entries of page tables, 4 KiB pages, 48 bits. The contract is <nucleus/pagetable.h>.
 *
 * An entry that is in use may get other rights in one step. For any other change the architecture
 * wants it to be invalid, and out of all TLBs, in between ("break before make"). Memory that
 * becomes executable is made known to the instruction caches.
 */
#ifndef PTE_H
#define PTE_H

#include <nucleus/pagetable.h>
#include <nucleus/space.h>

#include "asm.h"

#define PTE_VALID	0x001ul
#define PTE_TABLE	0x002ul		/* or, at level 1, a page */
#define PTE_ATTR(i)	((uint64_t)(i) << 2)
#define PTE_USER	0x040ul
#define PTE_RO		0x080ul
#define PTE_INNER	0x300ul		/* shareable */
#define PTE_AF		0x400ul
#define PTE_NG		0x800ul		/* of one address space */
#define PTE_PXN		(1ul << 53)
#define PTE_UXN		(1ul << 54)
#define PTE_ADDR	0x0000fffffffff000ul
#define PTE_RIGHTS	(PTE_USER | PTE_RO | PTE_PXN | PTE_UXN)

static inline bool pte_valid(uint64_t e)
{
	return e & PTE_VALID;
}

static inline bool pte_is_table(uint64_t e, unsigned level)
{
	return level > 1 && (e & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE);
}

static inline paddr_t pte_addr(uint64_t e)
{
	return e & PTE_ADDR;
}

static inline bool pte_large_allowed(unsigned level)
{
	return level <= 3;
}

static inline uint64_t pte_flags(const struct pagetable *pt, unsigned prot)
{
	uint64_t f = PTE_VALID | PTE_INNER | PTE_AF;

	f |= pt->user ? PTE_USER | PTE_NG | PTE_PXN : PTE_UXN;
	if (!(prot & PROT_W))
		f |= PTE_RO;
	if (!(prot & PROT_X))
		f |= pt->user ? PTE_UXN : PTE_PXN;
	return f | PTE_ATTR(prot & PROT_DEVICE ? MAIR_DEVICE : prot & PROT_WC ? MAIR_WC : MAIR_NORMAL);
}

static inline uint64_t pte_page(paddr_t pa, uint64_t flags, unsigned level)
{
	return pa | flags | (level == 1 ? PTE_TABLE : 0);
}

static inline uint64_t pte_table(const struct pagetable *pt, paddr_t pa)
{
	(void)pt;
	return pa | PTE_VALID | PTE_TABLE;
}

static inline uint64_t pte_part(uint64_t e, unsigned level, uint64_t offset)
{
	return (e | (level == 1 ? PTE_TABLE : 0)) + offset;
}

static inline uint64_t pte_reprotect(uint64_t e, uint64_t flags, unsigned level)
{
	const uint64_t kind = PTE_ATTR(7);		/* what memory it is stays */

	return pte_page(e & PTE_ADDR, (flags & ~kind) | (e & kind), level);
}

static inline uint64_t pte_readonly(uint64_t e)
{
	return e | PTE_RO;
}

static inline bool pte_executable(uint64_t e, unsigned level)
{
	return (e & PTE_VALID) && !pte_is_table(e, level) &&
	    !(e & (e & PTE_NG ? PTE_UXN : PTE_PXN));
}

static inline unsigned pte_prot(uint64_t e)
{
	unsigned attr = e >> 2 & 7;

	return PROT_R | (e & PTE_RO ? 0 : PROT_W) |
	    (e & (e & PTE_NG ? PTE_UXN : PTE_PXN) ? 0 : PROT_X) |
	    (attr == MAIR_DEVICE ? PROT_DEVICE : attr == MAIR_WC ? PROT_WC : 0);
}

/* Entries are seen by walks of the tables, and by what comes next. */
static inline void pt_written(void)
{
	__asm__ volatile("dsb ishst; isb" ::: "memory");
}

void pt_executable(paddr_t pa, size_t len);	/* pagetable.c */

static inline bool pte_set(const struct pagetable *pt, uint64_t *p, unsigned level, vaddr_t va,
    uint64_t e)
{
	uint64_t old = *p;

	if (unlikely(pte_executable(e, level)) &&
	    (!pte_executable(old, level) || pte_addr(old) != pte_addr(e)))
		pt_executable(pte_addr(e), pt_level_size(level));
	if ((old & PTE_VALID) && e != 0 && ((old ^ e) & ~PTE_RIGHTS) != 0) {
		WRITE_ONCE(*p, 0);
		pt_flush(pt, va, va + pt_level_size(level));
		old = 0;
	}
	WRITE_ONCE(*p, e);
	return (old & PTE_VALID) && old != e;
}

#endif /* PTE_H */
