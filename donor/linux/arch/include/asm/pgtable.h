/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PGTABLE_H
#define _ASM_PILLION_PGTABLE_H

/*
 * Page tables of the port's own: four levels of 512 entries. The donor walks and fills them; what
 * the platform has to know of the kernel's is passed on by flush_cache_vmap (mm/kmap.c).
 *
 * Entry: page frame number << 12, with, where present:
 *	0 present   1 writable   2 user   3 accessed   4 dirty   5 executable   6 PROT_NONE
 *	7 special   8 uncached
 * A table's entry is its physical address with "present". Not present and not zero: a swap entry,
 * type in bits 1-5 below the exclusive mark (7), offset from bit 12 on.
 */

#include <asm/page.h>
#include <asm-generic/pgtable-nop4d.h>

#define PGDIR_SHIFT	39
#define PUD_SHIFT	30
#define PMD_SHIFT	21
#define PGDIR_SIZE	(1UL << PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))
#define PUD_SIZE	(1UL << PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PMD_SIZE	(1UL << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))
#define PTRS_PER_PGD	512
#define PTRS_PER_PUD	512
#define PTRS_PER_PMD	512
#define PTRS_PER_PTE	512
#define USER_PTRS_PER_PGD	(PTRS_PER_PGD / 2)

#define _PAGE_PRESENT	0x001UL
#define _PAGE_WRITE	0x002UL
#define _PAGE_USER	0x004UL
#define _PAGE_ACCESSED	0x008UL
#define _PAGE_DIRTY	0x010UL
#define _PAGE_EXEC	0x020UL
#define _PAGE_NONE	0x040UL
#define _PAGE_SPECIAL	0x080UL
#define _PAGE_NOCACHE	0x100UL
#define _PAGE_SWP_EXCLUSIVE 0x080UL

#define _PAGE_TABLE	_PAGE_PRESENT
#define _PAGE_CHG_MASK	(PAGE_MASK | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_SPECIAL)

#define PILLION_USER	(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_NONE	__pgprot(_PAGE_NONE | _PAGE_ACCESSED)
#define PAGE_READONLY	__pgprot(PILLION_USER)
#define PAGE_COPY	PAGE_READONLY
#define PAGE_READONLY_EXEC __pgprot(PILLION_USER | _PAGE_EXEC)
#define PAGE_SHARED_EXEC __pgprot(PILLION_USER | _PAGE_WRITE | _PAGE_EXEC)
#define PAGE_SHARED	__pgprot(PILLION_USER | _PAGE_WRITE)
#define PAGE_KERNEL	__pgprot(_PAGE_PRESENT | _PAGE_WRITE | _PAGE_ACCESSED | _PAGE_DIRTY)
#define PAGE_KERNEL_RO	__pgprot(_PAGE_PRESENT | _PAGE_ACCESSED)
#define PAGE_KERNEL_EXEC PAGE_KERNEL

#ifndef __ASSEMBLY__
#include <linux/mm_types.h>

/* The window behind the arena, but for what kernel stacks take of it (mm/stack.c). */
extern unsigned long pillion_vmalloc_start, pillion_vmalloc_end;
#define VMALLOC_START	pillion_vmalloc_start
#define VMALLOC_END	pillion_vmalloc_end

extern pgd_t swapper_pg_dir[PTRS_PER_PGD];
extern struct page *pillion_zero_page;
#define ZERO_PAGE(va)	(pillion_zero_page)

static inline int pte_none(pte_t pte)		{ return pte_val(pte) == 0; }
static inline int pte_present(pte_t pte)	{ return !!(pte_val(pte) & (_PAGE_PRESENT | _PAGE_NONE)); }
static inline int pte_write(pte_t pte)		{ return !!(pte_val(pte) & _PAGE_WRITE); }
static inline int pte_dirty(pte_t pte)		{ return !!(pte_val(pte) & _PAGE_DIRTY); }
static inline int pte_young(pte_t pte)		{ return !!(pte_val(pte) & _PAGE_ACCESSED); }
static inline int pte_special(pte_t pte)	{ return !!(pte_val(pte) & _PAGE_SPECIAL); }

#define PILLION_PTE_BIT(name, op)	\
	static inline pte_t name(pte_t pte) { return __pte(pte_val(pte) op); }
PILLION_PTE_BIT(pte_wrprotect, & ~_PAGE_WRITE)
PILLION_PTE_BIT(pte_mkclean, & ~_PAGE_DIRTY)
PILLION_PTE_BIT(pte_mkold, & ~_PAGE_ACCESSED)
PILLION_PTE_BIT(pte_mkwrite, | _PAGE_WRITE)
PILLION_PTE_BIT(pte_mkdirty, | _PAGE_DIRTY)
PILLION_PTE_BIT(pte_mkyoung, | _PAGE_ACCESSED)
PILLION_PTE_BIT(pte_mkspecial, | _PAGE_SPECIAL)

