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

/* As pillion_user_page(), which does what is not usual: the page is there and has been used so. */
static __always_inline void *page_at(unsigned long addr, bool write)
{
	const unsigned long want = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED |
				   (write ? _PAGE_WRITE | _PAGE_DIRTY : 0);
	pte_t *pte;

	if (likely(addr < TASK_SIZE && current->mm)) {
		pte = pillion_user_pte(current->mm, addr);
		if (likely(pte && (pte_val(*pte) & want) == want &&
			   pillion_offset(pte_val(*pte)) < pillion_arena_size))
			return __va(pte_val(*pte) & PAGE_MASK) + offset_in_page(addr);
	}
	return pillion_user_page(addr, write);
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

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long addr = (unsigned long)from, len;
	const void *src;

	if (!pillion_is_program(current))
		return rumpext_copy(to, (const void __force *)from, n);
	for (; n; n -= len, addr += len, to += len) {
		src = page_at(addr, false);
		if (!src)
			break;
		len = room(addr, n);
		copy_piece(to, src, len);
	}
	return n;
}
EXPORT_SYMBOL(raw_copy_from_user);

unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	unsigned long addr = (unsigned long)to, len;
	void *dst;

	if (!pillion_is_program(current))
		return rumpext_copy((void __force *)to, from, n);
	for (; n; n -= len, addr += len, from += len) {
		dst = page_at(addr, true);
		if (!dst)
			break;
		len = room(addr, n);
		copy_piece(dst, from, len);
	}
	return n;
}
EXPORT_SYMBOL(raw_copy_to_user);

unsigned long pillion_clear_program(unsigned long addr, unsigned long n)
{
	unsigned long len;
	void *dst;

	for (; n; n -= len, addr += len) {
		dst = pillion_user_page(addr, true);
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
	p = pillion_user_page(addr, true);
	if (!p)
		return -EFAULT;
	__atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	*prev = old;
	return 0;
}
