/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes and their priority inheritance, condition variables, wait queues with deadlines. */
#include "tap.h"

static struct mutex m1 = MUTEX_INIT(m1), m2 = MUTEX_INIT(m2);
static struct cond cv;
static volatile unsigned shared, wakes;
static volatile bool go;

static void pause_ms(unsigned n)
{
	sleep_until(clock_now() + n * NSEC_PER_MSEC);
}

/* Increments that would be lost if two were inside at once. */
static void increment(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 50; i++) {
		unsigned v;

		mutex_lock(&m1);
		v = shared;
		if (i % 10 == 0)
			pause_ms(1);
		else
			thread_yield();
		shared = v + 1;
		mutex_unlock(&m1);
	}
}

static void test_exclusion(void)
{
	struct thread *t[4];

	for (unsigned i = 0; i < 4; i++)
		t[i] = thread_create("inc", PRIO_NORMAL + i % 2, 0, true, increment, NULL);
	for (unsigned i = 0; i < 4; i++)
		thread_join(t[i]);
	ok(shared == 200, "mutual exclusion");
	ok(mutex_trylock(&m1) == 0 && mutex_held(&m1), "trylock");
	ok(mutex_trylock(&m1) == E_BUSY, "trylock of a held one");
	mutex_unlock(&m1);
	ok(!mutex_held(&m1), "unlocked");
}

/* ---- priority inheritance: low holds m1, mid holds m2 and waits for m1, high waits for m2 ---- */

static volatile unsigned done_low, done_high;
static volatile unsigned step;

static void low(void *arg)
{
	(void)arg;
	mutex_lock(&m1);
	while (!go)
		cpu_pause();
	done_low = ++step;
	mutex_unlock(&m1);
}

static void mid(void *arg)
{
	(void)arg;
	mutex_lock(&m2);
	mutex_lock(&m1);
	mutex_unlock(&m1);
	mutex_unlock(&m2);
}

static void high(void *arg)
{
	(void)arg;
	mutex_lock(&m2);
	done_high = ++step;
	mutex_unlock(&m2);
}

static void spin_until_high(void *arg)
{
	nsec_t end = clock_now() + 300 * NSEC_PER_MSEC;

	(void)arg;
	while (done_high == 0 && clock_now() < end)
		cpu_pause();
}

static void test_inheritance(void)
{
	struct thread *l, *m, *h, *s;
	nsec_t start;

	l = thread_create("low", PRIO_LOW, 0, true, low, NULL);
	pause_ms(2);
	m = thread_create("mid", PRIO_LOW + 1, 0, true, mid, NULL);
	pause_ms(2);
	ok(l->prio == PRIO_LOW + 1, "the owner inherits");
	h = thread_create("high", PRIO_HIGH, 0, true, high, NULL);
	pause_ms(2);
	ok(m->prio == PRIO_HIGH && l->prio == PRIO_HIGH, "through a chain");
	thread_set_prio(h, PRIO_HIGH - 1);
	ok(l->prio == PRIO_HIGH - 1, "follows a change");
	s = thread_create("spin", PRIO_NORMAL, 0, true, spin_until_high, NULL);
	start = clock_now();
	go = true;
	thread_join(h);
	ok(done_low == 1 && done_high == 2 && clock_now() - start < 250 * NSEC_PER_MSEC,
	    "a spinning thread of middle priority does not stand in the way");
	thread_join(l);
	thread_join(m);
	thread_join(s);
	ok(m1.owner == 0 && m2.owner == 0, "all are unlocked");
}

/* ---- conditions ---- */

static void wait_go(void *arg)
{
	(void)arg;
	mutex_lock(&m1);
	while (!go)
		(void)cond_wait(&cv, &m1, NSEC_NEVER);
	wakes++;
	mutex_unlock(&m1);
}

static void test_conditions(void)
{
	struct thread *t[3];
	nsec_t start = clock_now();
	int error;

	cond_init(&cv);
	go = false;
	mutex_lock(&m1);
	error = cond_wait(&cv, &m1, start + 5 * NSEC_PER_MSEC);
	ok(error == E_TIMEDOUT && mutex_held(&m1), "a wait that times out holds the mutex");
	ok(clock_now() - start >= 5 * NSEC_PER_MSEC, "not early");
	ok(cond_wait(&cv, &m1, start) == E_TIMEDOUT, "a deadline that has passed");
	mutex_unlock(&m1);
	for (unsigned i = 0; i < 3; i++)
		t[i] = thread_create("cv", PRIO_NORMAL, 0, true, wait_go, NULL);
	pause_ms(2);
	ok(cond_waiters(&cv) == 3, "three wait");
	mutex_lock(&m1);
	go = true;
	cond_signal(&cv);
	mutex_unlock(&m1);
	pause_ms(2);
	ok(wakes == 1, "signal wakes one");
	cond_broadcast(&cv);
	for (unsigned i = 0; i < 3; i++)
		thread_join(t[i]);
	ok(wakes == 3 && cond_waiters(&cv) == 0, "broadcast wakes all");
}

/* ---- waits that race with their deadline ---- */

static struct waitq wq = WAITQ_INIT(wq);
static volatile bool ended;
static unsigned woken, timed_out;

static void racer(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 300; i++) {
		unsigned long flags = spin_lock(&wq.lock);

		if (waitq_sleep(&wq, flags, clock_now() + 100 * NSEC_PER_USEC) == 0)
			woken++;
		else
			timed_out++;
	}
	ended = true;
}

void test_locks(void)
{
	unsigned sent = 0;
	struct thread *t;

	test_exclusion();
	test_inheritance();
	test_conditions();
	t = thread_create("racer", PRIO_HIGH, 0, true, racer, NULL);
	while (!ended) {
		unsigned long flags;

		clock_delay(10 * NSEC_PER_USEC);
		flags = spin_lock(&wq.lock);
		sent += waitq_wake_one(&wq);
		spin_unlock(&wq.lock, flags);
		sleep_until(clock_now() + 80 * NSEC_PER_USEC);
	}
	thread_join(t);
	tap_note("%u woken, %u timed out", woken, timed_out);
	ok(woken + timed_out == 300 && woken == sent, "each wake-up is counted once");
}
