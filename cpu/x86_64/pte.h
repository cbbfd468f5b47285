/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: entries of page tables. The contract is <nucleus/pagetable.h>. */
#ifndef PTE_H
#define PTE_H

#include <nucleus/pagetable.h>
#include <nucleus/space.h>

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

static inline bool pte_valid(uint64_t e)
{
	return e & PTE_P;
}

static inline bool pte_is_table(uint64_t e, unsigned level)
{
	return level > 1 && (e & PTE_P) && !(e & PTE_LARGE);
}

static inline paddr_t pte_addr(uint64_t e)
{
	return e & PTE_ADDR;
}

static inline bool pte_large_allowed(unsigned level)
{
	return level <= 2 || (level == 3 && cpu_features.pdpe1gb);
}

static inline uint64_t pte_flags(const struct pagetable *pt, unsigned prot)
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

static inline uint64_t pte_page(paddr_t pa, uint64_t flags, unsigned level)
{
	return pa | flags | (level > 1 ? PTE_LARGE : 0);
}

static inline uint64_t pte_table(const struct pagetable *pt, paddr_t pa)
{
	return pa | PTE_P | PTE_W | (pt->user ? PTE_U : 0);
}

static inline uint64_t pte_part(uint64_t e, unsigned level, uint64_t offset)
{
	return ((e & ~PTE_LARGE) | (level > 1 ? PTE_LARGE : 0)) + offset;
}

static inline uint64_t pte_reprotect(uint64_t e, uint64_t flags, unsigned level)
{
	const uint64_t kind = PTE_PCD | PTE_PWT;	/* what memory it is stays */

	return pte_page(e & PTE_ADDR, (flags & ~kind) | (e & kind), level);
}

static inline uint64_t pte_readonly(uint64_t e)
{
	return e & ~PTE_W;
}

static inline unsigned pte_prot(uint64_t e)
{
	return PROT_R | (e & PTE_W ? PROT_W : 0) | (e & PTE_NX ? 0 : PROT_X) |
	    (e & PTE_PCD ? PROT_DEVICE : e & PTE_PWT ? PROT_WC : 0);
}

static inline bool pte_set(const struct pagetable *pt, uint64_t *p, unsigned level, vaddr_t va,
    uint64_t e)
{
	uint64_t old = *p;

	(void)pt;
	(void)level;
	(void)va;
	WRITE_ONCE(*p, e);
	return (old & PTE_P) && old != e;
}

static inline void pt_written(void)
{
}

#endif /* PTE_H */
