/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, processes, threads. */
#include "tap.h"

static int data = 5;
static volatile int in_bss;
static uint32_t word;

/* ---- memory ---- */

static int touch(void *arg)
{
	*(volatile char *)arg = 1;
	return 0;
}

static int look(void *arg)
{
	return *(volatile char *)arg;
}

static bool faults(int (*fn)(void *arg), void *arg)
{
	struct wait_info info;

	return in_child(fn, arg, &info) == 0 && info.reason == END_FAULT &&
	    info.address == (unsigned long)arg;
}

static int jump(void *arg)
{
	((void (*)(void))(uintptr_t)arg)();
	return 0;
}

static void test_memory(void)
{
	long at = sys_map(0, 8 * PAGE, MAP_R | MAP_W);
	volatile char *p = (volatile char *)at;

	ok(at > 0 && p[0] == 0 && p[8 * PAGE - 1] == 0, "new memory is zero");
	for (unsigned i = 0; i < 8; i++)
		p[i * PAGE] = (char)(i + 1);
	ok(sys_map((unsigned long)at + PAGE, PAGE, MAP_R) == -E_EXIST, "mapped where something is");
	ok(sys_unmap((unsigned long)at + 2 * PAGE, 2 * PAGE) == 0 &&
	    faults(look, (void *)(p + 2 * PAGE)) && p[PAGE] == 2 && p[4 * PAGE] == 5,
	    "unmapped in the middle");
	ok(sys_map((unsigned long)at + 2 * PAGE, 2 * PAGE, MAP_R | MAP_W) == at + 2 * (long)PAGE &&
	    p[2 * PAGE] == 0, "mapped there again: zero");
	ok(sys_protect((unsigned long)at + PAGE, PAGE, MAP_R) == 0 && p[PAGE] == 2 &&
	    faults(touch, (void *)(p + PAGE)) && child_good(touch, (void *)p), "read-only in the middle");
	ok(sys_protect((unsigned long)at, 8 * PAGE, MAP_R | MAP_W) == 0, "writable again");
	p[PAGE] = 9;
	ok(p[PAGE] == 9 && p[7 * PAGE] == 8, "and it is");
	ok(faults(jump, (void *)p), "execution of data");
	ok(faults(touch, (void *)(uintptr_t)test_memory), "write to code");
	ok(faults(look, (void *)~0xffful) && faults(look, NULL), "the kernel's half, and null");
	ok(sys_map(0, PAGE, MAP_R | MAP_W | MAP_X) == -E_INVAL && sys_map(0, 0, MAP_R) == -E_INVAL &&
	    sys_map(1, PAGE, MAP_R) == -E_INVAL && sys_map(0, ~0xffful, MAP_R) == -E_INVAL &&
	    sys_map(0, PAGE, MAP_W) == -E_INVAL && sys_map(0, 123, MAP_R) == -E_INVAL,
	    "what cannot be mapped");
	ok(sys_protect((unsigned long)at + 7 * PAGE, 2 * PAGE, MAP_R) == -E_FAULT,
	    "protected beyond what is mapped");
	ok(sys_unmap((unsigned long)at, 8 * PAGE) == 0 && sys_unmap((unsigned long)at, 8 * PAGE) == 0,
	    "unmapped, twice");
	ok(sys_log((char *)~0xffful, 5) == -E_FAULT && sys_log((char *)at, 5) == -E_FAULT &&
	    sys_log("x", LOG_MAX + 1) == -E_INVAL, "a system call with a bad address, a bad length");
}

/* ---- what system calls copy ---- */

#define KERNEL	0xffff000000001000ul	/* of some CPU's, and on none a program's */

static bool copies_out(unsigned long at)
{
	struct info_process info;
	bool good = sys_info(HANDLE_SYSTEM, INFO_PROCESS, 1, (void *)at, sizeof(info)) == sizeof(info);

	memset(&info, 0, sizeof(info));
	if (good)
		memcpy(&info, (void *)at, sizeof(info));
	return good && info.id == 1 && strcmp(info.name, "process") == 0;
}

