/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages and notifications between threads of the kernel, each with a table of its own. */
#include "actor.h"

/* ---- calls ---- */

static void test_call(void)
{
	struct actor *a;
	int error;

	actors_begin();
	a = actor(3, PRIO_NORMAL, actor_call);
	pause_ms(1);
	ok(!a->done, "a call waits for somebody who receives");
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && message_is(self, 13, 300, 103),
	    "who receives has tag, words and badge");
	pause_ms(1);
	ok(!a->done, "the caller waits for the answer");
	message_set(m, 77, 7);
	ok(ipc_reply(self, 0) == 0, "an answer");
	actor_join(a);
	ok(a->error == 0 && message_is(&a->ipc, 77, 7, 0), "it is the caller's");
	ok(ipc_reply(self, 0) == E_DEAD, "there is one answer");

	a = actor(1, PRIO_MAX, actor_call);
	message_set(m, 78, 8);
	ok(ipc_reply_receive(self, E, NSEC_NEVER) == 0 && m->badge == 101,
	    "without a caller, to answer and receive is to receive");
	(void)actor(2, PRIO_MAX, actor_call);
	message_set(m, 78, 8);
	error = ipc_reply_receive(self, E, NSEC_NEVER);
	actor_join(a);
	ok(error == 0 && m->badge == 102 && message_is(&a->ipc, 78, 8, 0), "to answer and receive");
	ok(ipc_receive(self, E, 0) == E_TIMEDOUT, "receiving again");
	actor_join(&actors[2]);
	ok(actors[2].error == E_DEAD, "ends the call that has not been answered");
	ok(ipc_call(self, 99, 0) == E_BADF && ipc_receive(self, 0, 0) == E_BADF &&
	    ipc_reply(self, E) == E_BADF, "handles that are none");
	ok(cap_copy(main_caps, E, main_caps, RIGHT_GRANT, 0) == 2 && ipc_call(self, 2, 0) == E_PERM &&
	    ipc_receive(self, 2, 0) == E_PERM, "rights that a capability lacks");
	actors_end();
}

static void test_queue(void)
{
	bool good = true;

	actors_begin();
	for (unsigned i = 0; i < 6; i++) {
		(void)actor(i, PRIO_LOW + i % 3, actor_call);
		pause_ms(1);
	}
	for (unsigned i = 0; i < 6; i++) {
		static const unsigned long badges[] = { 102, 105, 101, 104, 100, 103 };

		good = good && ipc_reply_receive(self, E, NSEC_NEVER) == 0 && m->badge == badges[i];
	}
	(void)ipc_reply(self, 0);
	ok(good, "callers are served by priority, and in the order of their coming");
	for (unsigned i = 0; i < 6; i++) {
		actor_join(&actors[i]);
		good = good && actors[i].error == 0;
	}
	ok(good, "and all answered");
	actors_end();
}

/* ---- capabilities ---- */

static void call_with_cap(struct actor *a)
{
	long n = notification_create(&a->caps, NULL);

	a->ipc.buffer = (struct message) { .tag = TAG_CAP | 5, .word = { 1, 2, 3, (unsigned long)n } };
	a->error = ipc_call(&a->ipc, E, NSEC_NEVER);
	/* The answer has one as well. */
	a->value = a->ipc.buffer.word[3];
	if (a->error == 0)
		a->error = cap_revoke(&a->caps, (unsigned long)n);
}

static void test_transfer(void)
{
	size_t before = heap_blocks();
	struct cap_info info;
	struct actor *a;

	actors_begin();
	a = actor(0, PRIO_NORMAL, call_with_cap);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && m->tag == (TAG_CAP | 5) && m->word[3] == 2 &&
	    cap_info(main_caps, 2, &info) == 0 && info.kind == CAP_NOTIFICATION,
	    "a capability comes with a message");
	m->word[3] = 2;
	ok(cap_copy(main_caps, E, main_caps, RIGHT_SEND, 0) == 3, "a copy that must not be passed on");
	m->word[3] = 3;
	ok(ipc_reply(self, 0) == E_PERM, "is not");
	m->word[3] = 17;
	ok(ipc_reply(self, 0) == E_BADF, "nor is one that is none");
	m->word[3] = E;
	ok(ipc_reply(self, 0) == 0, "another goes with the answer");
	actor_join(a);
	ok(a->error == 0 && a->value == 3, "and comes");
	ok(cap_info(main_caps, 2, &info) == E_BADF, "the sender revoked what he had given");
	m->tag = TAG_CAP;
	m->word[3] = E;
	ok(ipc_call(self, E, 0) == E_TIMEDOUT, "what is not taken");
	actors_end();
	ok(heap_blocks() == before, "does not stay behind");
}

/* ---- saved replies ---- */

