/* SPDX-License-Identifier: BSD-2-Clause */
/* Actors. The interface is actor.h. */
#include "actor.h"

struct actor main_actor, actors[ACTORS];

static void run(void *arg)
{
	struct actor *a = arg;

	ipc_init(&a->ipc, thread_self(), &a->caps);
	a->fn(a);
	a->done = true;
	ipc_exit(&a->ipc);
}

void actor_give(struct actor *a, unsigned long handle, unsigned rights, unsigned long badge)
{
	if (cap_copy(main_caps, handle, &a->caps, rights, badge) != (long)handle)
		panic("handle %lu is not free", handle);
}

struct actor *actor_on(struct cpu *cpu, unsigned i, unsigned prio, void (*fn)(struct actor *))
{
	struct actor *a = &actors[i];

	memset(a, 0, sizeof(*a));
	captable_init(&a->caps, NULL);
	a->fn = fn;
	a->value = i;
	a->deadline = NSEC_NEVER;
	actor_give(a, E, RIGHTS_ALL, 100 + i);
	a->thread = thread_create_on(cpu, "actor", prio, 0, true, run, a);
	return a;
}

struct actor *actor(unsigned i, unsigned prio, void (*fn)(struct actor *))
{
	return actor_on(cpu_self(), i, prio, fn);
}

void actor_join(struct actor *a)
{
	thread_join(a->thread);
	captable_destroy(&a->caps);
}

void actor_await(const struct actor *a, enum ipc_state state)
{
	for (unsigned i = 0; i < 5000 && READ_ONCE(a->ipc.state) != state; i++)
		pause_ms(1);
}

void pause_ms(unsigned ms)
{
	sleep_until(clock_now() + ms * NSEC_PER_MSEC);
}

void actors_begin(void)
{
	captable_init(main_caps, NULL);
	ipc_init(&main_actor.ipc, thread_self(), main_caps);
	if (endpoint_create(main_caps, NULL) != E)
		panic("endpoint_create");
}

void actors_end(void)
{
	ipc_exit(&main_actor.ipc);
	captable_destroy(main_caps);
}

void message_set(struct message *to, unsigned long tag, unsigned long first)
{
	*to = (struct message) { .tag = tag, .word = { first, first + 1, first + 2, first + 3 } };
}

bool message_is(const struct ipc *t, unsigned long tag, unsigned long first, unsigned long badge)
{
	const struct message *got = &t->buffer;

	return got->tag == tag && got->word[0] == first && got->word[1] == first + 1 &&
	    got->word[2] == first + 2 && got->word[3] == first + 3 && got->badge == badge;
}

void actor_call(struct actor *a)
{
	message_set(&a->ipc.buffer, 10 + a->value, a->value * 100);
	a->error = ipc_call(&a->ipc, E, a->deadline);
}

static void nothing(struct actor *a)
{
	(void)a;
}

void actors_warm_up(void)
{
	actors_begin();
	for (unsigned i = 0; i < ACTORS; i++)
		(void)actor(i, PRIO_NORMAL, nothing);
	for (unsigned i = 0; i < ACTORS; i++)
		actor_join(&actors[i]);
	actors_end();
}
