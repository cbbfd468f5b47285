/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz [SEED [COUNT]]: processes that make system calls with random numbers, pointers, lengths and
 * handles. The kernel lives, and no other process is touched.
 */
#include "tap.h"

#define CALLS		200		/* of a process */
#define CANARY		0x5ca1ab1e0ddba11ul

static uint64_t seed;
static unsigned char block[4 * PAGE] __attribute__((__aligned__(4096)));

/* Another process's memory: what it keeps in it stays. */
static volatile unsigned long canary[1024];

static unsigned long value(void)
{
	static const unsigned long edges[] = {
		0, 1, 2, 3, 7, 8, PAGE - 1, PAGE, PAGE + 1, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7ffffffff000, 0x800000000000, 0xffff000000000000, 0xffff800000000000, ~0ul, ~0ul - 1,
		~0xffful, 1ul << 63, (1ul << 63) - 1, TAG_CAP, TAG_TIMED, 0x10000, 0x200000,
	};
	unsigned long v = seed;

	switch (roll(&seed, 6)) {
	case 0:
		return edges[roll(&seed, ARRAY_SIZE(edges))];
	case 1:
		return roll(&seed, 16);			/* handles, small numbers */
	case 2:
		return (unsigned long)block + roll(&seed, sizeof(block));
	case 3:
		return PAGE * roll(&seed, 64);
	case 4:
		return (unsigned long)block + PAGE * roll(&seed, 4);
	default:
		return v >> roll(&seed, 64);
	}
}

/* Not those that end the machine, or that wait for somebody who does not come. */
static bool allowed(unsigned long number, const unsigned long a[6])
{
	switch (number) {
	case SYS_RESET:
	case SYS_DEVICE:		/* it may name a device, which it could then break */
	case SYS_PORT_WRITE:
		return false;
	case SYS_FORK:
		return roll(&seed, 8) == 0;
	case SYS_EXIT:
	case SYS_THREAD_EXIT:
		return roll(&seed, 50) == 0;
	case SYS_KILL:
		return roll(&seed, 10) == 0;
	case SYS_LOG:
		return a[1] > LOG_MAX || a[0] < PAGE;
	default:
		return true;
	}
}

static void fuzz(void)
{
	for (unsigned i = 0; i < CALLS; i++) {
		unsigned long a[6], number = roll(&seed, 20) == 0 ? value() : roll(&seed, SYS_COUNT);

		for (unsigned k = 0; k < 6; k++)
			a[k] = value();
		if (allowed(number, a))
			(void)syscall6((long)number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

/* It has a few objects of each kind; what waits too long is killed by the other one. */
static void child(void)
{
	const unsigned long limit[LIMITS] = { 500, 100, 20, 5 };
	long memory = sys_memory(2 * PAGE, 0), process;

	(void)sys_group(HANDLE_SYSTEM, limit);
	(void)sys_cap_close(HANDLE_SYSTEM);
	(void)sys_cap_inherit((unsigned long)memory, true);
	(void)sys_memory_map((unsigned long)memory, 0, PAGE, 0, MAP_R | MAP_W);
	(void)sys_endpoint();
	(void)sys_notification();
	process = sys_fork();
	if (process == 0)
		seed = ~seed;
	fuzz();
}

static bool canary_good(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(canary); i++) {
		if (canary[i] != CANARY + i)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? (unsigned)string_number(argv[2], NULL) : 300, ends[5] = { 0 };
	struct info_process info;
	struct wait_info ended;
	bool good = true;
	long process;

	seed = argc > 1 ? string_number(argv[1], NULL) : 1;
	for (unsigned i = 0; i < ARRAY_SIZE(canary); i++)
		canary[i] = CANARY + i;
	(void)sys_cap_inherit(HANDLE_SYSTEM, true);
	for (unsigned i = 0; i < count && good; i++) {
		(void)roll(&seed, 1);
		process = sys_fork();
		if (process == 0) {
			child();
			sys_exit(0);
		}
		good &= process > 0;
		if (sys_wait((unsigned long)process, sys_clock() + 20000000, &ended) == -E_TIMEDOUT) {
			good &= sys_kill((unsigned long)process, 1) == 0;
			good &= sys_wait((unsigned long)process, DEADLINE_NEVER, &ended) == process;
		}
		ends[ended.reason % ARRAY_SIZE(ends)]++;
		(void)sys_cap_close((unsigned long)process);
		/* Those that it has left behind. */
		for (unsigned id = 2; sys_info(HANDLE_SYSTEM, INFO_PROCESS, id, &info, sizeof(info)) > 0;
		    id = info.id + 1) {
			process = sys_process(HANDLE_SYSTEM, info.id);
			if (process < 0)
				continue;
			(void)sys_kill((unsigned long)process, 1);
			good &= sys_wait((unsigned long)process, DEADLINE_NEVER, &ended) == process;
			(void)sys_cap_close((unsigned long)process);
		}
		good &= canary_good();
	}
	ok(good, "%u processes of random system calls, of which %u exit, %u are killed, %u fault", count,
	    ends[END_EXIT], ends[END_KILL], ends[END_FAULT] + ends[END_EXCEPTION] + ends[END_NOMEM]);
	return tap_done();
}
