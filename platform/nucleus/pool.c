/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One pool of pages. Nearly all memory is the donor's arena; when the nucleus runs low it asks the
 * donor for pages that are free there, or hold cached data, and when it has more than it needs
 * those go back.
 *
 * Interface: rumpuser_nucleus_pool, _pool_stop.
 *
 * A thread of its own does both, since who runs out of memory may be inside the donor. So memory
 * has to be asked for before the last page is gone: that is what low is for. It is one of the
 * donor's tasks from the beginning, for becoming one takes memory.
 *
 * No list says which pages were taken: a free page of the nucleus that lies in the arena is one.
 *
 * Locking: the flags by the wait queue's lock; taken is the thread's; the rest is written before
 * the thread exists.
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
static bool wanted, stopping;
static struct thread *thread;
static size_t low, high;		/* 0: memory does not move */
static size_t taken;			/* pages of the arena that the nucleus has */

/* In any context. */
static void wake(void)
{
	unsigned long flags;

	if (READ_ONCE(wanted))
		return;
	flags = spin_lock(&wq.lock);
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

/* What is free first; then what the donor can do without. */
static bool take_some(size_t npages)
{
	return take(npages, 0) || take(npages, 1);
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

/* Frees are of interest only while there is something to give back. */
static void balance(void)
{
	struct page_stats st;
	bool more = true;

	while (more) {
		page_set_high(taken > 0 ? wake : NULL, high);
		page_stats(&st);
		if (st.free < low)
			more = take_some(2 * low - st.free);
		else if (st.free > high && taken > 0)
			more = give(st.free - high);
		else
			more = false;
	}
}

/* Wait for something to do. False: the end. */
static bool work(void)
{
	unsigned long flags = spin_lock(&wq.lock);
	bool more;

	while (!wanted) {
		(void)waitq_sleep(&wq, flags, NSEC_NEVER);
		flags = spin_lock(&wq.lock);
	}
	wanted = false;
	more = !stopping;
	spin_unlock(&wq.lock, flags);
	return more;
}

static void pool_thread(void *arg)
{
	bool attached = rump_ext_attach(0) == 0;

	(void)arg;
	while (work())
		balance();
	page_set_low(NULL, 0);
	page_set_high(NULL, 0);
	if (attached)
		rump_ext_detach();
}

int rumpuser_nucleus_pool(size_t least, size_t most)
{
	if (rump_ext_pages_take == NULL || rump_ext_pages_give == NULL)
		return 0;
	low = least;
	high = most;
	thread = platform_thread("pool", PRIO_HIGH, true, pool_thread, NULL);
	if (thread == NULL)
		return RUMP_ENOMEM;
	page_set_low(wake, low);
	return 0;
}

void rumpuser_nucleus_pool_stop(void)
{
	unsigned long flags;

	if (thread == NULL)
		return;
	flags = spin_lock(&wq.lock);
	stopping = wanted = true;
	(void)waitq_wake_one(&wq);
	spin_unlock(&wq.lock, flags);
	thread_join(thread);
	thread = NULL;
}
