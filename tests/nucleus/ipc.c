/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages and notifications between threads of the kernel, each with a table of its own. */
#include <nucleus/ipc.h>
#include <nucleus/smp.h>

#include "tap.h"

#define E		1		/* the endpoint's handle, in all tables */
#define ACTORS		10

struct actor {
	struct ipc	ipc;
	struct captable	caps;
	struct thread	*thread;
	void		(*fn)(struct actor *a);
	unsigned long	value;		/* fn's */
	int		error;
	volatile bool	done;
	nsec_t		deadline;
};

static struct actor main_actor, actors[ACTORS];
static struct captable *const main_caps = &main_actor.caps;

static void run(void *arg)
{
	struct actor *a = arg;

	ipc_init(&a->ipc, thread_self(), &a->caps);
	a->fn(a);
	a->done = true;
	ipc_exit(&a->ipc);
}

/* A copy of one of main's, under the same handle. */
static void give(struct actor *a, unsigned long handle, unsigned rights, unsigned long badge)
{
	if (cap_copy(main_caps, handle, &a->caps, rights, badge) != (long)handle)
		panic("handle %lu is not free", handle);
}

static struct actor *actor_on(struct cpu *cpu, unsigned i, unsigned prio,
    void (*fn)(struct actor *))
{
	struct actor *a = &actors[i];

	memset(a, 0, sizeof(*a));
	captable_init(&a->caps, NULL);
	a->fn = fn;
	a->value = i;
	a->deadline = NSEC_NEVER;
	give(a, E, RIGHTS_ALL, 100 + i);
	a->thread = thread_create_on(cpu, "actor", prio, 0, true, run, a);
	return a;
}

static struct actor *actor(unsigned i, unsigned prio, void (*fn)(struct actor *))
{
	return actor_on(cpu_self(), i, prio, fn);
}

static void join(struct actor *a)
{
	thread_join(a->thread);
	captable_destroy(&a->caps);
}

static void pause_ms(unsigned ms)
{
	sleep_until(clock_now() + ms * NSEC_PER_MSEC);
}

static void begin(void)
{
	captable_init(main_caps, NULL);
	ipc_init(&main_actor.ipc, thread_self(), main_caps);
	if (endpoint_create(main_caps, NULL) != E)
		panic("endpoint_create");
}

static void end(void)
{
	ipc_exit(&main_actor.ipc);
	captable_destroy(main_caps);
}

static size_t blocks(void)
{
	struct heap_stats st;

	heap_stats(&st);
	return st.blocks;
}

static struct message *const m = &main_actor.ipc.buffer;
static struct ipc *const self = &main_actor.ipc;

/* ---- calls ---- */

static void say(struct message *to, unsigned long tag, unsigned long first)
{
	*to = (struct message) { .tag = tag, .word = { first, first + 1, first + 2, first + 3 } };
}

static bool says(const struct ipc *t, unsigned long tag, unsigned long first,
    unsigned long badge)
{
	const struct message *got = &t->buffer;

	return got->tag == tag && got->word[0] == first && got->word[1] == first + 1 &&
	    got->word[2] == first + 2 && got->word[3] == first + 3 && got->badge == badge;
}

/* One call; the answer stays in the message. */
static void call(struct actor *a)
{
	say(&a->ipc.buffer, 10 + a->value, a->value * 100);
	a->error = ipc_call(&a->ipc, E, a->deadline);
}

static void test_call(void)
{
	struct actor *a;

	begin();
	a = actor(3, PRIO_NORMAL, call);
	pause_ms(1);
	ok(!a->done, "a call waits for somebody who receives");
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && says(self, 13, 300, 103),
	    "who receives has tag, words and badge");
	pause_ms(1);
	ok(!a->done, "the caller waits for the answer");
	say(m, 77, 7);
	ok(ipc_reply(self, 0) == 0, "an answer");
	join(a);
	ok(a->error == 0 && says(&a->ipc, 77, 7, 0), "it is the caller's");
	ok(ipc_reply(self, 0) == E_DEAD, "there is one answer");

	a = actor(1, PRIO_MAX, call);
	say(m, 78, 8);
	ok(ipc_reply_receive(self, E, NSEC_NEVER) == 0 && m->badge == 101,
	    "without a caller, to answer and receive is to receive");
	(void)actor(2, PRIO_MAX, call);
	say(m, 78, 8);
	ok(ipc_reply_receive(self, E, NSEC_NEVER) == 0 && m->badge == 102 && a->done,
	    "to answer and receive");
	join(a);
	ok(ipc_receive(self, E, 0) == E_TIMEDOUT, "receiving again");
	join(&actors[2]);
	ok(actors[2].error == E_DEAD, "ends the call that has not been answered");
	ok(ipc_call(self, 99, 0) == E_BADF && ipc_receive(self, 0, 0) == E_BADF &&
	    ipc_reply(self, E) == E_BADF, "handles that are none");
	ok(cap_copy(main_caps, E, main_caps, RIGHT_GRANT, 0) == 2 && ipc_call(self, 2, 0) == E_PERM &&
	    ipc_receive(self, 2, 0) == E_PERM, "rights that a capability lacks");
	end();
}

