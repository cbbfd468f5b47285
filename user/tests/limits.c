/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits, of a process and of a group: each kind is reached, what is beyond is refused, and what is
 * given back can be had again.
 */
#include "tap.h"

#define OBJECTS		12
#define REGIONS		1024ul		/* of a process, at most */
#define FAR		100ul		/* pages that are far from each other */

static uint32_t word;

static int wait_forever(void *arg)
{
	(void)arg;
	(void)sys_futex_wait(&word, 0, DEADLINE_NEVER);
	return 0;
}

static void wait_in_thread(void *arg)
{
	(void)wait_forever(arg);
}

static struct info_process usage(void)
{
	struct info_process info = { 0 };

	(void)sys_info(HANDLE_SYSTEM, INFO_PROCESS, 1, &info, sizeof(info));
	return info;
}

/* ---- memory ---- */

static int hog(void *arg)
{
	long at;

	(void)arg;
	if (sys_limit(LIMIT_PAGES, 200) != 0)
		return 1;
	at = sys_map(0, 1000 * PAGE, MAP_R | MAP_W);
	for (unsigned i = 0; i < 1000; i++)
		((volatile char *)at)[i * PAGE] = 1;
	return 2;
}

/* Each page needs page tables of its own. */
static int shared_hog(void *arg)
{
	long memory = sys_memory(PAGE, 0);

	(void)arg;
	if (memory < 0 || sys_limit(LIMIT_PAGES, 200) != 0)
		return 1;
	for (unsigned long i = 64; i < 264; i++) {
		long at = sys_memory_map((unsigned long)memory, 0, PAGE, i << 32, MAP_R | MAP_W);

		if (at != (long)(i << 32))
			return 2;
		*(volatile char *)at = 1;
	}
	return 3;
}

static int object_hog(void *arg)
{
	long some;

	(void)arg;
	if (sys_limit(LIMIT_PAGES, 200) != 0 || sys_memory(1000 * PAGE, 0) != -E_NOMEM ||
	    sys_memory(1000 * PAGE, MEMORY_DMA) != -E_NOMEM)
		return 1;
	some = sys_memory(100 * PAGE, 0);
	if (some < 0 || sys_memory(100 * PAGE, 0) != -E_NOMEM || sys_cap_close((unsigned long)some) != 0)
		return 2;
	return sys_memory(100 * PAGE, 0) > 0 ? 0 : 3;
}

/* The table of handles takes pages, too. */
static int handle_hog(void *arg)
{
	long memory = sys_memory(PAGE, 0), last = memory, copy = memory;

	(void)arg;
	if (sys_limit(LIMIT_PAGES, 40) != 0)
		return 1;
	while (copy > 0 && copy < 100000) {
		last = copy;
		copy = sys_cap_copy((unsigned long)memory, RIGHT_READ, 0);
	}
	if (copy != -E_NOMEM || sys_cap_close((unsigned long)last) != 0)
		return 2;
	return sys_cap_copy((unsigned long)memory, RIGHT_READ, 0) == last ? 0 : 3;
}

/* Every second page another protection, two regions more each: of how many. */
static unsigned long split(unsigned long at, unsigned long pages)
{
	unsigned long i = 0;

	while (i < pages && sys_protect(at + 2 * i * PAGE, PAGE, MAP_R) == 0)
		i++;
	return i;
}

/* As many regions as there may be. */
static int region_hog(void *arg)
{
	unsigned long pages = 10000, n;
	long at = sys_map(0, pages * PAGE, MAP_R | MAP_W);

	(void)arg;
	n = split((unsigned long)at, pages / 2);
	if (n < REGIONS / 2 - 10 || n > REGIONS / 2 ||
	    sys_protect((unsigned long)at + 2 * n * PAGE, PAGE, MAP_R) != -E_NOMEM ||
	    sys_unmap((unsigned long)at, pages * PAGE) != 0)
		return 1;
	return sys_map((unsigned long)at, pages * PAGE, MAP_R) == at ? 0 : 2;
}

/* After a fork there may be as many as before. */
static int more_regions(void *arg)
{
	return split((unsigned long)arg, 200) == 200 ? 0 : 3;
}

static int region_heir(void *arg)
{
	unsigned long at = (unsigned long)sys_map(0, 1000 * PAGE, MAP_R | MAP_W);

	(void)arg;
	if (split(at, 290) != 290)
		return 1;
	return child_good(more_regions, (void *)(at + 580 * PAGE)) ? 0 : 2;
}

