/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes of the donor under host threads that really run at once: a mutex, a condition, wake and
 * requeue, time, and the operations that change the word.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "common.h"
#include "tap.h"

#define THREADS		8
#define ROUNDS		(5000 * env_long("TEST_SCALE", 1))

static long futex(void *word, int op, uint32_t val, uint32_t val3)
{
	return pillion_sys_futex(word, op, val, NULL, NULL, val3);
}

/* The three-state mutex: 0 free, 1 held, 2 held and perhaps waited for. */
static atomic_uint mutex;
static long counter;
static int private_flag;
static atomic_long bad_waits;

static void lock(void)
{
	unsigned c = 0;

	if (atomic_compare_exchange_strong(&mutex, &c, 1))
		return;
	if (c != 2)
		c = atomic_exchange(&mutex, 2);
	while (c) {
		long r = futex(&mutex, FUTEX_WAIT | private_flag, 2, 0);

		if (r && r != -EAGAIN)
			atomic_fetch_add(&bad_waits, 1);
		c = atomic_exchange(&mutex, 2);
	}
}

static void unlock(void)
{
	if (atomic_exchange(&mutex, 0) == 2)
		futex(&mutex, FUTEX_WAKE | private_flag, 1, 0);
}

static long contend(void *arg)
{
	long rounds = ROUNDS;

	(void)arg;
	for (long i = 0; i < rounds; i++) {
		lock();
		counter++;
		if (i % 64 == 0)
			pillion_sys_sched_yield();
		unlock();
	}
	return 0;
}

static void test_mutex(const char *kind, int flag)
{
	struct worker w[THREADS];

	private_flag = flag;
	counter = 0;
	for (int i = 0; i < THREADS; i++)
		worker_start(&w[i], 0, contend, NULL);
	for (int i = 0; i < THREADS; i++)
		worker_join(&w[i]);
	is(counter, THREADS * ROUNDS, "a mutex of %d threads, %s futex", THREADS, kind);
	is(bad_waits, 0, "each wait was one");
	bad_waits = 0;
}

/* Ping-pong: each waits for its number, no wake-up may be lost. */
static atomic_uint turn;

static long player(void *arg)
{
	unsigned me = (unsigned)(long)arg, now, rounds = (unsigned)ROUNDS;

	for (unsigned i = 0; i < rounds; i++) {
		while ((now = atomic_load(&turn)) % 2 != me) {
			long r = futex(&turn, FUTEX_WAIT_PRIVATE, now, 0);

			if (r && r != -EAGAIN)
				return r;
		}
		atomic_fetch_add(&turn, 1);
		futex(&turn, FUTEX_WAKE_PRIVATE, 1, 0);
	}
	return 0;
}

static void test_ping_pong(void)
{
	struct worker a, b;

	worker_start(&a, 0, player, (void *)0);
	worker_start(&b, 0, player, (void *)1);
	ok(worker_join(&a) == 0 && worker_join(&b) == 0, "two threads take turns");
	is(turn, 2 * ROUNDS, "as often as they should");
}

static uint32_t words[2];

static long wait_on(void *arg)
{
	return futex(arg, FUTEX_WAIT_PRIVATE, 0, 0);
}

static void start_waiters(struct worker *w, int n, uint32_t *word)
{
	for (int i = 0; i < n; i++) {
		worker_start(&w[i], 0, wait_on, word);
		worker_asleep(&w[i]);
	}
}

static int join_all(struct worker *w, int n)
{
	int good = 1;

	for (int i = 0; i < n; i++)
		good &= worker_join(&w[i]) == 0;
	return good;
}