static void test_saved(void)
{
	size_t before = heap_blocks();
	long saved[3];
	bool good = true;

	actors_begin();
	ok(ipc_reply_save(self, NULL) == -E_DEAD, "there is no caller to be saved");
	for (unsigned i = 0; i < 3; i++) {
		(void)actor(i, PRIO_NORMAL, actor_call);
		good = good && ipc_receive(self, E, NSEC_NEVER) == 0 && m->badge == 100 + i;
		saved[i] = ipc_reply_save(self, NULL);
		good = good && saved[i] > 0;
	}
	ok(good, "three callers are saved");
	message_set(m, 1, 500);
	ok(ipc_reply(self, 0) == E_DEAD, "and not remembered");
	message_set(m, 1, 500);
	ok(ipc_reply(self, (unsigned long)saved[2]) == 0, "the last is answered first");
	actor_join(&actors[2]);
	ok(message_is(&actors[2].ipc, 1, 500, 0), "with its answer");
	ok(ipc_reply(self, (unsigned long)saved[2]) == E_BADF, "once");
	ok(cap_close(main_caps, (unsigned long)saved[1]) == 0, "one is closed");
	actor_join(&actors[1]);
	ok(actors[1].error == E_DEAD, "which ends the call");
	ipc_interrupt(&actors[0].ipc);
	actor_join(&actors[0]);
	ok(actors[0].error == E_INTR && ipc_reply(self, (unsigned long)saved[0]) == E_DEAD &&
	    ipc_reply(self, (unsigned long)saved[0]) == E_BADF, "one whose caller has gone is of no use");
	actors_end();
	ok(heap_blocks() == before, "nothing stays behind");
}

/* ---- ends ---- */

static void test_timeouts(void)
{
	nsec_t start = clock_now();
	struct actor *a;

	actors_begin();
	ok(ipc_call(self, E, start + 2 * NSEC_PER_MSEC) == E_TIMEDOUT &&
	    clock_now() >= start + 2 * NSEC_PER_MSEC, "a call ends at its deadline");
	ok(ipc_call(self, E, 0) == E_TIMEDOUT, "or at once");
	start = clock_now();
	ok(ipc_receive(self, E, start + 2 * NSEC_PER_MSEC) == E_TIMEDOUT &&
	    clock_now() >= start + 2 * NSEC_PER_MSEC, "so does waiting for one");
	a = actor(0, PRIO_NORMAL, actor_call);
	pause_ms(1);
	ok(ipc_receive(self, E, 0) == 0 && m->badge == 100, "one that waits is received at once");
	(void)ipc_reply(self, 0);
	actor_join(a);
	a = &actors[1];
	(void)actor(1, PRIO_LOW, actor_call);
	a->deadline = clock_now() + 20 * NSEC_PER_MSEC;
	ok(ipc_receive(self, E, clock_now() + NSEC_PER_SEC) == 0, "a call with a deadline is received");
	actor_join(a);
	ok(a->error == E_TIMEDOUT, "which ends it also while it is served");
	ok(ipc_reply(self, 0) == E_DEAD, "then the answer is nobody's");
	actors_end();
}

/* Receive once, and end without an answer. */
static void serve_and_die(struct actor *a)
{
	a->error = ipc_receive(&a->ipc, E, NSEC_NEVER);
}

static void serve_eight(struct actor *a)
{
	int error = ipc_receive(&a->ipc, E, NSEC_NEVER);

	for (a->value = 1; error == 0 && a->value < 7; a->value++)
		error = ipc_reply_receive(&a->ipc, E, NSEC_NEVER);
	a->error = error == 0 ? ipc_reply(&a->ipc, 0) : error;
}

static void test_death(void)
{
	unsigned dead = 0, served = 0, intr = 0;
	size_t before = heap_blocks();

	actors_begin();
	for (unsigned i = 0; i < 8; i++)
		(void)actor(i, PRIO_NORMAL, actor_call);
	pause_ms(2);
	(void)actor(8, PRIO_NORMAL, serve_and_die);
	pause_ms(2);
	(void)actor(9, PRIO_NORMAL, serve_eight);
	for (unsigned i = 0; i < 8; i++) {
		actor_join(&actors[i]);
		dead += actors[i].error == E_DEAD;
		served += actors[i].error == 0;
	}
	actor_join(&actors[8]);
	actor_join(&actors[9]);
	ok(dead == 1 && served == 7, "a server dies with one call, its successor serves the others");

	for (unsigned i = 0; i < 8; i++)
		(void)actor(i, PRIO_NORMAL, actor_call);
	pause_ms(2);
	for (unsigned i = 0; i < 8; i++)
		(void)cap_close(&actors[i].caps, E);
	actors_end();
	dead = 0;
	for (unsigned i = 0; i < 8; i++) {
		actor_join(&actors[i]);
		dead += actors[i].error == E_DEAD;
	}
	ok(dead == 8, "without anybody who could receive, calls end");
	ok(heap_blocks() == before, "nothing stays behind");

	actors_begin();
	(void)actor(0, PRIO_NORMAL, actor_call);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0, "a call is served");
	(void)actor(1, PRIO_NORMAL, actor_call);
	pause_ms(1);
	for (unsigned i = 0; i < 2; i++) {
		ipc_interrupt(&actors[i].ipc);
		actor_join(&actors[i]);
		intr += actors[i].error == E_INTR;
	}
	ok(intr == 2, "callers are interrupted in the queue, and while they are served");
	ok(ipc_reply(self, 0) == E_DEAD, "the server learns it when it answers");
	(void)actor(2, PRIO_NORMAL, serve_and_die);
	pause_ms(1);
	ipc_interrupt(&actors[2].ipc);
	actor_join(&actors[2]);
	ok(actors[2].error == E_INTR, "so is who receives");
	ok(ipc_call(self, E, 0) == E_TIMEDOUT, "and nobody receives then");
	actors_end();
	ok(heap_blocks() == before, "nothing stays behind");
}