/* Parts of a mapping that are the same again are one. */
static int mapping_parts(void *arg)
{
	unsigned long pages = REGIONS + 100;
	long memory = sys_memory(pages * PAGE, 0);
	unsigned long at = (unsigned long)sys_memory_map((unsigned long)memory, 0, pages * PAGE, 0,
	    MAP_R | MAP_W);
	volatile unsigned long *p = (volatile unsigned long *)at;

	(void)arg;
	for (unsigned long i = 0; i < pages; i++) {
		p[i * PAGE / sizeof(*p)] = i;
		if (sys_protect(at + i * PAGE, PAGE, MAP_R) != 0 ||
		    sys_protect(at + i * PAGE, PAGE, MAP_R | MAP_W) != 0)
			return 1;
	}
	for (unsigned long i = 0; i < pages; i++) {
		if (p[i * PAGE / sizeof(*p)]++ != i)
			return 2;
	}
	return sys_unmap(at, pages * PAGE) == 0 ? 0 : 3;
}

/* ---- what nobody has touched, but the kernel for it ---- */

static bool copied(unsigned long at)
{
	return sys_cap_info(HANDLE_SYSTEM, (struct cap_info *)at) == 0;
}

/* All pages but so many of what the limit leaves, by system calls: those fail, and it lives. */
static void leave(unsigned long pages)
{
	unsigned long at = (unsigned long)sys_map(0, 400 * PAGE, MAP_R | MAP_W), n = 0;

	while (n < 400 && copied(at + n * PAGE))
		n++;
	(void)sys_unmap(at, pages * PAGE);
}

/* Each page needs page tables of its own, which are one page too many; shared: memory is mapped. */
static int table_hog(void *shared)
{
	unsigned long memory = (unsigned long)sys_memory(PAGE, 0), before;

	for (unsigned long i = 1; i <= FAR; i++) {
		unsigned long at = i << 40;
		long got = shared != NULL ? sys_memory_map(memory, 0, PAGE, at, MAP_R | MAP_W) :
		    sys_map(at, PAGE, MAP_R | MAP_W);

		if (got != (long)at)
			return 1;
	}
	if (sys_limit(LIMIT_PAGES, 200) != 0)
		return 2;
	leave(1);
	before = free_pages();
	for (unsigned long i = 1; i <= FAR; i++) {
		if (copied(i << 40))
			return 3;
	}
	return free_pages() + FAR / 2 > before ? 0 : 4;
}

/* They go with what is unmapped, or revoked. */
static int tables_back(void *shared)
{
	unsigned long memory = (unsigned long)sys_memory(PAGE, 0);
	unsigned long lent = (unsigned long)sys_cap_copy(memory, RIGHTS_ALL, 0);

	if (sys_limit(LIMIT_PAGES, 200) != 0)
		return 1;
	for (unsigned long i = 1; i <= FAR; i++) {
		unsigned long at = i << 40;
		long got = shared != NULL ? sys_memory_map(lent, 0, PAGE, at, MAP_R | MAP_W) :
		    sys_map(at, PAGE, MAP_R | MAP_W);

		if (got != (long)at)
			return 2;
		*(volatile char *)at = 1;
		if (shared != NULL) {
			(void)sys_cap_revoke(memory);
			lent = (unsigned long)sys_cap_copy(memory, RIGHTS_ALL, 0);
		} else {
			(void)sys_unmap(at, PAGE);
		}
	}
	return 0;
}

/* The list of regions takes pages, too. */
static int split_hog(void *arg)
{
	unsigned long at = (unsigned long)sys_map(0, 2000 * PAGE, MAP_R | MAP_W), n;

	(void)arg;
	if (sys_limit(LIMIT_PAGES, 200) != 0)
		return 1;
	leave(0);
	n = split(at, 1000);
	return n < 30 ? 0 : 2;
}

/* ---- objects ---- */

static long make(unsigned kind)
{
	return kind == 0 ? sys_endpoint() : kind == 1 ? sys_notification() : sys_memory(PAGE, 0);
}

/* Endpoints, notifications, memory objects, and children. */
static int few_objects(void *arg)
{
	long handle[OBJECTS + 1];
	unsigned n = 0;

	(void)arg;
	if (sys_limit(LIMIT_OBJECTS, OBJECTS) != 0)
		return 1;
	while (n <= OBJECTS && (handle[n] = make(n % 3)) > 0)
		n++;
	if (n != OBJECTS || handle[n] != -E_NOMEM || sys_fork() != -E_NOMEM)
		return 2;
	for (unsigned kind = 0; kind < 3; kind++) {
		if (make(kind) != -E_NOMEM || sys_cap_close((unsigned long)handle[kind]) != 0)
			return 3;
		handle[kind] = make(kind);
		if (handle[kind] < 0)
			return 4;
	}
	return 0;
}

