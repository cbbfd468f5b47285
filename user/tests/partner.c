/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a thread keeps while its partner runs: registers, and what only some programs use; the
 * kernel goes from partner to partner in other ways then. That calls are counted. Partners that are
 * killed while they call each other as fast as they can.
 */
#include "messages.h"
#include "state.h"

#define CALLS		300
#define KILLS		120

#define FLOATS		1		/* kinds of programs: bits */
#define THREAD		2
#define KINDS		4

/* ---- what is kept ---- */

/* As many values in registers as there are for that: false if one is another after the call. */
static bool keeps_registers(unsigned long seed, bool calls, struct message *m)
{
	unsigned long a = seed * 3, b = seed * 5, c = seed * 7, d = seed * 11, e = seed * 13;
	unsigned long f = seed * 17, g = seed * 19, h = seed * 23, i = seed * 29, j = seed * 31;
	long error;

	__asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
	__asm__ volatile("" : "+r"(f), "+r"(g), "+r"(h), "+r"(i), "+r"(j));
	error = calls ? ipc_call(endpoint, m) : ipc_reply_receive(endpoint, m);
	__asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
	__asm__ volatile("" : "+r"(f), "+r"(g), "+r"(h), "+r"(i), "+r"(j));
	return error == 0 && a == seed * 3 && b == seed * 5 && c == seed * 7 && d == seed * 11 &&
	    e == seed * 13 && f == seed * 17 && g == seed * 19 && h == seed * 23 && i == seed * 29 &&
	    j == seed * 31;
}

static unsigned long place;		/* where the thread register points */

static void become(unsigned kind)
{
	if (kind & THREAD)
		(void)sys_thread_tls((unsigned long)&place);
}

/* The same of the rest, as far as the program's kind has it. */
static bool keeps(unsigned long seed, bool calls, unsigned kind, struct message *m)
{
	bool good;

	if (kind & FLOATS)
		float_set(seed * 37);
	place = seed * 41;
	good = keeps_registers(seed, calls, m);
	return good && (!(kind & FLOATS) || float_get() == seed * 37) &&
	    (!(kind & THREAD) || thread_get() == seed * 41);
}

/* Counts calls in word 0. */
static int serve(unsigned long kind)
{
	struct message m;
	unsigned long n = 0;

	become((unsigned)kind);
	if (ipc_receive(endpoint, &m) != 0)
		return 1;
	for (; m.word[1] != 0; n++) {
		m.word[0]++;
		if (!keeps(~n, false, (unsigned)kind, &m))
			return 2;
	}
	(void)ipc_reply(0, &m);
	return n == CALLS ? 0 : 3;
}

static int call(unsigned long kind)
{
	struct message m = { .tag = 1 };

	become((unsigned)kind);
	for (unsigned long i = 0; i < CALLS; i++) {
		m.word[0] = i;
		m.word[1] = 1;
		if (!keeps(i + 1, true, (unsigned)kind, &m) || m.word[0] != i + 1)
			return 2;
	}
	m.word[1] = 0;
	return ipc_call(endpoint, &m) == 0 ? 0 : 3;
}

static void test_kept(void)
{
	static const char *const names[KINDS] = { "none", "floating point", "its thread register",
	    "both" };

	for (unsigned kinds = 0; kinds < KINDS * KINDS; kinds++) {
		unsigned long server, client;
		int good;

		begin();
		server = start(serve, kinds / KINDS);
		client = start(call, kinds % KINDS);
		good = finish(client);
		ok(finish(server) == 0 && good == 0, "both keep what they have: the server uses %s, "
		    "the client %s", names[kinds / KINDS], names[kinds % KINDS]);
		end();
	}
}

/* ---- counts ---- */

static unsigned long own_calls(void)
{
	struct info_process info = { 0 };

	(void)sys_info(HANDLE_SYSTEM, INFO_PROCESS, 0, &info, sizeof(info));
	return info.calls;
}

static unsigned long switches(void)
{
	struct info_cpu c;
	unsigned long sum = 0;

	for (unsigned i = 0; sys_info(HANDLE_SYSTEM, INFO_CPU, i, &c, sizeof(c)) > 0; i = c.id + 1)
		sum += c.switches;
	return sum;
}

static void test_counts(void)
{
	struct message m = { .word = { 0, 1 } };
	struct info_ipc before, after;
	unsigned long server, own, switched;

	begin();
	server = start(serve, 0);
	own = own_calls();
	switched = switches();
	(void)sys_info(HANDLE_SYSTEM, INFO_IPC, 0, &before, sizeof(before));
	for (unsigned i = 0; i < CALLS; i++)
		(void)ipc_call(endpoint, &m);
	m.word[1] = 0;
	(void)ipc_call(endpoint, &m);
	(void)sys_info(HANDLE_SYSTEM, INFO_IPC, 0, &after, sizeof(after));
	ok(own_calls() == own + CALLS + 1, "a process's calls are counted");
	ok(after.calls == before.calls + CALLS + 1, "and those of all");
	ok(after.fast >= before.fast && after.fast - before.fast <= CALLS + 1,
	    "of which by the fast path %lu of %u", after.fast - before.fast, CALLS + 1);
	ok(switches() >= switched + CALLS, "so are switches of threads: %lu", switches() - switched);
	(void)finish(server);
	(void)sys_info(HANDLE_SYSTEM, INFO_IPC, 0, &before, sizeof(before));
	ok(before.calls == after.calls, "those who end leave their counts");
	end();
}

/* ---- kills ---- */

static int call_for_ever(unsigned long none)
{
	struct message m = { .tag = none };

	while (ipc_call(endpoint, &m) == 0)
		;
	return 0;
}

static int serve_for_ever(unsigned long none)
{
	struct message m = { .tag = none };

	while (ipc_reply_receive(endpoint, &m) == 0)
		;
	return 0;
}

/* Each ends, killed, or, the client, for want of an answer. */
static void test_kill(void)
{
	unsigned long process[2], first;
	uint64_t seed = sys_clock();
	unsigned ended = 0;

	for (unsigned i = 0; i < KILLS; i++) {
		begin();
		process[0] = start(serve_for_ever, 0);
		process[1] = start(call_for_ever, 0);
		sleep_ns(roll(&seed, MS));
		first = i % 2;
		(void)sys_kill(process[first], 0);
		ended += finish(process[first]) == -END_KILL;
		sleep_ns(roll(&seed, MS / 4));
		(void)sys_kill(process[!first], 0);
		ended += finish(process[!first]) > -100;
		end();
	}
	ok(ended == 2 * KILLS, "%u of %u that call and serve without a pause end when they are killed",
	    ended, 2 * KILLS);
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	shared = shared_page();
	test_kept();
	test_counts();
	test_kill();
	return tap_done();
}