static void test_queue(void)
{
	bool good = true;

	begin();
	for (unsigned i = 0; i < 6; i++) {
		(void)actor(i, PRIO_LOW + i % 3, call);
		pause_ms(1);
	}
	for (unsigned i = 0; i < 6; i++) {
		static const unsigned long badges[] = { 102, 105, 101, 104, 100, 103 };

		good = good && ipc_reply_receive(self, E, NSEC_NEVER) == 0 && m->badge == badges[i];
	}
	(void)ipc_reply(self, 0);
	ok(good, "callers are served by priority, and in the order of their coming");
	for (unsigned i = 0; i < 6; i++) {
		join(&actors[i]);
		good = good && actors[i].error == 0;
	}
	ok(good, "and all answered");
	end();
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
	size_t before = blocks();
	struct cap_info info;
	struct actor *a;

	begin();
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
	join(a);
	ok(a->error == 0 && a->value == 3, "and comes");
	ok(cap_info(main_caps, 2, &info) == E_BADF, "the sender revoked what he had given");
	m->tag = TAG_CAP;
	m->word[3] = E;
	ok(ipc_call(self, E, 0) == E_TIMEDOUT, "what is not taken");
	end();
	ok(blocks() == before, "does not stay behind");
}

/* ---- saved replies ---- */

static void test_saved(void)
{
	size_t before = blocks();
	long saved[3];
	bool good = true;

	begin();
	ok(ipc_reply_save(self, NULL) == -E_DEAD, "there is no caller to be saved");
	for (unsigned i = 0; i < 3; i++) {
		(void)actor(i, PRIO_NORMAL, call);
		good = good && ipc_receive(self, E, NSEC_NEVER) == 0 && m->badge == 100 + i;
		saved[i] = ipc_reply_save(self, NULL);
		good = good && saved[i] > 0;
	}
	ok(good, "three callers are saved");
	say(m, 1, 500);
	ok(ipc_reply(self, 0) == E_DEAD, "and not remembered");
	say(m, 1, 500);
	ok(ipc_reply(self, (unsigned long)saved[2]) == 0, "the last is answered first");
	join(&actors[2]);
	ok(says(&actors[2].ipc, 1, 500, 0), "with its answer");
	ok(ipc_reply(self, (unsigned long)saved[2]) == E_BADF, "once");
	ok(cap_close(main_caps, (unsigned long)saved[1]) == 0, "one is closed");
	join(&actors[1]);
	ok(actors[1].error == E_DEAD, "which ends the call");
	ipc_interrupt(&actors[0].ipc);
	join(&actors[0]);
	ok(actors[0].error == E_INTR && ipc_reply(self, (unsigned long)saved[0]) == E_DEAD &&
	    ipc_reply(self, (unsigned long)saved[0]) == E_BADF, "one whose caller has gone is of no use");
	end();
	ok(blocks() == before, "nothing stays behind");
}

/* ---- ends ---- */