static bool faults_out(unsigned long at)
{
	return sys_info(HANDLE_SYSTEM, INFO_PROCESS, 1, (void *)at, sizeof(struct info_process)) ==
	    -E_FAULT && sys_cap_info(HANDLE_SYSTEM, (void *)at) == -E_FAULT;
}

/* What cannot be read is E_FAULT; what can is no program's name. */
static long copies_in(unsigned long at, size_t len)
{
	return sys_exec("text", (const char *)at, len);
}

/* In a child, whose memory is shared with its parent until it changes. */
static int copy_to_own(void *arg)
{
	return copies_out((unsigned long)arg) ? 0 : 1;
}

static void test_copies(void)
{
	const unsigned long half = sizeof(struct info_process) / 2;
	unsigned long at = (unsigned long)sys_map(0, 8 * PAGE, MAP_R | MAP_W);

	ok(copies_out(at + PAGE - half) && copies_out(at + 3), "to memory that was not there yet");
	ok(copies_in(at + 4 * PAGE - 100, 2 * PAGE) == -E_NOEXEC, "from it");
	memset((void *)at, 0x55, 2 * PAGE);
	ok(child_good(copy_to_own, (void *)(at + PAGE - half)) && *(char *)(at + PAGE - 1) == 0x55 &&
	    *(char *)(at + PAGE) == 0x55, "to memory that a child shares with its parent");
	(void)sys_protect(at + 2 * PAGE, PAGE, MAP_R);
	(void)sys_unmap(at + 5 * PAGE, PAGE);
	ok(faults_out(at + 2 * PAGE) && faults_out(at + 2 * PAGE - 8) && faults_out(at + 3 * PAGE - 8) &&
	    faults_out((unsigned long)&test_copies), "to memory that is read-only");
	ok(copies_in(at + 2 * PAGE - 100, 2 * PAGE) == -E_NOEXEC, "from it");
	ok(faults_out(at + 5 * PAGE) && faults_out(at + 5 * PAGE - 8) && faults_out(at + 6 * PAGE - 8) &&
	    copies_in(at + 5 * PAGE - 1, 2) == -E_FAULT && copies_in(at + 4 * PAGE, 3 * PAGE) == -E_FAULT,
	    "where nothing is mapped in between");
	ok(faults_out(KERNEL) && faults_out(0) && faults_out(~0ul) && faults_out(-8ul) &&
	    faults_out(1ul << 63) && faults_out(0x7ffffffff000 - 8) && faults_out(0x800000000000 - 8) &&
	    faults_out(0xfffffffff000 - 8) && faults_out(0xffffffff80100000) &&
	    copies_in(KERNEL, 8) == -E_FAULT && copies_in(-PAGE, PAGE) == -E_FAULT &&
	    copies_in(0x7ffffffff000 - 8, 16) == -E_FAULT &&
	    copies_in(0xfffffffff000 - 8, 16) == -E_FAULT &&
	    copies_in(0xffffffff80100000, 64) == -E_FAULT, "the kernel's memory, and around the end");
	(void)sys_unmap(at, 8 * PAGE);
}

/* While calls copy to it, memory comes and goes, is shared and taken apart. */
static volatile unsigned copying;
static unsigned long moving;

static void change_it(void *arg)
{
	(void)arg;
	while (copying) {
		(void)sys_unmap(moving, PAGE);
		(void)sys_map(moving, PAGE, MAP_R | MAP_W);
		(void)sys_protect(moving, PAGE, MAP_R);
		(void)sys_protect(moving, PAGE, MAP_R | MAP_W);
		if (copying++ % 16 == 0 && sys_fork() == 0)
			sys_exit(0);
	}
	copying = 1;
	sys_thread_exit();
}

