/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests of messages have in common: an endpoint that a test's processes inherit, and a page
 * that they share. Included once by each; main() sets shared.
 */
#ifndef USER_TESTS_MESSAGES_H
#define USER_TESTS_MESSAGES_H

#include "tap.h"

#define MS		1000000ul

static struct {
	volatile unsigned	started, served, answered, dead, stop;
} *shared;

static unsigned long endpoint;		/* inherited by all */

static inline void begin(void)
{
	endpoint = (unsigned long)sys_endpoint();
	(void)sys_cap_inherit(endpoint, true);
	memset(shared, 0, sizeof(*shared));
}

static inline void end(void)
{
	(void)sys_cap_close(endpoint);
}

static inline void add(volatile unsigned *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static inline void wait_for(volatile unsigned *counter, unsigned value)
{
	unsigned long give_up = sys_clock() + 5000 * MS;

	while (*counter < value && sys_clock() < give_up)
		sleep_ns(MS / 2);
}

/* fn(arg) in a child; its handle. */
static inline unsigned long start(int (*fn)(unsigned long arg), unsigned long arg)
{
	long process = sys_fork();

	if (process == 0) {
		add(&shared->started);
		sys_exit(fn(arg));
	}
	return (unsigned long)process;
}

/* What is to be killed. */
static inline int pause_long(unsigned long none)
{
	(void)none;
	sleep_ns(60000 * MS);
	return 1;
}

static inline struct message say(unsigned long tag, unsigned long first)
{
	return (struct message) { .tag = tag, .word = { first, first + 1, first + 2, first + 3 } };
}

/* One call, which the server answers with twice its first word, or does not. */
static inline int call_once(unsigned long first)
{
	struct message m = say(7, first);
	long error = ipc_call(endpoint, &m);

	if (error == 0)
		add(&shared->answered);
	else if (error == -E_DEAD)
		add(&shared->dead);
	return error == 0 && m.word[0] == first * 2 ? 0 : (int)-error + 1;
}

#endif /* USER_TESTS_MESSAGES_H */