static void test_timeouts(void)
{
	nsec_t start = clock_now();
	struct actor *a;

	begin();
	ok(ipc_call(self, E, start + 2 * NSEC_PER_MSEC) == E_TIMEDOUT &&
	    clock_now() >= start + 2 * NSEC_PER_MSEC, "a call ends at its deadline");
	ok(ipc_call(self, E, 0) == E_TIMEDOUT, "or at once");
	start = clock_now();
	ok(ipc_receive(self, E, start + 2 * NSEC_PER_MSEC) == E_TIMEDOUT &&
	    clock_now() >= start + 2 * NSEC_PER_MSEC, "so does waiting for one");
	a = actor(0, PRIO_NORMAL, call);
	pause_ms(1);
	ok(ipc_receive(self, E, 0) == 0 && m->badge == 100, "one that waits is received at once");
	(void)ipc_reply(self, 0);
	join(a);
	a = &actors[1];
	(void)actor(1, PRIO_LOW, call);
	a->deadline = clock_now() + 5 * NSEC_PER_MSEC;
	ok(ipc_receive(self, E, NSEC_NEVER) == 0, "a call with a deadline is received");
	pause_ms(10);
	ok(a->done && a->error == E_TIMEDOUT, "which ends it also while it is served");
	join(a);
	ok(ipc_reply(self, 0) == E_DEAD, "then the answer is nobody's");
	end();
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
	size_t before = blocks();

	begin();
	for (unsigned i = 0; i < 8; i++)
		(void)actor(i, PRIO_NORMAL, call);
	pause_ms(2);
	(void)actor(8, PRIO_NORMAL, serve_and_die);
	pause_ms(2);
	(void)actor(9, PRIO_NORMAL, serve_eight);
	for (unsigned i = 0; i < 8; i++) {
		join(&actors[i]);
		dead += actors[i].error == E_DEAD;
		served += actors[i].error == 0;
	}
	join(&actors[8]);
	join(&actors[9]);
	ok(dead == 1 && served == 7, "a server dies with one call, its successor serves the others");

	for (unsigned i = 0; i < 8; i++)
		(void)actor(i, PRIO_NORMAL, call);
	pause_ms(2);
	for (unsigned i = 0; i < 8; i++)
		(void)cap_close(&actors[i].caps, E);
	end();
	dead = 0;
	for (unsigned i = 0; i < 8; i++) {
		join(&actors[i]);
		dead += actors[i].error == E_DEAD;
	}
	ok(dead == 8, "without anybody who could receive, calls end");
	ok(blocks() == before, "nothing stays behind");

	begin();
	(void)actor(0, PRIO_NORMAL, call);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0, "a call is served");
	(void)actor(1, PRIO_NORMAL, call);
	pause_ms(1);
	for (unsigned i = 0; i < 2; i++) {
		ipc_interrupt(&actors[i].ipc);
		join(&actors[i]);
		intr += actors[i].error == E_INTR;
	}
	ok(intr == 2, "callers are interrupted in the queue, and while they are served");
	ok(ipc_reply(self, 0) == E_DEAD, "the server learns it when it answers");
	(void)actor(2, PRIO_NORMAL, serve_and_die);
	pause_ms(1);
	ipc_interrupt(&actors[2].ipc);
	join(&actors[2]);
	ok(actors[2].error == E_INTR, "so is who receives");
	ok(ipc_call(self, E, 0) == E_TIMEDOUT, "and nobody receives then");
	end();
	ok(blocks() == before, "nothing stays behind");
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
	give(a, N, RIGHTS_ALL, 0);
	a->error = notification_wait(&a->ipc, N, NSEC_NEVER, &a->value);
}

static void receive_once(struct actor *a)
{
	a->error = ipc_receive(&a->ipc, E, NSEC_NEVER);
}

static void test_notify(void)
{
	size_t before = blocks();
	unsigned long bits = 0;
	struct timer timer;
	struct object *o;
	struct actor *a;

	begin();
	ok(notification_create(main_caps, NULL) == N, "a notification");
	ok(notification_wait(self, N, 0, &bits) == E_TIMEDOUT, "has no bits");
	(void)notification_send(main_caps, N, 1);
	(void)notification_send(main_caps, N, 4);
	ok(notification_wait(self, N, 0, &bits) == 0 && bits == 5, "bits add up");
	ok(notification_wait(self, N, 0, &bits) == E_TIMEDOUT, "and are taken");
	a = actor(0, PRIO_NORMAL, wait_bits);
	pause_ms(1);
	(void)notification_send(main_caps, N, 2);
	join(a);
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
	a = actor(1, PRIO_NORMAL, call);
	ok(ipc_receive(self, E, NSEC_NEVER) == 0 && m->badge == 101, "calls are received as before");
	(void)ipc_reply(self, 0);
	join(a);
	ok(endpoint_bind(main_caps, E, 0) == 0, "unbound");
	(void)notification_send(main_caps, N, 1);
	ok(ipc_receive(self, E, 0) == E_TIMEDOUT && notification_wait(self, N, 0, &bits) == 0,
	    "it is as before");

	a = actor(0, PRIO_NORMAL, wait_bits);
	pause_ms(1);
	object_put(o);
	(void)cap_close(&a->caps, N);
	(void)cap_close(main_caps, N);
	join(a);
	ok(a->error == E_DEAD, "without anybody who knows it, who waits for it does not");

	/* Both ways to end what is bound. */
	(void)notification_create(main_caps, NULL);
	(void)endpoint_bind(main_caps, E, N);
	(void)cap_close(main_caps, N);
	ok(ipc_receive(self, E, 0) == E_TIMEDOUT, "the end of a notification that is bound");
	(void)notification_create(main_caps, NULL);
	(void)endpoint_bind(main_caps, E, N);
	a = actor(0, PRIO_NORMAL, receive_once);
	pause_ms(1);
	(void)cap_close(&a->caps, E);
	end();
	join(a);
	ok(a->error == E_DEAD && blocks() == before, "of an endpoint that has one");
}

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

	say(m, 1, 1);
	return ipc_call(self, endpoint, start + NSEC_PER_SEC) == 0 ? clock_now() - start : NSEC_PER_SEC;
}