static int copy_to_what_moves(void *arg)
{
	unsigned done = 0, refused = 0;
	struct wait_info info;
	long n;

	(void)arg;
	moving = (unsigned long)sys_map(0, 3 * PAGE, MAP_R | MAP_W) + PAGE;
	copying = 1;
	if (thread_create(change_it, NULL, 0) < 0)
		return 1;
	for (unsigned i = 0; i < 4000; i++) {
		n = sys_info(HANDLE_SYSTEM, INFO_PROCESS, 1, (void *)(moving - 80 + i % 8),
		    sizeof(struct info_process));
		done += n == sizeof(struct info_process);
		refused += n == -E_FAULT;
		while (sys_wait(0, 0, &info) > 0)
			;
	}
	return done + refused == 4000 && done > 0 ? 0 : 2;
}

/* Each of several processes at once has its own at the same address. */
#define COPIERS	8

static int copy_own(void *arg)
{
	unsigned long badge = (unsigned long)arg, words[9];
	long endpoint = sys_endpoint(), handle = sys_cap_copy((unsigned long)endpoint, RIGHT_SEND, badge);
	struct cap_info *info = (struct cap_info *)&words[2];

	for (unsigned i = 0; i < 3000; i++) {
		for (unsigned k = 0; k < ARRAY_SIZE(words); k++)
			words[k] = badge << 32 | k;
		if (sys_cap_info((unsigned long)handle, info) != 0 || info->badge != badge)
			return 1;
		memset(info, 0, sizeof(*info));
		for (unsigned k = 0; k < ARRAY_SIZE(words); k++) {
			if (words[k] != (k >= 2 && k < 2 + sizeof(*info) / 8 ? 0 : badge << 32 | k))
				return 2;
		}
		if (i % 16 == 0)
			sys_yield();
	}
	return 0;
}

static bool all_copy(void)
{
	struct wait_info info;
	bool good = true;

	for (unsigned long i = 1; i <= COPIERS; i++) {
		long process = sys_fork();

		if (process == 0)
			sys_exit(copy_own((void *)i));
		good &= process > 0;
	}
	for (unsigned i = 0; i < COPIERS; i++) {
		long process = sys_wait(0, DEADLINE_NEVER, &info);

		good &= process > 0 && info.reason == END_EXIT && info.status == 0;
		(void)sys_cap_close((unsigned long)process);
	}
	return good;
}

/* ---- fork ---- */

static int change(void *arg)
{
	int *p = arg;

	if (*p != 5 || in_bss != 7)
		return 1;
	*p = 6;
	in_bss = 8;
	return *p == 6 && in_bss == 8 ? 0 : 2;
}

static int nothing(void *arg)
{
	return (int)(long)arg;
}

static int forks(void *arg)
{
	return child_good(change, arg) && child_good(change, arg) ? change(arg) : 3;
}

static int wait_forever(void *arg)
{
	(void)arg;
	(void)sys_futex_wait(&word, 0, DEADLINE_NEVER);
	return 0;
}

static int spin(void *arg)
{
	while (arg == NULL)
		in_bss = in_bss + 1;
	return 0;
}

static bool killed(int (*fn)(void *arg))
{
	struct wait_info info;
	long process = sys_fork();

	if (process == 0)
		sys_exit(fn(NULL));
	sleep_ns(10000000);
	if (sys_wait((unsigned long)process, 0, &info) != -E_TIMEDOUT)
		return false;
	if (sys_kill((unsigned long)process, 42) != 0 ||
	    sys_wait((unsigned long)process, DEADLINE_NEVER, &info) != process)
		return false;
	return sys_cap_close((unsigned long)process) == 0 && info.reason == END_KILL &&
	    info.status == 42;
}

