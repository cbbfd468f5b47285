/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks and waiting.
 *
 *   spin lock     short sections, in any context; held with interrupts off
 *   wait queue    threads that sleep until woken or until a time; what the others are made of
 *   mutex         held by a thread; a waiter lends its priority to the owner (transitively)
 *   condition     threads that wait for a change of what a mutex protects
 *
 * Order: a spin lock may be taken with a mutex held, not the other way round. The locks inside
 * (wait queues, run queues) are taken last. Wake-ups may be sent in any context.
 *
 * Deadlines are instants of clock_now(); NSEC_NEVER waits for ever. Nothing ends a wait early but
 * a wake-up and the deadline; yet callers loop over their condition, since someone else may have
 * been quicker.
 */
#ifndef NUCLEUS_SYNC_H
#define NUCLEUS_SYNC_H

#include <nucleus/checked.h>
#include <nucleus/cpu.h>
#include <nucleus/list.h>

struct thread;

/* ---- spin locks ---- */

struct spinlock {
	uint32_t	held;
};

#define SPINLOCK_INIT	{ 0 }

/*
 * smp.c: it is taken; take it. spin_wait: interrupts are off. spin_lock_wait: they are off since
 * flags, and are while it waits as they were then; so who waits is interrupted, and preempted.
 */
void spin_wait(struct spinlock *lk);
void spin_lock_wait(struct spinlock *lk, unsigned long flags);

/* False: it is taken. */
static inline bool spin_take(struct spinlock *lk)
{
	return __atomic_exchange_n(&lk->held, 1, __ATOMIC_ACQUIRE) == 0;
}

#ifdef NUCLEUS_CHECKED
#define spin_acquire(lk)	checked_acquire((lk), LOCK_CLASS(#lk), cpu_irq_save())
#define spin_try_acquire(lk)	checked_try_acquire((lk), LOCK_CLASS(#lk))
#define spin_release(lk)	checked_release(lk)
#define spin_lock(lk) ({ \
	unsigned long spin_flags = cpu_irq_save(); \
	checked_acquire((lk), LOCK_CLASS(#lk), spin_flags); \
	spin_flags; })
#else
/* With interrupts off already. */
static inline void spin_acquire(struct spinlock *lk)
{
	if (unlikely(!spin_take(lk)))
		spin_wait(lk);
}

static inline bool spin_try_acquire(struct spinlock *lk)
{
	return spin_take(lk);
}

static inline void spin_release(struct spinlock *lk)
{
	__atomic_store_n(&lk->held, 0, __ATOMIC_RELEASE);
}

/* Returns what spin_unlock needs to put the interrupt state back. Not recursive. */
static inline unsigned long spin_lock(struct spinlock *lk)
{
	unsigned long flags = cpu_irq_save();

	if (unlikely(!spin_take(lk)))
		spin_lock_wait(lk, flags);
	return flags;
}
#endif

void sched_preempt(void);

/* A thread of higher priority that became ready meanwhile runs now. */
static inline void spin_unlock(struct spinlock *lk, unsigned long flags)
{
	spin_release(lk);
	cpu_irq_restore(flags);
	if (unlikely(cpu_resched_due()))
		sched_preempt();
}

/* ---- wait queues ---- */

/*
 * Waiters in order of priority, first come first served within one. All waiters of one queue
 * wait with the same lock, and changes of what they wait for are made with it held.
 */
struct waitq {
	struct spinlock	lock;
	struct list	waiters;	/* struct thread, by .wait_link, in order of priority */
};

#define WAITQ_INIT(name)	{ SPINLOCK_INIT, LIST_INIT((name).waiters) }

void waitq_init(struct waitq *wq);

/*
 * waitq_sleep: called with wq->lock held (flags: what spin_lock gave); sleeps, releasing it, and
 * returns with it released and interrupts on. May sleep. 0: woken; E_TIMEDOUT.
 * waitq_wake_one, waitq_wake_all: with wq->lock held. How many were woken. A thread that was
 * woken gets 0 from its sleep, even if its deadline passes before it runs.
 */
int waitq_sleep(struct waitq *wq, unsigned long flags, nsec_t deadline);
unsigned waitq_wake_one(struct waitq *wq);
unsigned waitq_wake_all(struct waitq *wq);

/* With wq->lock held: if t sleeps in wq, it is woken, and its sleep returns result. False: not. */
bool waitq_end(struct waitq *wq, struct thread *t, int result);

/* Sleep until deadline. May sleep. */
void sleep_until(nsec_t deadline);

/* ---- mutexes ---- */

struct mutex {
	uintptr_t	owner;		/* 0: free; else the thread, + 1 if others wait */
	struct list	waiters;	/* struct thread, by .wait_link, in order of priority */
	struct list	link;		/* in the owner's list, if others wait */
};

#define MUTEX_INIT(name)	{ 0, LIST_INIT((name).waiters), LIST_INIT((name).link) }

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);		/* may sleep; the caller does not hold it */
int mutex_trylock(struct mutex *m);		/* E_BUSY; not in an interrupt handler */
void mutex_unlock(struct mutex *m);		/* by the owner */
bool mutex_held(const struct mutex *m);		/* by the calling thread */

/* ---- condition variables ---- */

struct cond {
	struct waitq	wq;
};

/*
 * cond_wait: release m and sleep, as one step for those that hold m; take m again. 0 or
 * E_TIMEDOUT. May sleep.
 * cond_signal, cond_broadcast: with or without m held, in any context; without a waiter a few
 * instructions.
 * cond_waiters: how many wait; exact while m is held.
 */
void cond_init(struct cond *c);
int cond_wait(struct cond *c, struct mutex *m, nsec_t deadline);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);
unsigned cond_waiters(struct cond *c);

#endif /* NUCLEUS_SYNC_H */