#define __HAVE_ARCH_PTE_SWP_EXCLUSIVE
PILLION_PTE_BIT(pte_swp_mkexclusive, | _PAGE_SWP_EXCLUSIVE)
PILLION_PTE_BIT(pte_swp_clear_exclusive, & ~_PAGE_SWP_EXCLUSIVE)
static inline int pte_swp_exclusive(pte_t pte)	{ return !!(pte_val(pte) & _PAGE_SWP_EXCLUSIVE); }

static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | pgprot_val(prot));
}

#define pgprot_noncached(prot)	__pgprot(pgprot_val(prot) | _PAGE_NOCACHE)

static inline void set_pte(pte_t *ptep, pte_t pte)
{
	*ptep = pte;
}

static inline void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	set_pte(ptep, pte);
}

#ifdef CONFIG_PILLION_PROGRAMS
/* What is not accessed is not mapped in a space (mm/space.c). */
#define __HAVE_ARCH_PTEP_TEST_AND_CLEAR_YOUNG
int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep);
#endif

#define pte_clear(mm, addr, ptep)	set_pte((ptep), __pte(0))
#define pte_pfn(pte)			(pte_val(pte) >> PAGE_SHIFT)
#define pte_page(pte)			pfn_to_page(pte_pfn(pte))
#define pfn_pte(pfn, prot)		__pte(((unsigned long)(pfn) << PAGE_SHIFT) | pgprot_val(prot))
#define mk_pte(page, prot)		pfn_pte(page_to_pfn(page), (prot))

/* The three upper levels are alike. */
#define PILLION_LEVEL(l)						\
static inline int l##_none(l##_t e)	{ return l##_val(e) == 0; }	\
static inline int l##_present(l##_t e)	{ return !!(l##_val(e) & _PAGE_PRESENT); }	\
static inline int l##_bad(l##_t e)	{ return (l##_val(e) & ~PAGE_MASK) != _PAGE_TABLE; }	\
static inline void set_##l(l##_t *p, l##_t e)	{ *p = e; }		\
static inline void l##_clear(l##_t *p)	{ l##_val(*p) = 0; }
PILLION_LEVEL(pmd)
PILLION_LEVEL(pud)
#define set_p4d(p, e)		(*(p) = (e))

#define pmd_pfn(pmd)		(pmd_val(pmd) >> PAGE_SHIFT)
#define pmd_page(pmd)		pfn_to_page(pmd_pfn(pmd))
#define pmd_page_vaddr(pmd)	((unsigned long)__va(pmd_val(pmd) & PAGE_MASK))
#define pmd_pgtable(pmd)	pmd_page(pmd)
#define pud_page(pud)		pfn_to_page(pud_val(pud) >> PAGE_SHIFT)
#define pud_pgtable(pud)	((pmd_t *)__va(pud_val(pud) & PAGE_MASK))
#define pud_leaf(pud)		0
#define pmd_leaf(pmd)		0

static inline int p4d_none(p4d_t p4d)		{ return p4d_val(p4d) == 0; }
static inline int p4d_bad(p4d_t p4d)		{ return (p4d_val(p4d) & ~PAGE_MASK) != _PAGE_TABLE; }
static inline int p4d_present(p4d_t p4d)	{ return !!(p4d_val(p4d) & _PAGE_PRESENT); }
static inline void p4d_clear(p4d_t *p4d)	{ p4d->pgd = __pgd(0); }
#define p4d_pgtable(p4d)	((pud_t *)__va(p4d_val(p4d) & PAGE_MASK))
#define p4d_page(p4d)		pfn_to_page(p4d_val(p4d) >> PAGE_SHIFT)

#define pte_ERROR(e)	pr_err("%s:%d: bad pte %016lx\n", __FILE__, __LINE__, pte_val(e))
#define pmd_ERROR(e)	pr_err("%s:%d: bad pmd %016lx\n", __FILE__, __LINE__, pmd_val(e))
#define pud_ERROR(e)	pr_err("%s:%d: bad pud %016lx\n", __FILE__, __LINE__, pud_val(e))
#define pgd_ERROR(e)	pr_err("%s:%d: bad pgd %016lx\n", __FILE__, __LINE__, pgd_val(e))

#define __swp_type(e)			(((e).val >> 1) & 0x1f)
#define __swp_offset(e)			((e).val >> 12)
#define __swp_entry(type, off)		((swp_entry_t){ ((unsigned long)(type) << 1) | ((off) << 12) })
#define __pte_to_swp_entry(pte)		((swp_entry_t){ pte_val(pte) })
#define __swp_entry_to_pte(e)		__pte((e).val)

/* A space gets what a fault has made where the fault is handled, and more rights need no flush. */
#define update_mmu_cache(vma, addr, ptep)	do { } while (0)
#define flush_tlb_fix_spurious_fault(vma, addr)	do { } while (0)
#define kern_addr_valid(addr)		(1)

void paging_init(void);

#endif
#endif