/* A mapping is one, too. */
static int few_mappings(void *arg)
{
	unsigned long memory = (unsigned long)sys_memory(PAGE, 0), n = 1;
	unsigned long lent = (unsigned long)sys_cap_copy(memory, RIGHTS_ALL, 0);
	long at[OBJECTS + 1];

	(void)arg;
	if (sys_limit(LIMIT_OBJECTS, OBJECTS) != 0)
		return 1;
	while (n <= OBJECTS && (at[n] = sys_memory_map(lent, 0, PAGE, 0, MAP_R)) > 0)
		n++;
	if (n != OBJECTS || at[n] != -E_NOMEM || sys_unmap((unsigned long)at[1], PAGE) != 0)
		return 2;
	if (sys_memory_map(lent, 0, PAGE, 0, MAP_R) < 0 ||
	    sys_memory_map(lent, 0, PAGE, 0, MAP_R) != -E_NOMEM || sys_cap_revoke(memory) != 0)
		return 3;
	for (n = 1; n < OBJECTS; n++) {
		if (sys_endpoint() < 0)
			return 4;
	}
	return sys_endpoint() == -E_NOMEM ? 0 : 5;
}

static int few_copies(void *arg)
{
	(void)arg;
	if (sys_limit(LIMIT_PROCESSES, 0) != 0)
		return 1;
	return sys_fork() == -E_NOMEM ? 0 : 2;
}

static void test_accounts(void)
{
	struct info_process before = usage(), now;
	long e = sys_endpoint(), m = sys_memory(5 * PAGE, 0), at = sys_map(0, 3 * PAGE, MAP_R | MAP_W);

	for (unsigned i = 0; i < 3; i++)
		((volatile char *)at)[i * PAGE] = 1;
	now = usage();
	ok(now.used[LIMIT_OBJECTS] == before.used[LIMIT_OBJECTS] + 2 &&
	    now.used[LIMIT_PAGES] >= before.used[LIMIT_PAGES] + 8 &&
	    now.used[LIMIT_PAGES] <= before.used[LIMIT_PAGES] + 12,
	    "what it has made is charged to the process: %lu objects, %lu pages", now.used[LIMIT_OBJECTS],
	    now.used[LIMIT_PAGES]);
	(void)sys_unmap((unsigned long)at, 3 * PAGE);
	(void)sys_cap_close((unsigned long)e);
	(void)sys_cap_close((unsigned long)m);
	now = usage();
	ok(now.used[LIMIT_OBJECTS] == before.used[LIMIT_OBJECTS] &&
	    now.used[LIMIT_PAGES] <= before.used[LIMIT_PAGES] + 4, "and no more when it is gone");
	ok(now.used[LIMIT_THREADS] == 1 && now.used[LIMIT_PROCESSES] == 1, "one thread of one process");
	m = sys_memory(2048 * PAGE, 0);
	ok(usage().used[LIMIT_PAGES] == now.used[LIMIT_PAGES] + 2050, "2048 pages, and a list of them");
	(void)sys_cap_close((unsigned long)m);
	ok(usage().used[LIMIT_PAGES] == now.used[LIMIT_PAGES], "which is given back");
}

/* ---- threads ---- */

static int few_threads(void *arg)
{
	(void)arg;
	return sys_limit(LIMIT_THREADS, 2) == 0 && thread_create(wait_in_thread, NULL, 0) > 0 &&
	    thread_create(wait_in_thread, NULL, 0) == -E_NOMEM ? 0 : 1;
}

/* A limit only becomes lower. */
static int raise(void *arg)
{
	(void)arg;
	return sys_limit(LIMIT_THREADS, 1) == 0 && sys_limit(LIMIT_THREADS, 100) == 0 &&
	    thread_create(wait_in_thread, NULL, 0) == -E_NOMEM && sys_limit(LIMITS, 1) == -E_INVAL ? 0 : 1;
}

/* Nor does a child have another one. */
static int inherit(void *arg)
{
	(void)arg;
	return sys_limit(LIMIT_THREADS, 2) == 0 && child_good(few_threads, NULL) ? 0 : 1;
}

/* ---- groups ---- */

