/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figures, not tests: "bench NAME VALUE" lines, for bench/native. Nanoseconds, which under
 * -icount shift=0 are instructions; or, with an argument, events a second of PAIRS pairs of
 * processes at once. In a checked build (nucleus/checked.h) also how often locks were taken
 * meanwhile, for 1000 events: "bench NAME_locks N", "bench NAME_waits N" of those that were not
 * free; and, of classes of locks that were not, "locks NAME CLASS TAKEN WAITED".
 */
#include <nucleus/log.h>

#include "state.h"
#include "tap.h"

#define TIMES	2000
#define PAIRS	4
#define LENGTH	500000000ul		/* of a throughput run */
#define APART	50000ul			/* so that who waits sleeps: between notifications */
#define CLASSES	256

static struct {
	volatile unsigned long	count[PAIRS];
	volatile unsigned	ready;
	volatile unsigned long	until;
	volatile unsigned long	woken;		/* when */
} *shared;

static void figure(const char *name, unsigned long value)
{
	char text[80];

	(void)sys_log(text, (size_t)format(text, sizeof(text), "bench %s %lu", name, value));
}

static unsigned long inherited_endpoint(void)
{
	unsigned long handle = (unsigned long)sys_endpoint();

	(void)sys_cap_inherit(handle, true);
	return handle;
}

static unsigned long inherited_notification(void)
{
	unsigned long handle = (unsigned long)sys_notification();

	(void)sys_cap_inherit(handle, true);
	return handle;
}

static void serve(unsigned long endpoint)
{
	struct message m = { 0 };

	while (ipc_reply_receive(endpoint, &m) == 0)
		m.word[0]++;
	sys_exit(1);
}

static unsigned long fork_server(unsigned long endpoint)
{
	long server = sys_fork();

	if (server == 0)
		serve(endpoint);
	return (unsigned long)server;
}

/* ---- one at a time ---- */

static unsigned long time_calls(unsigned long endpoint, unsigned times)
{
	struct message m = { .tag = 1 };
	unsigned long start = sys_clock();

	for (unsigned i = 0; i < times; i++)
		(void)ipc_call(endpoint, &m);
	return (sys_clock() - start) / times;
}

/* The loop itself, with a system call that does nothing. */
static unsigned long time_null(void)
{
	unsigned long start = sys_clock();

	for (unsigned i = 0; i < TIMES; i++)
		(void)syscall6(SYS_NULL, 0, 0, 0, 0, 0, 0);
	return (sys_clock() - start) / TIMES;
}

/* A call that copies 32 bytes to the program. */
static unsigned long time_copy_out(unsigned long handle)
{
	struct cap_info info;
	unsigned long start = sys_clock();

	for (unsigned i = 0; i < TIMES; i++)
		(void)sys_cap_info(handle, &info);
	return (sys_clock() - start) / TIMES;
}

static void measure_calls(void)
{
	unsigned long endpoint = inherited_endpoint();
	unsigned long server = fork_server(endpoint);

	(void)time_calls(endpoint, 10);
	figure("ipc_round_trip", time_calls(endpoint, TIMES));
	figure("null_call", time_null());
	figure("copy_out", time_copy_out(endpoint));
	(void)sys_kill(server, 0);
	(void)sys_cap_close(endpoint);
}

/* To and fro between two that wait: half of it is one, with what wakes and switches. */
static void measure_notification(void)
{
	unsigned long to = inherited_notification(), fro = inherited_notification(), start;
	long other = sys_fork();
	uint64_t bits;

	if (other == 0) {
		for (;;) {
			(void)sys_notify_wait(to, DEADLINE_NEVER, &bits);
			(void)sys_notify(fro, 1);
		}
	}
	start = sys_clock();
	for (unsigned i = 0; i < TIMES; i++) {
		(void)sys_notify(to, 1);
		(void)sys_notify_wait(fro, DEADLINE_NEVER, &bits);
	}
	figure("notification", (sys_clock() - start) / TIMES / 2);
	(void)sys_kill((unsigned long)other, 0);
}

/* The server has a copy of the registers. */
static void measure_calls_float(void)
{
	unsigned long endpoint = inherited_endpoint(), server;

	float_set(1);
	server = fork_server(endpoint);
	(void)time_calls(endpoint, 10);
	figure("ipc_round_trip_float", time_calls(endpoint, TIMES));
	(void)sys_kill(server, 0);
}

