/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What things cost, in nanoseconds, which under -icount shift=0 are instructions. The bounds are
 * wide: they notice when something takes another order of time, not a few instructions.
 */
#include "tap.h"

#define TIMES		200

static struct mutex m = MUTEX_INIT(m);
static struct cond cv;
static struct timer timer;
static struct space *space;
static struct page *page;
static volatile bool stop;

static void cost(const char *what, unsigned bound, void (*fn)(unsigned i))
{
	nsec_t start, each;

	fn(0);
	start = clock_now();
	for (unsigned i = 1; i <= TIMES; i++)
		fn(i);
	each = (clock_now() - start) / TIMES;
	ok(each <= bound, "%s: %llu ns, at most %u", what, (unsigned long long)each, bound);
}

static void do_mutex(unsigned i)
{
	(void)i;
	mutex_lock(&m);
	mutex_unlock(&m);
}

static void do_signal(unsigned i)
{
	(void)i;
	cond_signal(&cv);
}

static void do_clock(unsigned i)
{
	(void)i;
	(void)clock_now();
}

static void do_heap(unsigned i)
{
	void *volatile p = heap_alloc(100 + i);

	heap_free(p);
}

static void do_page(unsigned i)
{
	struct page *pages[8];

	(void)i;
	for (unsigned k = 0; k < ARRAY_SIZE(pages); k++)
		pages[k] = page_alloc(0);
	for (unsigned k = 0; k < ARRAY_SIZE(pages); k++)
		page_put(pages[k]);
}

static void do_stack(unsigned i)
{
	(void)i;
	kva_free(kva_alloc(64 * KIB), 64 * KIB);
}

static void do_map(unsigned i)
{
	vaddr_t va = 0x400000 + (i % 256) * PAGE_SIZE;

	(void)space_map(space, va, page_to_phys(page), PAGE_SIZE, PROT_R);
	(void)space_unmap(space, va, PAGE_SIZE);
}

static void do_space(unsigned i)
{
	struct space *s = space_create();

	(void)i;
	(void)space_map(s, 0x400000, page_to_phys(page), PAGE_SIZE, PROT_R);
	space_destroy(s);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void do_thread(unsigned i)
{
	(void)i;
	thread_join(thread_create_on(&cpus[0], "t", PRIO_HIGH, 64 * KIB, true, nothing, NULL));
}

static void yielder(void *arg)
{
	(void)arg;
	while (!stop)
		thread_yield();
}

static void do_yield(unsigned i)
{
	(void)i;
	thread_yield();
}

static void do_timer(unsigned i)
{
	timer_set(&timer, clock_now() + (100 + i) * NSEC_PER_MSEC);
	(void)timer_cancel(&timer);
}

static void do_random(unsigned i)
{
	uint64_t v;

	(void)i;
	random_bytes(&v, sizeof(v));
}

static void fire(struct timer *t)
{
	(void)t;
}

void test_cost(void)
{
	struct thread *t;

	cond_init(&cv);
	timer_init(&timer, fire);
	space = space_create();
	page = page_alloc(0);
	cost("read the clock", 100, do_clock);
	cost("lock and unlock a mutex", 100, do_mutex);
	cost("signal without a waiter", 40, do_signal);
	cost("allocate and free a block", 600, do_heap);
	cost("allocate and free eight pages", 8 * 500, do_page);
	cost("allocate and free 64 KiB of kernel addresses", 20000, do_stack);
	cost("map and unmap a page", 600, do_map);
	cost("make a space with a page, and destroy it", 40000, do_space);
	cost("set and cancel a timer", 500, do_timer);
	cost("8 random bytes", 10000, do_random);
	cost("make a thread, run it, join it", 4000, do_thread);
	t = thread_create_on(&cpus[0], "yielder", PRIO_HIGH, 0, true, yielder, NULL);
	cost("switch to another thread and back", 1000, do_yield);
	stop = true;
	thread_join(t);
	space_destroy(space);
	page_put(page);
}