/* ---- notifications ---- */

#define N		2

static struct notification *timer_target;

static void on_timer(struct timer *t)
{
	(void)t;
	notification_post(timer_target, 0x80);
}

static void wait_bits(struct actor *a)
{
	actor_give(a, N, RIGHTS_ALL, 0);
	a->error = notification_wait(&a->ipc, N, NSEC_NEVER, &a->value);
}

static void receive_once(struct actor *a)
{
	a->error = ipc_receive(&a->ipc, E, NSEC_NEVER);
}

static void test_notify(void)
{
	size_t before = heap_blocks();
	unsigned long bits = 0;
	struct timer timer;
	struct object *o;
	struct actor *a;

	actors_begin();
	ok(notification_create(main_caps, NULL) == N, "a notification");
	ok(notification_wait(self, N, 0, &bits) == E_TIMEDOUT, "has no bits");
	(void)notification_send(main_caps, N, 1);
	(void)notification_send(main_caps, N, 4);
	ok(notification_wait(self, N, 0, &bits) == 0 && bits == 5, "bits add up");
	ok(notification_wait(self, N, 0, &bits) == E_TIMEDOUT, "and are taken");
	a = actor(0, PRIO_NORMAL, wait_bits);
	actor_await(a, IPC_WAITING);
	(void)notification_send(main_caps, N, 2);
	actor_join(a);
	ok(a->error == 0 && a->value == 2, "who waits gets them");

	(void)cap_get(main_caps, N, CAP_NOTIFICATION, 0, &o, NULL);
	timer_target = container_of(o, struct notification, object);
	timer_init(&timer, on_timer);
	timer_set(&timer, clock_now() + NSEC_PER_MSEC);
	ok(notification_wait(self, N, NSEC_NEVER, &bits) == 0 && bits == 0x80, "from an interrupt");

	ok(endpoint_bind(main_caps, E, N) == 0, "it is bound to an endpoint");
	ok(notification_wait(self, N, 0, &bits) == E_BUSY && endpoint_bind(main_caps, E, N) == E_BUSY,
	    "and to nothing else");
	timer_set(&timer, clock_now() + NSEC_PER_MSEC);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && m->tag == TAG_NOTIFIED && m->word[0] == 0x80,
	    "which ends a receive");
	(void)notification_send(main_caps, N, 9);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && m->word[0] == 9, "also one that begins later");
	a = actor(1, PRIO_NORMAL, actor_call);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && m->badge == 101, "calls are received as before");
	(void)ipc_reply(self, 0);
	actor_join(a);
	ok(endpoint_bind(main_caps, E, 0) == 0, "unbound");
	(void)notification_send(main_caps, N, 1);
	ok(ipc_receive(self, E, 0) == E_TIMEDOUT && notification_wait(self, N, 0, &bits) == 0,
	    "it is as before");

	a = actor(0, PRIO_NORMAL, wait_bits);
	actor_await(a, IPC_WAITING);
	object_put(o);
	(void)cap_close(&a->caps, N);
	(void)cap_close(main_caps, N);
	actor_join(a);
	ok(a->error == E_DEAD, "without anybody who knows it, who waits for it does not");

	/* Both ways to end what is bound. */
	(void)notification_create(main_caps, NULL);
	(void)endpoint_bind(main_caps, E, N);
	(void)cap_close(main_caps, N);
	ok(ipc_receive(self, E, 0) == E_TIMEDOUT, "the end of a notification that is bound");
	(void)notification_create(main_caps, NULL);
	(void)endpoint_bind(main_caps, E, N);
	a = actor(0, PRIO_NORMAL, receive_once);
	actor_await(a, IPC_RECEIVING);
	(void)cap_close(&a->caps, E);
	actors_end();
	actor_join(a);
	ok(a->error == E_DEAD && heap_blocks() == before, "of an endpoint that has one");
}

void test_ipc(void)
{
	actors_warm_up();
	test_call();
	test_queue();
	test_transfer();
	test_saved();
	test_timeouts();
	test_death();
	test_notify();
	test_ipc_loans();
	test_ipc_load();
}
