/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, priorities, time slices, sleeping, timers. */
#include "tap.h"

/* ---- beginning and end ---- */

static volatile unsigned ran;

static void count_up(void *arg)
{
	ran += (unsigned)(uintptr_t)arg;
}

static void leave_early(void *arg)
{
	(void)arg;
	ran = 77;
	thread_exit();
}

/* Here: the tests are about one CPU. */
static struct thread *create(const char *name, unsigned prio, size_t stack, bool joinable,
    void (*fn)(void *), void *arg)
{
	return thread_create_on(cpu_self(), name, prio, stack, joinable, fn, arg);
}

static void test_life(void)
{
	struct thread *t = create("life", PRIO_NORMAL, 0, true, count_up, (void *)5);
	size_t before;

	thread_join(t);
	ok(ran == 5, "a thread runs, with its argument, and is joined");
	thread_join(create("early", PRIO_NORMAL, 0, true, leave_early, NULL));
	ok(ran == 77, "thread_exit");
	ran = 0;
	before = free_pages();
	for (unsigned i = 0; i < 200; i++) {
		if (i % 2)
			thread_join(create("a", PRIO_NORMAL, 64 * KIB, true, count_up, (void *)1));
		else
			(void)create("b", PRIO_MAX, 64 * KIB, false, count_up, (void *)1);
	}
	sleep_until(clock_now() + NSEC_PER_MSEC);
	ok(ran == 200, "200 threads");
	ok(free_pages() + 8 * 16 + 40 >= before, "their stacks come back, but for a few that are kept");
	before = free_pages();
	for (unsigned i = 0; i < 200; i++)
		thread_join(create("a", PRIO_NORMAL, 64 * KIB, true, count_up, (void *)1));
	ok(free_pages() == before, "and no more");
}

/* ---- priorities and slices ---- */

static volatile bool stop;
static volatile uint64_t turns[3];
static char order[8];
static volatile unsigned norder;

static void spin(void *arg)
{
	while (!stop)
		turns[(uintptr_t)arg]++;
}

static void note_order(void *arg)
{
	order[norder++] = (char)(uintptr_t)arg;
}

static void test_priorities(void)
{
	struct thread *t[3];
	nsec_t run[3], sum;

	/* We are PRIO_HIGH: those below run when we sleep, in order of priority. A fresh slice first. */
	sleep_until(clock_now() + NSEC_PER_MSEC);
	(void)create("l", PRIO_LOW, 0, false, note_order, (void *)'l');
	(void)create("n", PRIO_NORMAL, 0, false, note_order, (void *)'n');
	(void)create("h", PRIO_HIGH, 0, false, note_order, (void *)'h');
	ok(norder == 0, "a thread of no higher priority does not run at once");
	(void)create("i", PRIO_IRQ, 0, false, note_order, (void *)'i');
	ok(norder == 1 && order[0] == 'i', "one of higher priority does");
	sleep_until(clock_now() + 2 * NSEC_PER_MSEC);
	ok(memcmp(order, "ihnl", 4) == 0, "the rest in order of priority");

	for (uintptr_t i = 0; i < 3; i++)
		t[i] = create("spin", i < 2 ? PRIO_NORMAL : PRIO_LOW, 0, true, spin, (void *)i);
	sleep_until(clock_now() + 300 * NSEC_PER_MSEC);
	for (unsigned i = 0; i < 3; i++)
		run[i] = thread_run_time(t[i]);
	stop = true;
	for (unsigned i = 0; i < 3; i++)
		thread_join(t[i]);
	sum = run[0] + run[1];
	tap_note("spinning: %llu and %llu us, %llu us below", run[0] / 1000ull, run[1] / 1000ull,
	    run[2] / 1000ull);
	ok(turns[0] > 0 && turns[1] > 0 && run[0] > sum / 4 && run[1] > sum / 4,
	    "two spinning threads share the CPU");
	ok(run[2] < sum / 100, "one of lower priority gets nothing of it");
	ok(sum > 200 * NSEC_PER_MSEC, "time is accounted");
}

