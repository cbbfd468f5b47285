// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies to and from user memory where there are programs: a program task's memory is found by its
 * process's page tables and reached in the arena, page by page; a library task's is the host's.
 *
 * A page that was found stays while nothing sleeps: there is one virtual CPU. Threads of the
 * program write to it meanwhile, as on any machine.
 */
#include <linux/kernel.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/program.h>
#include <asm/rump.h>
#include "mm.h"

static unsigned long room(unsigned long addr, unsigned long n)
{
	return min(n, PAGE_SIZE - offset_in_page(addr));
}

/*
 * Where pages of programs were found: a TLB, emptied where a space is (mm/space.c), so it holds
 * pages only of processes that have one. tag: the page's address, and 1 if it is for reading only.
 */
#define TLB_SIZE	8

static struct tlb {
	struct mm_struct *mm;
	unsigned long tag;
	void *at;
} tlb[TLB_SIZE];

void pillion_tlb_flush(void)
{
	unsigned int i;

	for (i = 0; i < TLB_SIZE; i++)
		tlb[i].mm = NULL;
}

static inline struct tlb *tlb_slot(unsigned long addr)
{
	return &tlb[addr >> PAGE_SHIFT & (TLB_SIZE - 1)];
}

/* As pillion_user_page(), which does what is not usual: the page is there and has been used so. */
static void *page_at(unsigned long addr, bool write)
{
	const unsigned long read = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED;
	const unsigned long change = read | _PAGE_WRITE | _PAGE_DIRTY;
	struct mm_struct *mm = current->mm;
	unsigned long have;
	pte_t *pte;
	void *at;

	if (likely(addr < TASK_SIZE && mm)) {
		pte = pillion_user_pte(mm, addr);
		have = pte ? pte_val(*pte) : 0;
		if (likely((have & read) == read && (!write || (have & change) == change) &&
			   pillion_offset(have) < pillion_arena_size)) {
			at = __va(have & PAGE_MASK);
			if (mm->context.space)
				*tlb_slot(addr) = (struct tlb){
					mm, (addr & PAGE_MASK) | ((have & change) != change), at
				};
			return at + offset_in_page(addr);
		}
	}
	return pillion_user_page(addr, write);
}

/* The same for n bytes of one page that the TLB has, or NULL. */
static __always_inline void *page_known(unsigned long addr, unsigned long n, bool write)
{
	const struct tlb *e = tlb_slot(addr);

	if (unlikely(!pillion_is_program(current) || n > PAGE_SIZE - offset_in_page(addr) ||
		     !e->mm || e->mm != current->mm || (e->tag ^ (addr & PAGE_MASK)) > !write))
		return NULL;
	return e->at + offset_in_page(addr);
}

/* Words are one access each, as a program that shares them expects. */
static __always_inline void copy_piece(void *dst, const void *src, unsigned long len)
{
	if (len == 8)
		memcpy(dst, src, 8);
	else if (len == 4)
		memcpy(dst, src, 4);
	else if (len == 1)
		*(u8 *)dst = *(const u8 *)src;
	else
		memcpy(dst, src, len);
}

static noinline unsigned long copy_from(void *to, unsigned long addr, unsigned long n)
{
	unsigned long len;
	const void *src;

	if (!pillion_is_program(current))
		return rumpext_copy(to, (const void *)addr, n);
	for (; n; n -= len, addr += len, to += len) {
		src = page_at(addr, false);
		if (!src)
			break;
		len = room(addr, n);
		copy_piece(to, src, len);
	}
	return n;
}

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	const void *src = page_known((unsigned long)from, n, false);

	if (unlikely(!src))
		return copy_from(to, (unsigned long)from, n);
	copy_piece(to, src, n);
	return 0;
}
EXPORT_SYMBOL(raw_copy_from_user);

static noinline unsigned long copy_to(unsigned long addr, const void *from, unsigned long n)
{
	unsigned long len;
	void *dst;

	if (!pillion_is_program(current))
		return rumpext_copy((void *)addr, from, n);
	for (; n; n -= len, addr += len, from += len) {
		dst = page_at(addr, true);
		if (!dst)
			break;
		len = room(addr, n);
		copy_piece(dst, from, len);
	}
	return n;
}

unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	void *dst = page_known((unsigned long)to, n, true);

	if (unlikely(!dst))
		return copy_to((unsigned long)to, from, n);
	copy_piece(dst, from, n);
	return 0;
}
EXPORT_SYMBOL(raw_copy_to_user);

unsigned long pillion_clear_program(unsigned long addr, unsigned long n)
{
	unsigned long len;
	void *dst;

	for (; n; n -= len, addr += len) {
		dst = page_at(addr, true);
		if (!dst)
			break;
		len = room(addr, n);
		memset(dst, 0, len);
	}
	return n;
}

/* A word of a program's that its threads change too: atomic. Faults are the caller's to handle. */
int pillion_cmpxchg_program(unsigned long addr, u32 old, u32 new, u32 *prev)
{
	u32 *p;

	if (addr & 3)
		return -EFAULT;
	p = page_known(addr, sizeof(*p), true) ?: page_at(addr, true);
	if (!p)
		return -EFAULT;
	__atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	*prev = old;
	return 0;
}
