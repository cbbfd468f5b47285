/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What native processes cost, in nanoseconds, which under -icount shift=0 are instructions. The
 * bounds are those that are promised.
 */
#include "tap.h"

#define TIMES	100
#define PAGES	256ul
#define APART	300ul
#define MANY	8192ul

static unsigned long fork_base;

static unsigned long per_call(void (*fn)(void))
{
	unsigned long start;

	fn();
	start = sys_clock();
	for (unsigned i = 0; i < TIMES; i++)
		fn();
	return (sys_clock() - start) / TIMES;
}

static unsigned long per_null(void)
{
	unsigned long start = sys_clock();

	for (unsigned i = 0; i < TIMES; i++)
		(void)syscall6(SYS_NULL, 0, 0, 0, 0, 0, 0);
	return (sys_clock() - start) / TIMES;
}

static void fork_exit_wait(void)
{
	struct wait_info info;
	long process = sys_fork();

	if (process == 0)
		sys_exit(0);
	(void)sys_wait((unsigned long)process, DEADLINE_NEVER, &info);
	(void)sys_cap_close((unsigned long)process);
}

static volatile char *map(void)
{
	return (volatile char *)sys_map(0, PAGES * PAGE, MAP_R | MAP_W);
}

static unsigned long touch(volatile char *p)
{
	unsigned long start = sys_clock();

	for (unsigned long i = 0; i < PAGES; i++)
		p[i * PAGE] = 1;
	return (sys_clock() - start) / PAGES;
}

/* What clearing or copying a page takes here, as a program does it. */
static unsigned long clear(volatile char *p)
{
	unsigned long start = sys_clock();

	for (unsigned long i = 0; i < PAGES; i++)
		memset((void *)(p + i * PAGE), 0, PAGE);
	return (sys_clock() - start) / PAGES;
}

static unsigned long copy(volatile char *p)
{
	unsigned long start = sys_clock();

	for (unsigned long i = 1; i < PAGES; i++)
		memcpy((void *)(p + i * PAGE), (void *)(p + (i - 1) * PAGE), PAGE);
	return (sys_clock() - start) / (PAGES - 1);
}

static void test_faults(void)
{
	volatile char *p = map();
	unsigned long zero = touch(p), clearing = clear(p), copying = copy(p), fork_full, own, shared;
	struct wait_info info;
	long process;

	fork_full = per_call(fork_exit_wait);
	ok(fork_full < fork_base + 60 * PAGES, "fork, exit, wait: %lu a mapped page, at most 60",
	    (fork_full - fork_base) / PAGES);
	ok(zero < clearing + 1000, "fault, demand zero: %lu beyond clearing (%lu), at most 1000",
	    zero - clearing, clearing);
	own = touch(p);
	ok(own < 1000, "fault, the page is one's own again: %lu, at most 1000", own);
	process = sys_fork();
	if (process == 0) {
		shared = touch(p);
		sys_exit(shared < copying + 1000 ? 0 : (int)((shared - copying) / 100));
	}
	(void)sys_wait((unsigned long)process, DEADLINE_NEVER, &info);
	ok(info.status == 0, "fault, copy on write: at most 1000 beyond copying (%lu)", copying);
}

/*
 * A page at each GiB, which has tables of its own; those of the last level go with it. Then all of
 * that is copied, and unmapped.
 */
static void far_and_wide(void)
{
	const unsigned long each = 1ul << 30, table = 1ul << 21;
	unsigned long at = (unsigned long)sys_map(0, APART * each, MAP_R | MAP_W);

	for (unsigned long i = 0; i < APART; i++) {
		unsigned long va = ((at + table - 1) & -table) + i * each;

		*(volatile char *)va = 1;
		(void)sys_unmap(va, table);
		(void)sys_map(va, table, MAP_R | MAP_W);
	}
	fork_exit_wait();
	(void)sys_unmap(at, APART * each);
}

/* Many pages of which all is changed at once. */
static void many(void)
{
	unsigned long at = (unsigned long)sys_map(0, MANY * PAGE, MAP_R | MAP_W);

	for (unsigned long i = 0; i < MANY; i++)
		*(volatile char *)(at + i * PAGE) = 1;
	(void)sys_protect(at, MANY * PAGE, MAP_R);
	(void)sys_protect(at, MANY * PAGE, MAP_R | MAP_W);
	fork_exit_wait();
	(void)sys_unmap(at, MANY * PAGE);
}

/* The longest time for which somebody who is more urgent is kept from running. */
static void test_latency(const char *what, void (*fn)(void))
{
	unsigned long until, late = 0;
	struct wait_info info;
	long process = sys_fork(), result;

	if (process == 0) {
		(void)syscall6(SYS_PRIORITY, 1, 0, 0, 0, 0, 0);
		fn();
		sys_exit(0);
	}
	do {
		until = sys_clock() + 20000;
		result = sys_wait((unsigned long)process, until, &info);
		if (result == -E_TIMEDOUT)
			late = MAX(late, sys_clock() - until);
	} while (result == -E_TIMEDOUT);
	ok(result == process && info.status == 0 && late < 100000,
	    "beside one with %s an urgent thread waits %lu, at most 100000", what, late);
	(void)sys_cap_close((unsigned long)process);
}

int main(int argc, char **argv)
{
	unsigned long null_call;

	(void)argc;
	(void)argv;
	(void)per_null();
	null_call = per_null();
	ok(null_call <= 100, "null call: %lu, at most 100", null_call);
	fork_base = per_call(fork_exit_wait);
	ok(fork_base <= 15000, "fork, exit, wait: %lu, at most 15000", fork_base);
	test_faults();
	test_latency("many empty tables", far_and_wide);
	test_latency("many pages", many);
	return tap_done();
}