static void test_priority(void)
{
	struct actor *server, *middle;

	begin();
	spin_stop = false;
	server = actor(0, PRIO_LOW, serve_slowly);
	pause_ms(1);
	middle = actor(1, PRIO_NORMAL, spin);
	pause_ms(1);
	ok(timed_call(E) < 20 * NSEC_PER_MSEC, "a server has its caller's priority");
	(void)actor(2, PRIO_LOW, call);
	pause_ms(1);
	ok(served == 1 && server->thread->prio == PRIO_LOW, "and its own for a caller that has no more");
	spin_stop = true;
	join(middle);
	join(&actors[2]);
	spin_stop = false;

	/* It works for a low one, and a high one comes. */
	(void)actor(2, PRIO_LOW, call);
	pause_ms(1);
	middle = actor(1, PRIO_NORMAL, spin);
	ok(timed_call(E) < 20 * NSEC_PER_MSEC, "also for one that waits behind another");
	spin_stop = true;
	join(middle);
	join(&actors[2]);
	spin_stop = false;

	ok(endpoint_create(main_caps, NULL) == 2, "another server, that calls the first");
	(void)actor(3, PRIO_LOW + 1, pass_on);
	give(&actors[3], 2, RIGHTS_ALL, 0);
	pause_ms(1);
	middle = actor(1, PRIO_NORMAL, spin);
	pause_ms(1);
	ok(timed_call(2) < 20 * NSEC_PER_MSEC, "and for whom its caller works");
	spin_stop = true;
	join(middle);
	join(&actors[3]);
	say(m, 99, 0);
	(void)ipc_call(self, E, NSEC_NEVER);
	join(server);
	end();
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
		say(&a->ipc.buffer, 1, seed >> 16);
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

			say(msg, 0, saved_word * 3 - 1);
			(void)ipc_reply(&a->ipc, saved);
			saved = 0;
			msg->word[0] = word;
		} else if (msg->word[0] % 16 == 5) {
			long handle = ipc_reply_save(&a->ipc, NULL);

			saved = handle > 0 ? (unsigned long)handle : 0;
			saved_word = msg->word[0];
		}
		say(msg, 0, msg->word[0] * 3 - 1);
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
	size_t before = blocks();
	unsigned good = 0;

	begin();
	for (unsigned i = 0; i < ACTORS; i++)
		(void)actor_on(&cpus[i % cpu_count], i, PRIO_LOW + i % 3,
		    i >= 7 ? stress_server : stress_client);
	for (unsigned i = 0; i < 7; i++)
		join(&actors[i]);
	for (unsigned i = 7; i < ACTORS; i++) {
		ipc_interrupt(&actors[i].ipc);
		join(&actors[i]);
		good += actors[i].error == E_INTR;
	}
	end();
	ok(stress_wrong == 0 && good == 3, "seven callers and three servers on %u CPUs", cpu_count);
	ok(blocks() == before, "nothing stays behind");
}

static void nothing(struct actor *a)
{
	(void)a;
}

/* Some stacks are kept when threads have ended, which takes memory. */
static void warm_up(void)
{
	begin();
	for (unsigned i = 0; i < ACTORS; i++)
		(void)actor(i, PRIO_NORMAL, nothing);
	for (unsigned i = 0; i < ACTORS; i++)
		join(&actors[i]);
	end();
}

void test_ipc(void)
{
	warm_up();
	test_call();
	test_queue();
	test_transfer();
	test_saved();
	test_timeouts();
	test_death();
	test_notify();
	test_priority();
	test_load();
}