/* The sender does not sleep: who is woken runs on another CPU. The best of many. */
static void measure_across(void)
{
	unsigned long to = inherited_notification(), best = ~0ul, start;
	struct info_cpu cpu;
	uint64_t bits;
	long other;

	if (sys_info(HANDLE_SYSTEM, INFO_CPU, 1, &cpu, sizeof(cpu)) <= 0)
		return;
	other = sys_fork();
	if (other == 0) {
		for (;;) {
			(void)sys_notify_wait(to, DEADLINE_NEVER, &bits);
			shared->woken = sys_clock();
		}
	}
	for (unsigned i = 0; i < TIMES; i++) {
		for (start = sys_clock(); sys_clock() < start + APART; )
			;
		shared->woken = 0;
		start = sys_clock();
		(void)sys_notify(to, 1);
		while (shared->woken == 0)
			;
		best = MIN(best, shared->woken - start);
	}
	figure("notification_across", best);
	(void)sys_kill((unsigned long)other, 0);
}

/* ---- locks ---- */

static struct info_lock locks[CLASSES];

/* The sum of a name: several places in the code may have the same. NULL: there are too many. */
static struct info_lock *lock_of(const char *name)
{
	for (unsigned i = 0; i < CLASSES; i++) {
		if (locks[i].name[0] == 0)
			strlcpy(locks[i].name, name, sizeof(locks[i].name));
		if (strcmp(locks[i].name, name) == 0)
			return &locks[i];
	}
	return NULL;
}

/* What was counted until now, with a sign. */
static void locks_add(unsigned long sign)
{
	struct info_lock l, *sum;

	for (unsigned i = 0; sys_info(HANDLE_SYSTEM, INFO_LOCK, i, &l, sizeof(l)) > 0; i++) {
		sum = lock_of(l.name);
		if (sum == NULL)
			break;
		sum->taken += sign * l.taken;
		sum->waited += sign * l.waited;
	}
}

static void locks_begin(void)
{
	memset(locks, 0, sizeof(locks));
	locks_add(-1ul);
}

static void locks_end(const char *name, unsigned long events)
{
	unsigned long taken = 0, waited = 0;
	char text[160];

	locks_add(1);
	for (unsigned i = 0; i < CLASSES && locks[i].name[0] != 0; i++) {
		taken += locks[i].taken;
		waited += locks[i].waited;
		if (locks[i].waited > 0)
			(void)sys_log(text, (size_t)format(text, sizeof(text), "locks %s %s %lu %lu", name,
			    locks[i].name, locks[i].taken, locks[i].waited));
	}
	if (taken == 0 || events == 0)
		return;
	format(text, sizeof(text), "%s_locks", name);
	figure(text, taken * 1000 / events);
	format(text, sizeof(text), "%s_waits", name);
	figure(text, waited * 1000 / events);
}

/* ---- many at once ---- */

static void call_a_lot(unsigned pair)
{
	unsigned long endpoint = inherited_endpoint();
	struct message m = { .tag = 1 };

	(void)fork_server(endpoint);
	(void)ipc_call(endpoint, &m);
	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (shared->until == 0)
		sys_yield();
	while (sys_clock() < shared->until) {
		for (unsigned i = 0; i < 20; i++)
			(void)ipc_call(endpoint, &m);
		shared->count[pair] += 20;
	}
}

static void fork_a_lot(unsigned pair)
{
	struct wait_info info;

	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (shared->until == 0)
		sys_yield();
	while (sys_clock() < shared->until) {
		long child = sys_fork();

		if (child == 0)
			sys_exit(0);
		(void)sys_wait((unsigned long)child, DEADLINE_NEVER, &info);
		(void)sys_cap_close((unsigned long)child);
		shared->count[pair]++;
	}
}

static void throughput(const char *name, void (*fn)(unsigned pair))
{
	unsigned long sum = 0, begun;
	char text[40];
	long worker[PAIRS];
	struct wait_info info;

	memset(shared, 0, sizeof(*shared));
	for (unsigned i = 0; i < PAIRS; i++) {
		worker[i] = sys_fork();
		if (worker[i] == 0) {
			fn(i);
			sys_exit(0);
		}
	}
	while (shared->ready < PAIRS)
		sleep_ns(1000000);
	locks_begin();
	begun = sys_clock();
	shared->until = begun + LENGTH;
	for (unsigned i = 0; i < PAIRS; i++) {
		(void)sys_wait((unsigned long)worker[i], DEADLINE_NEVER, &info);
		sum += shared->count[i];
	}
	begun = sys_clock() - begun;
	locks_end(name, sum);
	format(text, sizeof(text), "%s_a_second", name);
	figure(text, sum * 1000 / (begun / 1000000));
}

int main(int argc, char **argv)
{
	(void)argv;
	shared = shared_page();
	if (argc < 2) {
		measure_calls();
		measure_notification();
		measure_calls_float();		/* last: it stays so */
	} else {
		measure_across();
		throughput("calls", call_a_lot);
		throughput("forks", fork_a_lot);
	}
	return 0;
}