static void test_fork(void)
{
	struct wait_info info;
	long a, b;

	in_bss = 7;
	ok(child_good(change, &data) && data == 5 && in_bss == 7, "a child changes its own memory");
	ok(child_good(forks, &data) && data == 5, "children of a child");
	ok(in_child(nothing, (void *)77, &info) == 0 && info.reason == END_EXIT && info.status == 77 &&
	    info.id > 1, "a status");
	ok(in_child(nothing, (void *)0x1ff, &info) == 0 && info.status == 0xff, "a status has 8 bits");
	ok(killed(wait_forever), "killed while it waits");
	ok(killed(spin), "killed while it runs");
	ok(sys_wait(0, DEADLINE_NEVER, &info) == -E_CHILD, "no child is left");
	a = sys_fork();
	if (a == 0)
		sys_exit(1);
	b = sys_fork();
	if (b == 0)
		sys_exit(2);
	ok(sys_wait(0, DEADLINE_NEVER, &info) > 0 && sys_wait(0, DEADLINE_NEVER, &info) > 0 &&
	    sys_wait(0, DEADLINE_NEVER, &info) == -E_CHILD, "any child, once each");
	ok(sys_wait((unsigned long)a, DEADLINE_NEVER, &info) == a && info.status == 1 &&
	    sys_wait((unsigned long)b, DEADLINE_NEVER, &info) == b && info.status == 2,
	    "one that was waited for can be asked again");
	(void)sys_cap_close((unsigned long)a);
	ok(sys_wait((unsigned long)a, DEADLINE_NEVER, &info) == -E_BADF, "not when its handle is closed");
	(void)sys_cap_close((unsigned long)b);
	ok(sys_kill(HANDLE_SYSTEM, 1) == -E_BADF && sys_kill(1000, 1) == -E_BADF,
	    "what is no process cannot be killed");
}

/* ---- exec ---- */

static int exec_bad(void *arg)
{
	(void)arg;
	return sys_exec("no such", "x", 2) == -E_NOENT && sys_exec("text", "x", 2) == -E_NOEXEC &&
	    sys_exec("exec", "x", 1) == -E_INVAL && sys_exec((char *)8, "x", 2) == -E_FAULT &&
	    sys_exec("exec", (char *)8, 2) == -E_FAULT ? 0 : 1;
}

static int exec_good(void *arg)
{
	(void)arg;
	return (int)-sys_exec("/exec", "exec\0one\0\0three", 16);
}

static void test_exec(void)
{
	struct wait_info info;

	ok(child_good(exec_bad, NULL), "programs that cannot begin");
	ok(in_child(exec_good, NULL, &info) == 0 && info.reason == END_EXIT && info.status == 4,
	    "one that does, with its arguments");
}

/* ---- threads ---- */

static uint32_t running, turn;

static void add(void *arg)
{
	for (unsigned i = 0; i < 1000; i++)
		__atomic_add_fetch((uint32_t *)arg, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&running, 1, __ATOMIC_RELEASE);
	(void)sys_futex_wake(&running, 1);
}

static void wait_running(void)
{
	uint32_t n;

	while ((n = __atomic_load_n(&running, __ATOMIC_ACQUIRE)) != 0)
		(void)sys_futex_wait(&running, n, DEADLINE_NEVER);
}

/* Two threads that take turns. */
static void take_turns(void *arg)
{
	uint32_t mine = (uint32_t)(uintptr_t)arg, now;

	for (unsigned i = 0; i < 500; i++) {
		while ((now = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) % 2 != mine)
			(void)sys_futex_wait(&turn, now, DEADLINE_NEVER);
		__atomic_add_fetch(&turn, 1, __ATOMIC_RELEASE);
		(void)sys_futex_wake(&turn, 1);
	}
	__atomic_sub_fetch(&running, 1, __ATOMIC_RELEASE);
	(void)sys_futex_wake(&running, 1);
}

static void wait_in_thread(void *arg)
{
	(void)wait_forever(arg);
}

static int with_threads(void *arg)
{
	for (unsigned i = 0; i < 3; i++) {
		if (thread_create(wait_in_thread, NULL, 0) < 0)
			return 1;
	}
	sleep_ns(1000000);
	return (int)(long)arg;
}

static void wait_again_and_again(void *arg)
{
	struct wait_info info;

	(void)arg;
	for (;;)
		(void)sys_wait(0, sys_clock() + 20000, &info);
}

static int threads_wait_for_children(void *arg)
{
	(void)arg;
	if (sys_fork() == 0) {
		sleep_ns(4000000);
		sys_exit(0);
	}
	for (unsigned i = 0; i < 3; i++)
		(void)thread_create(wait_again_and_again, NULL, 0);
	return wait_forever(NULL);
}

