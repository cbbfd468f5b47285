/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything at once, in random order, for a while: threads of all priorities, on all CPUs, that
 * lock, wait, sleep, allocate, map and end, with timers going off. "seconds=N" says how long;
 * "seed=N".
 */
#include <nucleus/smp.h>

#include "tap.h"

#define WORKERS		12
#define ROOMS		4
#define SLOTS		16

/* A bounded buffer of numbers: what is put in must come out once. */
struct room {
	struct mutex	m;
	struct cond	filled, emptied;
	unsigned	n;
	uint64_t	value[SLOTS];
};

static struct room rooms[ROOMS];
static struct mutex nest[3] = { MUTEX_INIT(nest[0]), MUTEX_INIT(nest[1]), MUTEX_INIT(nest[2]) };
static unsigned inside[3];
static volatile bool stop;
static uint64_t put_sum, got_sum, errors, rounds, short_lived;
static nsec_t end_time;

static uint32_t roll(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*seed >> 33) % n;
}

static void expect(bool cond)
{
	if (!cond)
		__atomic_add_fetch(&errors, 1, __ATOMIC_RELAXED);
}

static void put(struct room *r, uint64_t v)
{
	mutex_lock(&r->m);
	while (r->n == SLOTS && !stop)
		(void)cond_wait(&r->emptied, &r->m, clock_now() + 20 * NSEC_PER_MSEC);
	if (r->n < SLOTS) {
		r->value[r->n++] = v;
		__atomic_add_fetch(&put_sum, v, __ATOMIC_RELAXED);
		cond_signal(&r->filled);
	}
	mutex_unlock(&r->m);
}

static void get(struct room *r, nsec_t patience)
{
	nsec_t deadline = clock_now() + patience;
	int error = 0;

	mutex_lock(&r->m);
	while (r->n == 0 && error == 0)
		error = cond_wait(&r->filled, &r->m, deadline);
	expect(error == 0 || (error == E_TIMEDOUT && clock_now() >= deadline));
	if (r->n > 0) {
		__atomic_add_fetch(&got_sum, r->value[--r->n], __ATOMIC_RELAXED);
		cond_broadcast(&r->emptied);
	}
	mutex_unlock(&r->m);
}

/* Mutexes within each other, always in one order; nobody else is where we are. */
static void nested(uint64_t *seed)
{
	unsigned depth = 1 + roll(seed, 3);

	for (unsigned i = 0; i < depth; i++) {
		mutex_lock(&nest[i]);
		expect(inside[i]++ == 0);
	}
	if (roll(seed, 8) == 0)
		sleep_until(clock_now() + roll(seed, 300) * NSEC_PER_USEC);
	else if (roll(seed, 2) == 0)
		thread_yield();
	for (unsigned i = depth; i-- > 0; ) {
		expect(--inside[i] == 0);
		mutex_unlock(&nest[i]);
	}
}

static void memory(uint64_t *seed)
{
	size_t len = 1 + roll(seed, 40000);
	bool mapped = roll(seed, 4) == 0;
	uint32_t mark = roll(seed, 1u << 30);
	uint8_t *p = mapped ? kva_alloc(ROUND_UP(len, PAGE_SIZE)) : heap_alloc(len);

	if (p == NULL)
		return;
	memset(p, (int)mark, len);
	if (roll(seed, 2) == 0)
		thread_yield();
	expect(p[0] == (uint8_t)mark && p[len - 1] == (uint8_t)mark && p[len / 2] == (uint8_t)mark);
	if (mapped)
		kva_free(p, ROUND_UP(len, PAGE_SIZE));
	else
		heap_free(p);
}

static void little(void *arg)
{
	__atomic_add_fetch((uint64_t *)arg, 1, __ATOMIC_RELAXED);
}

static void threads(uint64_t *seed)
{
	uint64_t ran = 0;
	struct thread *t;

	if (roll(seed, 2) == 0) {
		t = thread_create("little", 1 + roll(seed, PRIO_MAX), 0, true, little, &ran);
		if (t != NULL) {
			thread_join(t);
			expect(ran == 1);
		}
	} else {
		(void)thread_create("little", 1 + roll(seed, PRIO_MAX), 0, false, little, &short_lived);
	}
}

static void tick(struct timer *t)
{
	if (!stop)
		timer_set(t, clock_now() + 37 * NSEC_PER_USEC);
}

static void worker(void *arg)
{
	uint64_t seed = (uint64_t)(uintptr_t)arg;
	nsec_t before;

	while (!stop) {
		struct room *r = &rooms[roll(&seed, ROOMS)];

		switch (roll(&seed, 8)) {
		case 0:
		case 1:
			put(r, roll(&seed, 1000000));
			break;
		case 2:
		case 3:
			get(r, roll(&seed, 2000) * NSEC_PER_USEC);
			break;
		case 4:
			nested(&seed);
			break;
		case 5:
			memory(&seed);
			break;
		case 6:
			threads(&seed);
			break;
		case 7:
			before = clock_now() + roll(&seed, 500) * NSEC_PER_USEC;
			sleep_until(before);
			expect(clock_now() >= before);
			thread_set_prio(thread_self(), 1 + roll(&seed, PRIO_HIGH));
			break;
		}
		__atomic_add_fetch(&rounds, 1, __ATOMIC_RELAXED);
	}
}

static uint64_t option(const char *name, uint64_t usual)
{
	char word[24];

	return boot_option(name, word, sizeof(word)) > 0 ? string_number(word, NULL) : usual;
}

static void run(uint64_t seed, nsec_t length)
{
	struct thread *t[WORKERS];
	static struct timer ticks[3];

	stop = false;
	end_time = clock_now() + length;
	for (unsigned i = 0; i < ARRAY_SIZE(ticks); i++) {
		timer_init(&ticks[i], tick);
		timer_set(&ticks[i], clock_now() + i);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		void *arg = (void *)(uintptr_t)(seed * 100 + i);

		t[i] = i % 3 != 0 ? thread_create("worker", 1 + i * 2, 0, true, worker, arg) :
		    thread_create_on(&cpus[i % cpu_count], "worker", 1 + i * 2, 0, true, worker, arg);
	}
	sleep_until(end_time);
	stop = true;
	for (unsigned i = 0; i < WORKERS; i++)
		thread_join(t[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(ticks); i++)
		(void)timer_cancel(&ticks[i]);
	sleep_until(clock_now() + 10 * NSEC_PER_MSEC);
}

void test_stress(void)
{
	uint64_t seed = option("seed", 1), seconds = option("seconds", 3), left = 0;
	size_t blocks, pages;

	for (unsigned i = 0; i < ROOMS; i++) {
		mutex_init(&rooms[i].m);
		cond_init(&rooms[i].filled);
		cond_init(&rooms[i].emptied);
	}
	run(seed, NSEC_PER_SEC / 2);
	blocks = heap_blocks();
	pages = free_pages();
	run(seed + 1, seconds * NSEC_PER_SEC);
	for (unsigned i = 0; i < ROOMS; i++) {
		while (rooms[i].n > 0)
			left += rooms[i].value[--rooms[i].n];
	}
	tap_note("%llu rounds, seed %llu", (unsigned long long)rounds, (unsigned long long)seed);
	ok(rounds > 100, "much happened");
	ok(errors == 0, "no error");
	ok(put_sum == got_sum + left, "what was put was got, once");
	/* Stacks are kept, up to a number; and an empty slab of each class. */
	ok(free_pages() + 60 >= pages && heap_blocks() <= blocks + 8, "no memory is lost");
}
