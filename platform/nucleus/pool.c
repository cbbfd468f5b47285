/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One pool of pages. Nearly all memory is the donor's arena; when the nucleus runs low it asks the
 * donor for pages that are free there, or hold cached data, and when it has more than it needs
 * those go back.
 *
 * Interface: rumpuser_nucleus_pool; pool_freed.
 *
 * A thread of its own does both, since who runs out of memory may be inside the donor. So memory
 * has to be asked for before the last page is gone: that is what low is for.
 *
 * No list says which pages were taken: a free page of the nucleus that lies in the arena is one.
 *
 * Locking: the flag by the wait queue's lock; taken is the thread's, others look at it; the rest is
 * written before the thread exists.
 */
#include <nucleus/page.h>

#include <rump/rumpext_task.h>
#include <rump/rumpext_user.h>

#include "platform.h"
#include "rumpuser_nucleus.h"

int rump_ext_attach(int pid) WEAK;
void rump_ext_detach(void) WEAK;
size_t rump_ext_pages_take(size_t n, size_t off[], int wait) WEAK;
void rump_ext_pages_give(size_t n, const size_t off[]) WEAK;

static struct waitq wq = WAITQ_INIT(wq);
static bool wanted;
static size_t low, high;		/* 0: memory does not move */
static size_t taken;			/* pages of the arena that the nucleus has */

static void wake(void)
{
	unsigned long flags = spin_lock(&wq.lock);

	wanted = true;
	(void)waitq_wake_one(&wq);
	spin_unlock(&wq.lock, flags);
}

/* False: the donor has none to spare. */
static bool take(size_t npages, int wait)
{
	size_t off[ARENA_BATCH], n, i;
	paddr_t pa;

	n = rump_ext_pages_take(MIN(npages, ARENA_BATCH), off, wait);
	for (i = 0; i < n; i++)
		if (arena_phys(off[i], PAGE_SIZE, &pa))
			page_put(phys_to_page(pa));
	taken += n;
	return n > 0;
}

/* What is free first; then what the donor can do without, for which the thread has to be its. */
static bool take_some(size_t npages)
{
	bool taken;

	if (take(npages, 0))
		return true;
	if (rump_ext_attach(0) != 0)
		return false;
	taken = take(npages, 1);
	rump_ext_detach();
	return taken;
}

/* False: the nucleus has none that it took. */
static bool give(size_t npages)
{
	size_t off[ARENA_BATCH], n = arena_take(npages, off);

	if (n > 0)
		rump_ext_pages_give(n, off);
	taken -= n;
	return n > 0;
}

static void balance(void)
{
	struct page_stats st;
	bool more = true;

	while (more) {
		page_stats(&st);
		if (st.free < low)
			more = take_some(2 * low - st.free);
		else if (st.free > high)
			more = give(st.free - high);
		else
			more = false;
	}
}

static void pool_thread(void *arg)
{
	unsigned long flags;

	(void)arg;
	for (;;) {
		flags = spin_lock(&wq.lock);
		while (!wanted) {
			(void)waitq_sleep(&wq, flags, NSEC_NEVER);
			flags = spin_lock(&wq.lock);
		}
		wanted = false;
		spin_unlock(&wq.lock, flags);
		balance();
	}
}

void pool_freed(void)
{
	struct page_stats st;

	if (high == 0 || READ_ONCE(taken) == 0)
		return;
	page_stats(&st);
	if (st.free > high)
		wake();
}

int rumpuser_nucleus_pool(size_t least, size_t most)
{
	if (rump_ext_pages_take == NULL || rump_ext_pages_give == NULL)
		return 0;
	low = least;
	high = most;
	if (platform_thread("pool", PRIO_HIGH, false, pool_thread, NULL) == NULL)
		return RUMP_ENOMEM;
	page_set_low(wake, low);
	return 0;
}
