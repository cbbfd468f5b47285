/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues, for sched.c, where the invariants are, and for fastpath.c, which goes from one thread
 * to another by itself.
 *
 * Locking: a run queue's lock for everything in it, and for state, prio and slice_left of its
 * threads.
 */
#ifndef NUCLEUS_RUNQ_H
#define NUCLEUS_RUNQ_H

#include <nucleus/thread.h>

struct runq {
	struct spinlock	lock;
	bool		slice_set;
	struct thread	*prev;		/* that was switched from */
	struct list	queue[PRIO_MAX + 1];	/* bit p of the CPU's ready: queue[p] is not empty */
	struct timer	slice;
} ALIGNED(1024);			/* nobody else's cache lines, and an index that is a shift */

extern struct runq runqs[CPU_MAX];

static inline struct runq *runq_of(const struct cpu *cpu)
{
	return &runqs[cpu->id];
}

/* The priority at which t competes. It changes here only while t is in a queue. */
static inline unsigned thread_level(const struct thread *t)
{
	return t->user != NULL && !t->kicked ? MIN(t->prio, PRIO_USER) : t->prio;
}

/* What t, which runs, has left of its slice. */
static inline int64_t thread_slice(const struct thread *t, uint64_t ticks)
{
	return t->slice_left - (int64_t)clock_length(ticks - t->slice_since);
}

/* In the thread that begins to run: the lock is held, by the one before. */
void sched_finish(struct runq *rq);

#endif /* NUCLEUS_RUNQ_H */