static void test_wake(void)
{
	struct worker w[6];
	struct timespec soon = { 0, 5000000 };
	long r;

	is(futex(words, FUTEX_WAIT_PRIVATE, 1, 0), -EAGAIN, "the word has another value");
	is(futex((char *)words + 2, FUTEX_WAIT_PRIVATE, 0, 0), -EINVAL, "a misaligned word");
	is(futex((void *)8, FUTEX_WAIT_PRIVATE, 0, 0), -EFAULT, "a bad address");
	is(futex(words, 77, 0, 0), -ENOSYS, "a bad operation");
	is(pillion_sys_futex(words, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0), -ETIMEDOUT, "a timeout");
	is(futex(words, FUTEX_WAKE_PRIVATE, 10, 0), 0, "nobody to wake");
	start_waiters(w, 6, words);
	is(futex(words, FUTEX_WAKE_PRIVATE, 2, 0), 2, "wake two of six");
	r = pillion_sys_futex(words, FUTEX_REQUEUE_PRIVATE, 1, (void *)2, words + 1, 0);
	is(r, 3, "wake one, requeue two");
	is(futex(words, FUTEX_WAKE_PRIVATE, 10, 0), 1, "one was left");
	is(futex(words + 1, FUTEX_WAKE_PRIVATE, 10, 0), 2, "the two are at the second word");
	ok(join_all(w, 6), "all come back");
	start_waiters(w, 2, words);
	is(futex(words, FUTEX_WAKE_BITSET_PRIVATE, 1, 1), 1, "wake by bits");
	is(futex(words, FUTEX_WAKE_PRIVATE, 1, 0), 1, "and the other");
	ok(join_all(w, 2), "both come back");
	r = pillion_sys_futex(words, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, words + 1, 9);
	is(r, -EAGAIN, "compare and requeue: another value");
}

static long wake_op(int op, int oparg, int cmp, int cmparg)
{
	return pillion_sys_futex(words, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, words + 1,
	    (uint32_t)FUTEX_OP(op, oparg, cmp, cmparg));
}

static void test_wake_op(void)
{
	struct worker w[2];

	words[0] = words[1] = 0;
	start_waiters(&w[0], 1, words);
	start_waiters(&w[1], 1, words + 1);
	is(wake_op(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0), 2, "FUTEX_WAKE_OP wakes at both");
	is(words[1], 5, "and adds");
	ok(join_all(w, 2), "both come back");
	wake_op(FUTEX_OP_SET, 12, FUTEX_OP_CMP_EQ, 1);
	is(words[1], 12, "sets");
	wake_op(FUTEX_OP_OR, 3, FUTEX_OP_CMP_EQ, 1);
	is(words[1], 15, "ors");
	wake_op(FUTEX_OP_ANDN, 5, FUTEX_OP_CMP_EQ, 1);
	is(words[1], 10, "and-nots");
	wake_op(FUTEX_OP_XOR, 3, FUTEX_OP_CMP_EQ, 1);
	is(words[1], 9, "xors");
	words[1] = 0;
}

/* FUTEX_WAKE_OP's change is atomic against the host's own. */
static long add_by_futex(void *arg)
{
	for (int i = 0; i < 20000; i++)
		if (wake_op(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 1) < 0)
			return -1;
	(void)arg;
	return 0;
}

static void *add_by_host(void *arg)
{
	for (int i = 0; i < 200000; i++)
		atomic_fetch_add((atomic_uint *)(void *)&words[1], 1);
	return arg;
}

static void test_wake_op_races(void)
{
	struct worker w[2];
	pthread_t t;

	words[1] = 0;
	worker_start(&w[0], 0, add_by_futex, NULL);
	worker_start(&w[1], 0, add_by_futex, NULL);
	pthread_create(&t, NULL, add_by_host, NULL);
	ok(join_all(w, 2), "FUTEX_WAKE_OP beside the host's own atomics");
	pthread_join(t, NULL);
	is(words[1], 240000, "no addition is lost");
	words[1] = 0;
}

static uint32_t pi;

static long pi_contend(void *arg)
{
	uint32_t tid = (uint32_t)pillion_sys_gettid(), expected;
	long r;

	(void)arg;
	for (int i = 0; i < 500; i++) {
		expected = 0;
		if (!__atomic_compare_exchange_n(&pi, &expected, tid, false, __ATOMIC_SEQ_CST,
		    __ATOMIC_SEQ_CST)) {
			r = futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, 0);
			if (r)
				return r;
		}
		counter++;
		if (i % 16 == 0)
			pillion_sys_sched_yield();
		expected = tid;
		if (!__atomic_compare_exchange_n(&pi, &expected, 0, false, __ATOMIC_SEQ_CST,
		    __ATOMIC_SEQ_CST)) {
			r = futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, 0);
			if (r)
				return r;
		}
	}
	return 0;
}