static void hand_on(void *arg)
{
	for (unsigned i = 0; i < 3; i++) {
		order[norder++] = (char)(uintptr_t)arg;
		thread_yield();
	}
}

static void test_yield(void)
{
	struct thread *a, *b;

	norder = 0;
	a = create("a", PRIO_NORMAL, 0, true, hand_on, (void *)'a');
	b = create("b", PRIO_NORMAL, 0, true, hand_on, (void *)'b');
	thread_join(a);
	thread_join(b);
	ok(memcmp(order, "ababab", 6) == 0, "yield takes turns");
	preempt_disable();
	norder = 0;
	(void)create("i", PRIO_IRQ, 0, false, note_order, (void *)'i');
	ok(norder == 0, "no preemption while disabled");
	preempt_enable();
	ok(norder == 1, "but then");
}

void test_threads(void)
{
	test_life();
	test_priorities();
	test_yield();
}

/* ---- time ---- */

static volatile unsigned fired;
static nsec_t fired_at[64];

static void fire(struct timer *t)
{
	(void)t;
	fired_at[fired++] = clock_now();
}

static void test_timers(void)
{
	static struct timer t[50];
	nsec_t start = clock_now(), late = 0;
	uint64_t seed = 7;
	bool sorted = true, early = false;

	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		seed = seed * 6364136223846793005ull + 1;
		timer_init(&t[i], fire);
		timer_set(&t[i], start + (10 + (seed >> 33) % 40) * NSEC_PER_MSEC);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(t); i += 5) {
		if (!timer_cancel(&t[i]))
			sorted = false;
		t[i].deadline = 0;
	}
	ok(sorted && !timer_cancel(&t[0]), "cancel");
	sleep_until(start + 60 * NSEC_PER_MSEC);
	ok(fired == 40, "the others fire");
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {	/* by deadline, as they should have fired */
		unsigned rank = 0;

		if (t[i].deadline == 0)
			continue;
		for (unsigned k = 0; k < ARRAY_SIZE(t); k++)
			rank += t[k].deadline != 0 && t[k].deadline < t[i].deadline;
		early |= fired_at[rank] < t[i].deadline;
		late = MAX(late, fired_at[rank] - t[i].deadline);
	}
	tap_note("at most %llu us late", late / 1000ull);
	ok(!early, "none early, in order");
	ok(!timer_cancel(&t[1]), "a timer that has fired is not set");
}

void test_time(void)
{
	nsec_t a, b, worst = 0, wall;
	char word[8];
	bool backwards = false;
	unsigned late = 0;

	a = clock_now();
	for (unsigned i = 0; i < 20000; i++) {
		b = clock_now();
		backwards |= b < a;
		a = b;
	}
	ok(!backwards && a > 0, "the clock does not go back");
	for (unsigned i = 0; i < 20; i++) {
		a = clock_now() + (1 + i % 5) * NSEC_PER_MSEC;
		sleep_until(a);
		b = clock_now();
		backwards |= b < a;
		worst = MAX(worst, b - a);
		late += b - a > 5 * NSEC_PER_MSEC;
	}
	tap_note("sleeps end at most %llu us late", worst / 1000ull);
	ok(!backwards, "no sleep is short");
	/* The machine under QEMU may stand still now and then. */
	ok(late < 10, "most are not more than 5 ms too long");
	a = clock_now();
	clock_delay(300 * NSEC_PER_USEC);
	ok(clock_now() - a >= 300 * NSEC_PER_USEC, "busy waiting");
	wall = clock_wall();
	tap_note("the wall clock says %llu s", (unsigned long long)(wall / NSEC_PER_SEC));
	if (boot_option("nortc", word, sizeof(word)) >= 0)
		ok(true, "it is later than 2024 # SKIP this machine has no clock that it knows the time from");
	else
		ok(wall > 1704067200 * NSEC_PER_SEC, "it is later than 2024");
	clock_set_wall(wall + 1000 * NSEC_PER_SEC);
	ok(clock_wall() - wall - 1000 * NSEC_PER_SEC < NSEC_PER_SEC, "the wall clock can be set");
	test_timers();
}
