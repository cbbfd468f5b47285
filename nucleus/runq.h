/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues, for sched.c, where the invariants are, for balance.c, by which threads come to other
 * CPUs, and for fastpath.c, which goes from one thread to another by itself.
 *
 * Locking: a run queue's lock for everything in it, and for state, prio, slice_left and cpu of the
 * threads of its CPU, whether they run, are in the queue, or sleep. cpu changes with both queues'
 * locks held, taken in the order of CPUs, and never while the thread runs.
 */
#ifndef NUCLEUS_RUNQ_H
#define NUCLEUS_RUNQ_H

#include <nucleus/thread.h>

struct runq {
	struct spinlock	lock;
	bool		slice_set;
	uint8_t		level;		/* of the thread that runs, if there are several CPUs */
	unsigned	length;		/* threads in it */
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

static inline void enqueue(struct cpu *cpu, struct thread *t, bool at_head)
{
	struct runq *rq = runq_of(cpu);
	unsigned prio = thread_level(t);

	if (at_head)
		list_add_head(&rq->queue[prio], &t->run_link);
	else
		list_add_tail(&rq->queue[prio], &t->run_link);
	rq->length++;
	cpu->ready |= 1u << prio;
}

static inline void dequeue(struct cpu *cpu, struct thread *t)
{
	unsigned prio = thread_level(t);

	list_del(&t->run_link);
	runq_of(cpu)->length--;
	if (list_empty(&runq_of(cpu)->queue[prio]))
		cpu->ready &= ~(1u << prio);
}

/* What t, which runs, has left of its slice. */
static inline int64_t thread_slice(const struct thread *t, uint64_t ticks)
{
	return t->slice_left - (int64_t)clock_length(ticks - t->slice_since);
}

/* In the thread that begins to run: the lock is held, by the one before. */
void sched_finish(struct runq *rq);

/* Somebody of a level is ready on this CPU: does it concern who runs? The lock is held. */
void sched_notice_here(struct runq *rq, unsigned ready);

/*
 * Where there are several CPUs; interrupts off.
 *
 * balance_switch: next is going to run on this CPU. Its queue's lock is held.
 * balance_level: what runs on a CPU is of that level from now on: if somebody more urgent waits for
 * another, it is told to look. Its queue's lock is held.
 * balance_tell: somebody of a level has to wait on that CPU, whose queue's lock is held: another
 * one that could run it is told to look.
 * balance_take: no lock held. A thread more urgent than level comes here from another CPU's queue,
 * if there is one. balance_idle: the same where there is nothing to do; of later ones it is told.
 * balance_fetch: no lock held. A parked thread comes here, if it may.
 */
void balance_switch(struct cpu *cpu, const struct thread *next);
void balance_level(struct cpu *cpu, unsigned level);
void balance_tell(const struct cpu *cpu, unsigned level);
bool balance_take(unsigned level);
void balance_idle(void);
void balance_fetch(struct thread *t);

#endif /* NUCLEUS_RUNQ_H */
