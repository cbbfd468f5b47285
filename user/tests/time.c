/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time on the CPUs: what is used is counted, who spins is preempted. With several CPUs the same
 * holds, if more easily. To be run in time that is counted in instructions: what is said of
 * durations holds on a quiet machine.
 */
#include "tap.h"

#define MS		1000000ul
#define SPINNERS	6		/* more than CPUs */
#define LOW		8

static struct {
	volatile unsigned long	rounds[SPINNERS];
	volatile unsigned	started;
} *shared;

static void set_priority(unsigned value)
{
	(void)syscall6(SYS_PRIORITY, value, 0, 0, 0, 0, 0);
}

/* Without a system call, for ever. */
static void spin(unsigned i, unsigned priority)
{
	if (priority != 0)
		set_priority(priority);
	__atomic_add_fetch(&shared->started, 1, __ATOMIC_SEQ_CST);
	for (;;)
		shared->rounds[i]++;
}

static unsigned long start(unsigned i, unsigned priority)
{
	long process = sys_fork();

	if (process == 0)
		spin(i, priority);
	return (unsigned long)process;
}

static void wait_started(unsigned n)
{
	while (shared->started < n)
		sleep_ns(MS / 2);
}

static bool stop(unsigned long process)
{
	struct wait_info info;

	return sys_kill(process, 0) == 0 && sys_wait(process, DEADLINE_NEVER, &info) == (long)process &&
	    sys_cap_close(process) == 0 && info.reason == END_KILL;
}

static unsigned long time_of(unsigned least)
{
	struct info_process info = { 0 };

	(void)sys_info(HANDLE_SYSTEM, INFO_PROCESS, least, &info, sizeof(info));
	return info.time;
}

/* The only child has the id above the only parent's. */
static void test_accounting(void)
{
	unsigned long child, own, its, begin, took;

	memset(shared, 0, sizeof(*shared));
	child = start(0, 0);
	wait_started(1);
	own = time_of(1);
	its = time_of(2);
	begin = sys_clock();
	sleep_ns(60 * MS);
	took = sys_clock() - begin;
	its = time_of(2) - its;
	own = time_of(1) - own;
	ok(its > took / 2 && its <= took + 10 * MS, "a process that spins: %lu of %lu us", its / 1000,
	    took / 1000);
	ok(own < took / 4, "one that sleeps meanwhile: %lu us", own / 1000);
	ok(stop(child), "it is killed");
}

static void test_preemption(void)
{
	unsigned long process[SPINNERS], begin, longest = 0;
	unsigned got = 0;
	bool good = true;

	memset(shared, 0, sizeof(*shared));
	for (unsigned i = 0; i < SPINNERS; i++)
		process[i] = start(i, 0);
	wait_started(SPINNERS);
	for (unsigned i = 0; i < 20; i++) {
		begin = sys_clock();
		sleep_ns(MS);
		longest = MAX(longest, sys_clock() - begin);
	}
	ok(longest < 100 * MS, "beside %u as urgent that spin, a sleep of 1 ms takes at most %lu us",
	    SPINNERS, longest / 1000);
	for (unsigned i = 0; i < SPINNERS; i++)
		got += shared->rounds[i] > 1000;
	ok(got == SPINNERS, "each of them gets on");
	for (unsigned i = 0; i < SPINNERS; i++)
		good &= stop(process[i]);
	ok(good, "they are killed");
}

/* Somebody low, as a shell might be, while the CPUs are all with those more urgent. */
static void test_urgent(void)
{
	unsigned long process[SPINNERS], low, before, after = 0;
	bool good = true;

	memset(shared, 0, sizeof(*shared));
	for (unsigned i = 1; i < SPINNERS; i++)
		process[i] = start(i, 0);
	wait_started(SPINNERS - 1);
	low = start(0, LOW);
	sleep_ns(30 * MS);
	for (unsigned i = 1; i < SPINNERS; i++)
		good &= stop(process[i]);
	ok(good, "spinners that are more urgent than another: who is as urgent as they ends them");
	before = shared->rounds[0];
	for (unsigned i = 0; i < 1000 && after <= before + 1000; i++) {
		sleep_ns(MS);
		after = shared->rounds[0];
	}
	ok(after > before + 1000, "then the other gets on");
	ok(stop(low), "it is killed, too");
}

static void test_low(void)
{
	unsigned long process[SPINNERS], begin, took;
	bool good = true;

	memset(shared, 0, sizeof(*shared));
	for (unsigned i = 0; i < SPINNERS; i++)
		process[i] = start(i, LOW);
	wait_started(SPINNERS);
	begin = sys_clock();
	for (unsigned i = 0; i < 50; i++)
		sleep_ns(MS / 10);
	took = sys_clock() - begin;
	ok(took < 100 * MS, "who is more urgent than those that spin does not wait: 50 sleeps of 100 us "
	    "take %lu us", took / 1000);
	for (unsigned i = 0; i < SPINNERS; i++)
		good &= stop(process[i]);
	ok(good, "they are killed");
	ok(syscall6(SYS_PRIORITY, 31, 0, 0, 0, 0, 0) == -E_INVAL &&
	    syscall6(SYS_PRIORITY, 0, 0, 0, 0, 0, 0) == -E_INVAL, "nobody makes himself more urgent");
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	shared = shared_page();
	test_accounting();
	test_preemption();
	test_urgent();
	test_low();
	return tap_done();
}