static int bomb(void *arg)
{
	const unsigned long limit[LIMITS] = { 5000, 1000, 1000, 6 };
	unsigned n = 0;

	(void)arg;
	if (sys_group(HANDLE_SYSTEM, limit) != 0)
		return 1;
	while (n < 100 && sys_fork() >= 0)	/* the children, too, until they are refused */
		n++;
	return n == 100;
}

static int grouped(void *arg)
{
	const unsigned long limit[LIMITS] = { 1000, 100, 10, 4 };
	long process[3];
	bool good = true;

	(void)arg;
	if (sys_group(HANDLE_SYSTEM, limit) != 0)
		return 1;
	for (unsigned i = 0; i < 3; i++) {
		process[i] = sys_fork();
		if (process[i] == 0)
			sys_exit(wait_forever(NULL));
		good &= process[i] > 0;
	}
	good &= sys_fork() == -E_NOMEM;
	for (unsigned i = 0; i < 3; i++)
		good &= sys_kill((unsigned long)process[i], 0) == 0;
	return good ? 0 : 2;
}

/* Two, each of which alone would have enough. */
static int group_hogs(void *arg)
{
	const unsigned long limit[LIMITS] = { 300, 100, 10, 4 };
	unsigned ends[2] = { 0, 0 };
	struct wait_info info;
	long process[2];

	(void)arg;
	if (sys_group(HANDLE_SYSTEM, limit) != 0)
		return 1;
	for (unsigned i = 0; i < 2; i++) {
		process[i] = sys_fork();
		if (process[i] == 0)
			sys_exit(hog(NULL));
	}
	for (unsigned i = 0; i < 2; i++) {
		if (sys_wait((unsigned long)process[i], DEADLINE_NEVER, &info) == process[i])
			ends[i] = info.reason;
	}
	return ends[0] == END_NOMEM && ends[1] == END_NOMEM ? 0 : 2;
}

/* Threads and objects of all of them together. */
static int group_threads(void *arg)
{
	const unsigned long limit[LIMITS] = { 1000, 6, 3, 4 };
	long process;

	(void)arg;
	if (sys_group(HANDLE_SYSTEM, limit) != 0)
		return 1;
	process = sys_fork();
	if (process == 0)
		sys_exit(wait_forever(NULL));
	if (thread_create(wait_in_thread, NULL, 0) < 0 ||
	    thread_create(wait_in_thread, NULL, 0) != -E_NOMEM)
		return 2;
	for (unsigned i = 0; i < 5; i++) {
		if (sys_endpoint() < 0)
			return 3;
	}
	return sys_endpoint() == -E_NOMEM && sys_kill((unsigned long)process, 0) == 0 ? 0 : 4;
}

int main(int argc, char **argv)
{
	struct wait_info info;

	(void)argc;
	(void)argv;
	(void)sys_cap_inherit(HANDLE_SYSTEM, true);
	test_accounts();
	ok(in_child(hog, NULL, &info) == 0 && info.reason == END_NOMEM, "more memory than the limit");
	ok(in_child(shared_hog, NULL, &info) == 0 && info.reason == END_NOMEM,
	    "more page tables for shared memory than the limit");
	ok(child_good(object_hog, NULL), "more memory in objects than the limit");
	ok(child_good(handle_hog, NULL), "more handles than the limit leaves room for");
	ok(child_good(region_hog, NULL), "more regions than there may be");
	ok(child_good(region_heir, NULL), "as many after a fork");
	ok(child_good(mapping_parts, NULL), "each page of a mapping protected, and no more");
	ok(child_good(table_hog, NULL), "more page tables than the limit, for calls");
	ok(child_good(table_hog, &info), "for calls to shared memory");
	ok(child_good(tables_back, NULL), "page tables of what is unmapped can be had again");
	ok(child_good(tables_back, &info), "and of what is revoked");
	ok(child_good(split_hog, NULL), "more regions than the limit of pages leaves room for");
	ok(child_good(few_objects, NULL), "more objects than the limit");
	ok(child_good(few_mappings, NULL), "more mappings than that");
	ok(child_good(few_threads, NULL), "more threads than the limit");
	ok(child_good(few_copies, NULL), "a process that may not fork");
	ok(child_good(raise, NULL), "a limit is not raised");
	ok(child_good(inherit, NULL), "a child has it as well");
	ok(child_good(group_hogs, NULL), "more memory than the group may have");
	ok(child_good(group_threads, NULL), "more threads, and objects, than the group may have");
	ok(child_good(grouped, NULL), "more processes than the group may have");
	ok(child_good(bomb, NULL), "a fork bomb");
	return tap_done();
}
