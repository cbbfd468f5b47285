/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages among others that want the CPU, and many at once. */
#include "actor.h"

/* ---- priorities ---- */

static volatile bool spin_stop;
static volatile unsigned served;

static void spin(struct actor *a)
{
	(void)a;
	while (!spin_stop)
		cpu_pause();
}

static void work_for(nsec_t time)
{
	nsec_t start = thread_run_time(thread_self());

	while (thread_run_time(thread_self()) < start + time)
		;
}

/* Serve with some work; until told to end. */
static void serve_slowly(struct actor *a)
{
	int error = ipc_receive(&a->ipc, E, NSEC_NEVER);

	while (error == 0 && a->ipc.buffer.tag != 99) {
		work_for(3 * NSEC_PER_MSEC);
		served++;
		error = ipc_reply_receive(&a->ipc, E, NSEC_NEVER);
	}
	(void)ipc_reply(&a->ipc, 0);
}

/* Pass calls on, through main's handle 2. */
static void pass_on(struct actor *a)
{
	int error = ipc_receive(&a->ipc, 2, NSEC_NEVER);

	if (error == 0)
		a->error = ipc_call(&a->ipc, E, NSEC_NEVER);
	(void)ipc_reply(&a->ipc, 0);
}

static nsec_t timed_call(unsigned long endpoint)
{
	nsec_t start = clock_now();

	message_set(m, 1, 1);
	return ipc_call(self, endpoint, start + NSEC_PER_SEC) == 0 ? clock_now() - start : NSEC_PER_SEC;
}

static void test_priority(void)
{
	struct actor *server, *middle;

	actors_begin();
	spin_stop = false;
	server = actor(0, PRIO_LOW, serve_slowly);
	actor_await(server, IPC_RECEIVING);
	middle = actor(1, PRIO_NORMAL, spin);
	pause_ms(1);
	ok(timed_call(E) < 20 * NSEC_PER_MSEC, "a server has its caller's priority");
	(void)actor(2, PRIO_LOW, actor_call);
	pause_ms(1);
	ok(served == 1 && server->thread->prio == PRIO_LOW, "and its own for a caller that has no more");
	spin_stop = true;
	actor_join(middle);
	actor_join(&actors[2]);
	spin_stop = false;

	/* It works for a low one, and a high one comes. */
	(void)actor(2, PRIO_LOW, actor_call);
	pause_ms(1);
	middle = actor(1, PRIO_NORMAL, spin);
	ok(timed_call(E) < 20 * NSEC_PER_MSEC, "also for one that waits behind another");
	spin_stop = true;
	actor_join(middle);
	actor_join(&actors[2]);
	spin_stop = false;

	ok(endpoint_create(main_caps, NULL) == 2, "another server, that calls the first");
	(void)actor(3, PRIO_LOW + 1, pass_on);
	actor_give(&actors[3], 2, RIGHTS_ALL, 0);
	actor_await(&actors[3], IPC_RECEIVING);
	middle = actor(1, PRIO_NORMAL, spin);
	pause_ms(1);
	ok(timed_call(2) < 20 * NSEC_PER_MSEC, "and for whom its caller works");
	spin_stop = true;
	actor_join(middle);
	actor_join(&actors[3]);
	message_set(m, 99, 0);
	(void)ipc_call(self, E, NSEC_NEVER);
	actor_join(server);
	actors_end();
}

/* ---- all at once ---- */

#define STRESS_CALLS	3000

static unsigned stress_wrong;

static void stress_client(struct actor *a)
{
	uint64_t seed = a->value * 77 + 1;

	for (unsigned i = 0; i < STRESS_CALLS; i++) {
		nsec_t deadline = NSEC_NEVER;
		int error;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		if (seed >> 60 == 0)
			deadline = clock_now() + (seed >> 40 & 0xffff);
		message_set(&a->ipc.buffer, 1, seed >> 16);
		if (seed >> 56 == 0x31) {
			a->ipc.buffer.tag = TAG_CAP | 1;
			a->ipc.buffer.word[3] = E;
		}
		error = ipc_call(&a->ipc, E, deadline);
		if (error == 0 && a->ipc.buffer.word[1] != (seed >> 16) * 3)
			__atomic_add_fetch(&stress_wrong, 1, __ATOMIC_RELAXED);
		if (error != 0 && error != E_TIMEDOUT && error != E_DEAD)
			__atomic_add_fetch(&stress_wrong, 1, __ATOMIC_RELAXED);
	}
}

static void stress_server(struct actor *a)
{
	struct message *msg = &a->ipc.buffer;
	unsigned long saved = 0, saved_word = 0;
	int error = ipc_receive(&a->ipc, E, NSEC_NEVER);

	while (error == 0) {
		if (msg->tag & TAG_CAP)
			(void)cap_close(&a->caps, msg->word[3]);
		if (saved != 0) {
			unsigned long word = msg->word[0];

			message_set(msg, 0, saved_word * 3 - 1);
			(void)ipc_reply(&a->ipc, saved);
			saved = 0;
			msg->word[0] = word;
		} else if (msg->word[0] % 16 == 5) {
			long handle = ipc_reply_save(&a->ipc, NULL);

			saved = handle > 0 ? (unsigned long)handle : 0;
			saved_word = msg->word[0];
		}
		message_set(msg, 0, msg->word[0] * 3 - 1);
		error = ipc_reply_receive(&a->ipc, E,
		    saved != 0 ? clock_now() + NSEC_PER_MSEC : NSEC_NEVER);
		if (error == E_TIMEDOUT) {
			(void)cap_close(&a->caps, saved);
			saved = 0;
			error = ipc_receive(&a->ipc, E, NSEC_NEVER);
		}
	}
	a->error = error;
}

static void test_load(void)
{
	size_t before = heap_blocks();
	unsigned good = 0;

	actors_begin();
	for (unsigned i = 0; i < ACTORS; i++)
		(void)actor_on(&cpus[i % cpu_count], i, PRIO_LOW + i % 3,
		    i >= 7 ? stress_server : stress_client);
	for (unsigned i = 0; i < 7; i++)
		actor_join(&actors[i]);
	for (unsigned i = 7; i < ACTORS; i++) {
		ipc_interrupt(&actors[i].ipc);
		actor_join(&actors[i]);
		good += actors[i].error == E_INTR;
	}
	actors_end();
	ok(stress_wrong == 0 && good == 3, "seven callers and three servers on %u CPUs", cpu_count);
	ok(heap_blocks() == before, "nothing stays behind");
}

void test_ipc_load(void)
{
	test_priority();
	test_load();
}