static void test_pi(void)
{
	struct worker w[4];
	long r = futex(&pi, FUTEX_TRYLOCK_PI_PRIVATE, 0, 0);

	if (r == -ENOSYS) {
		skip("priority-inheriting futexes", "not in this configuration");
		return;
	}
	is(r, 0, "trylock of a priority-inheriting futex");
	is((long)pi, pillion_sys_gettid(), "the word has the owner");
	is(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, 0), -EDEADLK, "locking it twice is seen");
	is(futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, 0), 0, "unlock");
	counter = 0;
	for (int i = 0; i < 4; i++)
		worker_start(&w[i], 0, pi_contend, NULL);
	ok(join_all(w, 4), "four threads contend for it");
	is(counter, 2000, "one at a time");
}

/* The absolute time of FUTEX_WAIT_BITSET, both clocks; nothing returns early. */
static void test_time(void)
{
	static const int flags[] = { 0, FUTEX_CLOCK_REALTIME };
	struct timespec ts;
	int64_t begin, took;

	for (int i = 0; i < 2; i++) {
		pillion_sys_clock_gettime(i ? CLOCK_REALTIME : CLOCK_MONOTONIC, &ts);
		begin = now_ns();
		ts.tv_nsec += 20000000;
		if (ts.tv_nsec >= 1000000000) {
			ts.tv_nsec -= 1000000000;
			ts.tv_sec++;
		}
		is(pillion_sys_futex(words, FUTEX_WAIT_BITSET_PRIVATE | flags[i], 0, &ts, NULL, ~0u),
		    -ETIMEDOUT, "an absolute time of the %s clock", i ? "wall" : "monotonic");
		took = now_ns() - begin;
		ok(took >= 19000000 && took < 10000000000, "20 ms, not earlier (%ld us)", (long)(took / 1000));
	}
}

/* Several at once, with and without the flag that says that no other process has them. */
static long waitv(uint32_t *second, unsigned flags, struct timespec *until)
{
	struct futex_waitv w[2] = {
		{ .uaddr = (uintptr_t)words, .flags = FUTEX_32 | flags },
		{ .uaddr = (uintptr_t)second, .flags = FUTEX_32 | flags },
	};

	return pillion_sys_futex_waitv(w, 2, 0, until, CLOCK_MONOTONIC);
}

static _Atomic unsigned waitv_flags;

static long in_waitv(void *arg)
{
	return waitv(arg, waitv_flags, NULL);
}

static void test_waitv(void)
{
	static const unsigned flags[] = { FUTEX_PRIVATE_FLAG, 0 };
	static uint32_t word;
	struct timespec past = { 0, 1 };
	struct worker w;

	for (int i = 0; i < 2; i++) {
		const char *kind = i ? "shared" : "private";

		is(waitv(&word, flags[i], &past), -ETIMEDOUT, "futex_waitv on two %s words", kind);
		is(waitv(NULL, flags[i], &past), -EFAULT, "one of them nowhere");
		waitv_flags = flags[i];
		worker_start(&w, 0, in_waitv, &word);
		ok(worker_asleep(&w), "a thread waits");
		is(futex(&word, FUTEX_WAKE | flags[i], 1, 0), 1, "a wake-up of the second");
		is(worker_join(&w), 1, "says which it was");
	}
	is(pillion_sys_futex_waitv((void *)8, 2, 0, &past, CLOCK_MONOTONIC), -EFAULT, "no array");
	is(pillion_sys_futex_waitv((void *)8, 129, 0, &past, CLOCK_MONOTONIC), -EINVAL, "too many");
}

int main(void)
{
	tap_begin();
	boot(NULL);
	test_mutex("a private", FUTEX_PRIVATE_FLAG);
	test_mutex("a shared", 0);
	test_ping_pong();
	test_wake();
	test_wake_op();
	test_wake_op_races();
	test_pi();
	test_time();
	test_waitv();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
