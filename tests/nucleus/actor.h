/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Actors: threads of the kernel that exchange messages, each with a table of capabilities of its
 * own, in which the endpoint E of the main thread's has the same handle. Used by ipc*.c.
 */
#ifndef TESTS_ACTOR_H
#define TESTS_ACTOR_H

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
	unsigned long	value;		/* fn's; its number at first */
	int		error;
	volatile bool	done;
	nsec_t		deadline;
};

extern struct actor main_actor, actors[ACTORS];

/* Of the main thread. */
static struct message *const m = &main_actor.ipc.buffer;
static struct ipc *const self = &main_actor.ipc;
static struct captable *const main_caps = &main_actor.caps;

/* A test's beginning, with an endpoint, and its end. */
void actors_begin(void);
void actors_end(void);

/* Some stacks are kept when threads have ended, which takes memory. */
void actors_warm_up(void);

/* Actor i, whose badge is 100 + i, begins to run fn; actor_join: it has returned. */
struct actor *actor_on(struct cpu *cpu, unsigned i, unsigned prio, void (*fn)(struct actor *));
struct actor *actor(unsigned i, unsigned prio, void (*fn)(struct actor *));
void actor_join(struct actor *a);
void actor_await(const struct actor *a, enum ipc_state state);	/* soon; the machine may be busy */

/* A copy of one of main's handles, under the same number. */
void actor_give(struct actor *a, unsigned long handle, unsigned rights, unsigned long badge);

/* An actor's fn: one call of E until its deadline; the answer stays in the message. */
void actor_call(struct actor *a);

/* Messages of which the words count up from the first. */
void message_set(struct message *to, unsigned long tag, unsigned long first);
bool message_is(const struct ipc *t, unsigned long tag, unsigned long first, unsigned long badge);

void pause_ms(unsigned ms);

#endif /* TESTS_ACTOR_H */
