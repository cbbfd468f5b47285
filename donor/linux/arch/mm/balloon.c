// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of the arena that the platform has use for: one pool, lent to and fro
 * (include/rump/rumpext_user.h). What is lent is not counted as the donor's memory meanwhile.
 *
 * Locking: the virtual CPU.
 */
#include <linux/kernel.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

static size_t take(size_t n, size_t off[], gfp_t gfp)
{
	struct page *page;
	size_t i;

	for (i = 0; i < n; i++) {
		page = alloc_page(gfp | __GFP_NOWARN);
		if (!page)
			break;
		adjust_managed_page_count(page, -1);
		off[i] = pillion_offset(page_to_phys(page));
	}
	return i;
}

size_t rump_ext_pages_take(size_t n, size_t off[], int wait)
{
	struct pillion_hthread *ht;
	unsigned long flags;
	size_t got;

	if (wait) {
		ht = pillion_task_enter();
		if (IS_ERR(ht))
			return 0;
		got = take(n, off, GFP_KERNEL | __GFP_RETRY_MAYFAIL);
		pillion_task_leave(ht);
		return got;
	}
	ht = pillion_hthread_self();
	if (!ht)
		return 0;
	pillion_ht_acquire(ht);
	flags = pillion_irq_begin();
	got = take(n, off, GFP_NOWAIT);
	pillion_irq_end(flags);
	pillion_ht_leave(ht);
	return got;
}

void rump_ext_pages_give(size_t n, const size_t off[])
{
	struct pillion_hthread *ht = pillion_hthread_self();
	unsigned long flags;
	struct page *page;
	size_t i;

	if (!ht)
		panic("pillion: no memory for a platform thread");
	pillion_ht_acquire(ht);
	flags = pillion_irq_begin();
	for (i = 0; i < n; i++) {
		page = pfn_to_page(pillion_pfn_base + (off[i] >> PAGE_SHIFT));
		adjust_managed_page_count(page, 1);
		__free_page(page);
	}
	pillion_irq_end(flags);
	pillion_ht_leave(ht);
}
