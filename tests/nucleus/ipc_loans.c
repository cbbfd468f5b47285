/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities that callers lend to servers: given back whichever way the reason for it ends. */
#include "actor.h"

static volatile unsigned go[ACTORS];	/* how many steps an actor may have done with */
static struct mutex mutex = MUTEX_INIT(mutex);

static void wait_go(unsigned i, unsigned step)
{
	while (go[i] < step)
		pause_ms(1);
}

/* Soon; the machine may be busy. */
static bool becomes(const struct actor *a, unsigned prio)
{
	for (unsigned i = 0; i < 5000 && READ_ONCE(a->thread->prio) != prio; i++)
		pause_ms(1);
	return READ_ONCE(a->thread->prio) == prio;
}

/* Serve, each call for as long as it takes until one may go on. */
static void serve(struct actor *a)
{
	unsigned own = (unsigned)a->value;
	int error = ipc_receive(&a->ipc, E, NSEC_NEVER);

	for (unsigned step = 1; error == 0; step++) {
		wait_go(own, step);
		error = ipc_reply_receive(&a->ipc, E, NSEC_NEVER);
	}
	a->error = error;
}

static void stop(struct actor *a)
{
	ipc_interrupt(&a->ipc);
	actor_join(a);
}

static void stop_server(unsigned i)
{
	go[i] = ~0u;
	stop(&actors[i]);
}

static void begin(void)
{
	actors_begin();
	for (unsigned i = 0; i < ACTORS; i++)
		go[i] = 0;
}

static void test_given_up(void)
{
	struct actor *server, *caller;

	begin();
	server = actor(0, PRIO_LOW, serve);
	caller = actor(1, PRIO_NORMAL, actor_call);
	ok(becomes(server, PRIO_NORMAL), "who serves has its caller's priority");
	stop(caller);
	ok(server->thread->prio == PRIO_LOW, "until that one gives up");
	caller = actor(1, PRIO_NORMAL, actor_call);
	ok(becomes(server, PRIO_NORMAL), "so has who will serve next");
	stop(caller);
	ok(server->thread->prio == PRIO_LOW, "until that one gives up");
	caller = actor(1, PRIO_NORMAL, actor_call);
	(void)becomes(server, PRIO_NORMAL);
	(void)cap_close(&caller->caps, E);
	(void)cap_close(&server->caps, E);
	actors_end();
	actor_join(caller);
	ok(caller->error == E_DEAD && server->thread->prio == PRIO_LOW, "or until nobody can receive");
	go[0] = 1;
	actor_join(server);
	ok(server->error == E_BADF, "which the server learns");
}

static void test_two_servers(void)
{
	struct actor *server[2], *urgent;

	begin();
	for (unsigned i = 0; i < 2; i++) {
		server[i] = actor(i, PRIO_LOW, serve);
		(void)actor(2 + i, PRIO_LOW + 1, actor_call);
		(void)becomes(server[i], PRIO_LOW + 1);
	}
	urgent = actor(4, PRIO_NORMAL, actor_call);
	ok(becomes(server[1], PRIO_NORMAL) && server[0]->thread->prio == PRIO_LOW + 1,
	    "of two that serve, who received last has the priority of who waits");
	go[0] = 1;
	ok(becomes(server[0], PRIO_NORMAL) && server[1]->thread->prio == PRIO_LOW + 1,
	    "until the other one serves that");
	stop(urgent);
	for (unsigned i = 0; i < 2; i++) {
		stop_server(i);
		actor_join(&actors[2 + i]);
	}
	actors_end();
}

static void test_raised(void)
{
	struct actor *server, *caller[3];

	begin();
	server = actor(0, PRIO_LOW, serve);
	for (unsigned i = 0; i < 3; i++) {
		caller[i] = actor(1 + i, PRIO_LOW + 1 - i % 2, actor_call);
		while (READ_ONCE(caller[i]->ipc.state) == IPC_IDLE)
			pause_ms(1);
	}
	thread_set_prio(caller[1]->thread, PRIO_NORMAL);
	ok(becomes(server, PRIO_NORMAL), "who becomes more urgent in the queue lends that");
	go[0] = 1;
	actor_join(caller[0]);
	for (unsigned i = 0; i < 5000 && READ_ONCE(server->ipc.caller) == NULL; i++)
		pause_ms(1);
	ok(READ_ONCE(server->ipc.caller) == &caller[1]->ipc && server->thread->prio == PRIO_NORMAL,
	    "and is served before those who were more urgent");
	stop_server(0);
	stop(caller[2]);
	actor_join(caller[1]);
	actors_end();
}

/* Receive, and become less urgent. */
static void serve_lower(struct actor *a)
{
	a->error = ipc_receive(&a->ipc, E, NSEC_NEVER);
	thread_set_prio(thread_self(), PRIO_LOW);
	ipc_prio_changed(&a->ipc);
	wait_go(0, 1);
	(void)ipc_reply(&a->ipc, 0);
	wait_go(0, 2);
}

/* Receive, and hold a mutex for some time. */
static void serve_locked(struct actor *a)
{
	a->error = ipc_receive(&a->ipc, E, NSEC_NEVER);
	mutex_lock(&mutex);
	wait_go(0, 1);
	mutex_unlock(&mutex);
	wait_go(0, 2);
}

static void lock(struct actor *a)
{
	(void)a;
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void test_own_and_others(void)
{
	struct actor *server, *caller, *waiter;

	begin();
	server = actor(0, PRIO_NORMAL, serve_lower);
	caller = actor(1, PRIO_NORMAL - 1, actor_call);
	ok(becomes(server, PRIO_NORMAL - 1), "who makes itself less urgent is as urgent as its caller");
	go[0] = 1;
	actor_join(caller);
	ok(becomes(server, PRIO_LOW), "until it has answered");
	go[0] = 2;
	actor_join(server);

	go[0] = 0;
	server = actor(0, PRIO_LOW, serve_locked);
	(void)actor(1, PRIO_LOW, actor_call);
	while (READ_ONCE(mutex.owner) == 0)
		pause_ms(1);
	waiter = actor(2, PRIO_NORMAL, lock);
	(void)becomes(server, PRIO_NORMAL);
	caller = actor(3, PRIO_LOW + 2, actor_call);
	actor_await(caller, IPC_QUEUED);
	go[0] = 1;
	actor_join(waiter);
	ok(becomes(server, PRIO_LOW + 2), "what a caller lends stays when a mutex is unlocked");
	go[0] = 2;
	actor_join(server);
	stop(caller);
	actor_join(&actors[1]);
	actors_end();
}

void test_ipc_loans(void)
{
	test_given_up();
	test_two_servers();
	test_raised();
	test_own_and_others();
}
