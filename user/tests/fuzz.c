/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz [SEED [COUNT]]: processes that make system calls with random numbers, pointers, lengths and
 * handles. The kernel lives, and no other process is touched: two others work all the time, a
 * server, which the random ones may call too, and its client, which looks whether all that is its
 * own is as it was.
 */
#include "tap.h"

#define CALLS		200		/* of a process */
#define CANARY		0x5ca1ab1e0ddba11ul
#define BADGE		77		/* of the client that looks */

static uint64_t seed;
static unsigned char block[4 * PAGE] __attribute__((__aligned__(4096)));

/* Another process's memory: what it keeps in it stays. */
static volatile unsigned long canary[1024];

/* ---- the witnesses ---- */

static struct {
	volatile unsigned long	rounds, wrong;
} *seen;				/* not of the random ones */

static unsigned long endpoint, to_server, client_end;	/* handles: all, to send, the client's own */
static unsigned long witness[2];	/* handles of the processes */
static unsigned witness_id[2];

static void serve(void)
{
	struct message m = { 0 };
	long error = ipc_receive(endpoint, &m);

	while (error == 0) {
		if (m.tag & TAG_CAP)
			(void)sys_cap_close(m.word[3]);
		for (unsigned i = 0; i < MESSAGE_WORDS; i++)
			m.word[i] += m.badge == BADGE ? 1 : m.word[i];
		m.tag = m.badge & TAG_LABEL;	/* a badge may be anything: no capability to be sent */
		error = ipc_reply_receive(endpoint, &m);
	}
	seen->wrong++;
}

static bool canary_good(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(canary); i++) {
		if (canary[i] != CANARY + i)
			return false;
	}
	return true;
}

/* What it has: memory, capabilities, a partner. */
static void look(void)
{
	long memory = sys_memory(2 * PAGE, 0), at, notification = sys_notification();
	struct cap_info cap;
	struct message m;
	uint64_t bits;

	at = sys_memory_map((unsigned long)memory, 0, 2 * PAGE, 0, MAP_R | MAP_W);
	*(volatile unsigned long *)at = CANARY;
	for (unsigned long i = 0;; i++) {
		m = (struct message) { .tag = 1, .word = { i, i + 1, i + 2, i + 3 } };
		if (ipc_call(client_end, &m) != 0 || m.tag != BADGE || m.word[0] != i + 1 ||
		    m.word[3] != i + 4)
			seen->wrong++;
		if (!canary_good() || *(volatile unsigned long *)at != CANARY ||
		    ((volatile unsigned long *)at)[PAGE / 8] != 0)
			seen->wrong++;
		if (sys_cap_info((unsigned long)memory, &cap) != 0 || cap.kind != CAP_MEMORY ||
		    cap.rights != RIGHTS_ALL || cap.size != 2 * PAGE)
			seen->wrong++;
		if (sys_notify_wait((unsigned long)notification, 0, &bits) != -E_TIMEDOUT)
			seen->wrong++;
		seen->rounds++;
		sleep_ns(500000);
	}
}

/* A number of rounds from now on; the machine may be busy. */
static bool go_on(unsigned long rounds)
{
	unsigned long before = seen->rounds;

	for (unsigned i = 0; i < 10000 && seen->rounds < before + rounds; i++)
		sleep_ns(1000000);
	return seen->rounds >= before + rounds;
}

static void start_witnesses(void)
{
	long memory = sys_memory(PAGE, 0);

	endpoint = (unsigned long)sys_endpoint();
	to_server = (unsigned long)sys_cap_copy(endpoint, RIGHT_SEND | RIGHT_GRANT, 0);
	client_end = (unsigned long)sys_cap_copy(endpoint, RIGHT_SEND, BADGE);
	(void)sys_cap_inherit((unsigned long)memory, true);
	(void)sys_cap_inherit(endpoint, true);
	(void)sys_cap_inherit(client_end, true);
	seen = (void *)sys_memory_map((unsigned long)memory, 0, PAGE, 0, MAP_R | MAP_W);
	for (unsigned i = 0; i < 2; i++) {
		long process = sys_fork();

		if (process == 0) {
			(void)sys_cap_close(HANDLE_SYSTEM);
			if (i == 0)
				serve();
			else
				look();
			sys_exit(1);
		}
		witness[i] = (unsigned long)process;
		witness_id[i] = 2 + i;
	}
	(void)sys_cap_inherit((unsigned long)memory, false);
	(void)sys_cap_close(endpoint);
	(void)sys_cap_close(client_end);
	(void)sys_cap_inherit(to_server, true);
	(void)go_on(1);				/* until then the second has not made what it keeps */
}

/* Both live, have what they had, and nothing that should not be has been seen. */
static bool witnesses_good(void)
{
	struct wait_info ended;
	struct info_process info;
	bool good = seen->wrong == 0;

	for (unsigned i = 0; i < 2; i++)
		good = good && sys_wait(witness[i], 0, &ended) == -E_TIMEDOUT &&
		    sys_info(HANDLE_SYSTEM, INFO_PROCESS, witness_id[i], &info, sizeof(info)) > 0 &&
		    info.id == witness_id[i] && info.threads == 1 && info.used[LIMIT_THREADS] == 1 &&
		    info.used[LIMIT_OBJECTS] == (i == 0 ? 1 : 4);	/* mappings: one, two */
	return good;
}

/* ---- random calls ---- */

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

/*
 * Fewer of those that end the process, and no text in the log. The machine's end and its devices
 * need the system's capability, which they do not have.
 */
static bool allowed(unsigned long number, const unsigned long a[6])
{
	switch (number) {
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

/* Those that a random one has left behind. */
static bool end_others(void)
{
	struct info_process info;
	struct wait_info ended;
	bool good = true;

	for (unsigned id = witness_id[1] + 1;
	    sys_info(HANDLE_SYSTEM, INFO_PROCESS, id, &info, sizeof(info)) > 0; id = info.id + 1) {
		long process = sys_process(HANDLE_SYSTEM, info.id);

		if (process < 0)
			continue;
		(void)sys_kill((unsigned long)process, 1);
		good &= sys_wait((unsigned long)process, DEADLINE_NEVER, &ended) == process;
		(void)sys_cap_close((unsigned long)process);
	}
	return good;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? (unsigned)string_number(argv[2], NULL) : 300, ends[5] = { 0 };
	struct wait_info ended;
	bool good = true, touched = false;
	long process;

	seed = argc > 1 ? string_number(argv[1], NULL) : 1;
	for (unsigned i = 0; i < ARRAY_SIZE(canary); i++)
		canary[i] = CANARY + i;
	(void)sys_cap_inherit(HANDLE_SYSTEM, true);
	start_witnesses();
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
		good &= end_others();
		touched |= !canary_good() || !witnesses_good();
	}
	ok(good, "%u processes of random system calls, of which %u exit, %u are killed, %u fault", count,
	    ends[END_EXIT], ends[END_KILL], ends[END_FAULT] + ends[END_EXCEPTION] + ends[END_NOMEM]);
	ok(!touched, "no other process is touched, neither its memory nor its capabilities");
	good = go_on(3);
	ok(good && seen->wrong == 0, "a server and its client went on: %lu rounds", seen->rounds);
	return tap_done();
}