/* On several CPUs one is killed while another is just looking for a child. */
static bool killed_while_they_wait(void)
{
	struct wait_info info;
	bool good = true;

	for (unsigned i = 0; i < 20 && good; i++) {
		long process = sys_fork();

		if (process == 0)
			sys_exit(threads_wait_for_children(NULL));
		sleep_ns(1000000);
		good = sys_kill((unsigned long)process, 7) == 0 &&
		    sys_wait((unsigned long)process, DEADLINE_NEVER, &info) == process &&
		    info.reason == END_KILL;
		(void)sys_cap_close((unsigned long)process);
	}
	return good;
}

static int only_threads(void *arg)
{
	(void)thread_create(wait_in_thread, NULL, 0);
	word = 1;
	(void)sys_futex_wake(&word, 1);		/* it may wait already */
	sys_thread_exit();
	return (int)(long)arg;
}

static void crash(void *arg)
{
	*(volatile int *)arg = 1;
}

static int crashing_thread(void *arg)
{
	(void)thread_create(crash, arg, 0);
	return wait_forever(NULL);
}

static void test_threads(void)
{
	struct wait_info info;
	uint32_t sum = 0;
	unsigned long begin;
	bool good = true;

	running = 4;
	for (unsigned i = 0; i < 4; i++)
		good &= thread_create(add, &sum, 0) > 0;
	wait_running();
	ok(good && sum == 4000, "four threads add");
	running = 2;
	ok(thread_create(take_turns, (void *)0, 0) > 0 && thread_create(take_turns, (void *)1, 0) > 0,
	    "two threads");
	wait_running();
	ok(turn == 1000, "take turns");
	ok(sys_futex_wait(&word, 1, DEADLINE_NEVER) == -E_AGAIN, "a futex of another value");
	begin = sys_clock();
	ok(sys_futex_wait(&word, 0, begin + 2000000) == -E_TIMEDOUT && sys_clock() >= begin + 2000000,
	    "a futex in time");
	ok(sys_futex_wake(&word, 5) == 0, "nobody waits");
	ok(sys_futex_wait((uint32_t *)1, 0, 0) == -E_INVAL && sys_futex_wait(NULL, 0, 0) == -E_FAULT &&
	    sys_futex_wake((uint32_t *)~7ul, 1) == -E_FAULT, "futexes that are none");
	ok(in_child(with_threads, (void *)3, &info) == 0 && info.status == 3, "exit ends all threads");
	ok(in_child(only_threads, (void *)3, &info) == 0 && info.reason == END_EXIT && info.status == 0,
	    "the last thread's end is the process's");
	ok(in_child(crashing_thread, (void *)16, &info) == 0 && info.reason == END_FAULT &&
	    info.address == 16, "a thread's fault ends all");
	ok(killed_while_they_wait(), "killed while threads look for children");
	ok(syscall6(SYS_THREAD, 0, 0, 0, 31, 0, 0) == -E_INVAL, "a thread more urgent than its maker");
}

/* Some have no parent any more. */
static void wait_until_alone(void)
{
	struct info_process info;

	for (unsigned i = 0; i < 1000; i++) {
		if (sys_info(HANDLE_SYSTEM, INFO_PROCESS, 2, &info, sizeof(info)) == 0)
			break;
		sleep_ns(10000000);
	}
}

int main(int argc, char **argv)
{
	unsigned long pages;

	ok(argc == 1 && strcmp(argv[0], "process") == 0 && argv[1] == NULL, "arguments");
	ok(sys_cap_inherit(HANDLE_SYSTEM, true) == 0, "children have the system, too");
	test_memory();
	test_copies();
	ok(child_good(copy_to_what_moves, NULL), "to memory that another thread changes all the time");
	ok(all_copy(), "to eight processes at once, to each its own");
	test_fork();
	test_exec();
	test_threads();
	wait_until_alone();
	fill_caches();
	pages = free_pages();
	test_fork();
	wait_until_alone();
	fill_caches();
	ok(pages_back(pages), "all is given back: %lu pages free, %lu before",
	    free_pages(), pages);
	return tap_done();
}
