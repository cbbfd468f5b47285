/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leak [SEED [COUNT]]: so many forks, and in their processes mappings, grants, revocations, calls
 * whose partners die, and crashes in random order, after which there are as many free pages and
 * objects of the kernel as before.
 */
#include "tap.h"

#define ORPHAN		2000000		/* ns for which a process waits that nobody may wake or kill */

static uint64_t seed;
static volatile uintptr_t nowhere = 8;
static unsigned depth;
static uint32_t word;

static bool chance(unsigned one_in)
{
	return roll(&seed, one_in) == 0;
}

static void use_memory(void)
{
	unsigned long pages = 1 + roll(&seed, 40), at, n;
	long address = sys_map(0, pages * PAGE, MAP_R | MAP_W);

	if (address < 0)
		return;
	for (unsigned i = 0; i < 10; i++) {
		at = roll(&seed, pages);
		n = 1 + roll(&seed, pages - at);
		switch (roll(&seed, 4)) {
		case 0:
			(void)sys_unmap((unsigned long)address + at * PAGE, n * PAGE);
			break;
		case 1:
			(void)sys_protect((unsigned long)address + at * PAGE, n * PAGE, MAP_R);
			break;
		case 2:
			(void)sys_map((unsigned long)address + at * PAGE, n * PAGE, MAP_R | MAP_W);
			break;
		default:
			(void)sys_map(0, n * PAGE, MAP_R);
		}
	}
	/* A fault, perhaps. */
	if (depth > 0)
		((volatile char *)address)[roll(&seed, pages) * PAGE] = 1;
	(void)sys_unmap((unsigned long)address, pages * PAGE);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void share_memory(void)
{
	struct wait_info info;
	long m = sys_memory((1 + roll(&seed, 8)) * PAGE, chance(4) ? MEMORY_DMA : 0), copy, at;

	if (m < 0)
		return;
	copy = sys_cap_copy((unsigned long)m, RIGHT_READ | RIGHT_WRITE, 0);
	(void)sys_cap_inherit((unsigned long)(chance(2) ? m : copy), true);
	at = sys_memory_map((unsigned long)(chance(2) ? m : copy), 0, PAGE, 0, MAP_R | MAP_W);
	if (at > 0)
		*(volatile char *)at = 1;
	if (chance(2)) {
		(void)in_child(nothing, NULL, &info);
		(void)sys_cap_revoke((unsigned long)m);
	}
	if (at > 0 && chance(2))
		(void)sys_unmap((unsigned long)at, PAGE);
	(void)sys_cap_close((unsigned long)m);
	(void)sys_cap_close((unsigned long)copy);
}

static void wait_in_thread(void *arg)
{
	(void)arg;
	(void)sys_futex_wait(&word, 0, sys_clock() + ORPHAN);
}

static void objects(void)
{
	struct message m = { 0 };
	long e = sys_endpoint(), n = sys_notification(), c = sys_cap_copy((unsigned long)e, RIGHTS_ALL, 5);

	(void)sys_bind((unsigned long)e, (unsigned long)n);
	(void)sys_notify((unsigned long)n, 3);
	if (chance(2))
		(void)ipc_receive_timed((unsigned long)e, &m, 0);
	if (chance(2))
		(void)ipc_call_timed((unsigned long)c, &m, 0);
	if (chance(2))
		(void)sys_cap_revoke((unsigned long)e);
	(void)sys_cap_close((unsigned long)c);
	(void)sys_cap_close((unsigned long)e);
	(void)sys_cap_close((unsigned long)n);
}

/* A server for a while: it answers, saves replies, keeps what it gets, and ends in the middle. */
static void serve(unsigned long e)
{
	struct message m = { 0 };
	long error = ipc_receive_timed(e, &m, sys_clock() + ORPHAN);

	for (unsigned long i = roll(&seed, 4); error == 0 && i > 0; i--) {
		if ((m.tag & TAG_CAP) && chance(2))
			(void)sys_memory_map(m.word[3], 0, PAGE, 0, MAP_R | MAP_W);
		if (chance(4))
			(void)sys_reply_save();
		m.tag = 0;
		(void)ipc_reply(0, &m);
		error = ipc_receive_timed(e, &m, sys_clock() + ORPHAN);
	}
}

static void partners(void)
{
	unsigned long e = (unsigned long)sys_endpoint(), memory = (unsigned long)sys_memory(PAGE, 0);
	struct wait_info info;
	long process;

	(void)sys_cap_inherit(e, true);
	process = sys_fork();
	if (process == 0) {
		seed += sys_clock() & 0xff;
		serve(e);
		sys_exit(0);
	}
	for (unsigned long i = roll(&seed, 5); i > 0; i--) {
		struct message m = { .tag = chance(2) ? TAG_CAP : 0 };

		m.word[3] = memory;
		(void)ipc_call_timed(e, &m, sys_clock() + ORPHAN / 8);
		if (process > 0 && chance(4))
			(void)sys_kill((unsigned long)process, 1);
		if (chance(4))
			(void)sys_cap_revoke(memory);
	}
	if (chance(2))
		(void)sys_cap_close(e);
	if (process > 0) {
		(void)sys_kill((unsigned long)process, 1);
		(void)sys_wait((unsigned long)process, DEADLINE_NEVER, &info);
		(void)sys_cap_close((unsigned long)process);
	}
	(void)sys_cap_close(e);
	(void)sys_cap_close(memory);
}

/* The end of a child, one way or another. */
static int end(void *arg)
{
	(void)arg;
	switch (roll(&seed, 7)) {
	case 0:
		*(volatile int *)nowhere = 1;
		break;
	case 1:
		__builtin_trap();
	case 2:
		(void)sys_futex_wait(&word, 0, sys_clock() + ORPHAN);
		break;
	case 3:
		(void)thread_create(wait_in_thread, NULL, 0);
		(void)thread_create(wait_in_thread, NULL, 0);
		break;
	case 4:
		(void)sys_exec("exec", "exec", 5);
		break;
	}
	return 0;
}

static void act(void);

static void fork_one(void)
{
	struct wait_info info;
	long process = sys_fork();

	if (process == 0) {
		depth++;
		seed += sys_clock() & 0xff;
		for (unsigned long i = roll(&seed, 8); i > 0; i--)
			act();
		sys_exit(end(NULL));
	}
	if (process < 0)
		return;
	if (chance(3))
		sys_yield();
	(void)sys_kill((unsigned long)process, 1);
	if (!chance(4))
		(void)sys_wait((unsigned long)process, DEADLINE_NEVER, &info);
	(void)sys_cap_close((unsigned long)process);
}

static void act(void)
{
	unsigned what = (unsigned)roll(&seed, depth < 3 ? 5 : 3);

	if (what == 0)
		use_memory();
	else if (what == 1)
		share_memory();
	else if (what == 2)
		objects();
	else if (what == 3)
		partners();
	else
		fork_one();
}

static struct info_memory measure(void)
{
	struct info_memory info = { 0 };

	sleep_ns(20 * ORPHAN);		/* what has no parent any more ends */
	fill_caches();
	sleep_ns(20 * ORPHAN);
	(void)sys_info(HANDLE_SYSTEM, INFO_MEMORY, 0, &info, sizeof(info));
	return info;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? (unsigned)string_number(argv[2], NULL) : 10000;
	struct info_memory before, after;

	seed = argc > 1 ? string_number(argv[1], NULL) : 1;
	for (unsigned i = 0; i < 300; i++)
		fork_one();
	before = measure();
	for (unsigned i = 0; i < count; i++)
		fork_one();
	after = measure();
	/* Between the stacks that are kept there may be other ranges of addresses than before. */
	ok(after.blocks <= before.blocks + KEPT, "objects of the kernel: %lu, before %lu", after.blocks,
	    before.blocks);
	ok(pages_back(before.free), "free pages: %lu, before %lu", after.free, before.free);
	return tap_done();
}
