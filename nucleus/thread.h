/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads and the scheduler.
 *
 * A thread runs in the kernel, on a stack of its own with an unmapped page below it; user code
 * runs on a thread that is in user_run() (user.h). The scheduler is preemptive: of the runnable
 * threads one of the highest priority runs; those of equal priority take turns of SCHED_SLICE.
 * The kernel is preemptible wherever interrupts are on and preempt_disable() is not in effect.
 *
 * Priorities: 0 (least) to PRIO_MAX. A thread's *base* priority is what it was given; its
 * *effective* one may be higher while it owns a mutex that a more urgent thread waits for, or is to
 * answer one (ipc.h).
 *
 * Locking: run queues by a spin lock for each CPU; the list of all threads by another.
 */
#ifndef NUCLEUS_THREAD_H
#define NUCLEUS_THREAD_H

#include <nucleus/clock.h>
#include <nucleus/cpu.h>
#include <nucleus/list.h>
#include <nucleus/sync.h>

#define PRIO_IDLE	0		/* the idle threads' alone */
#define PRIO_LOW	8
#define PRIO_NORMAL	16
#define PRIO_USER	PRIO_NORMAL	/* at most this, while a thread runs user code */
#define PRIO_HIGH	24		/* what programs wait for */
#define PRIO_IRQ	30		/* interrupt threads */
#define PRIO_MAX	31

#define SCHED_SLICE	(4 * NSEC_PER_MSEC)
#define STACK_DEFAULT	(16 * KIB)
#define THREAD_TLS	4		/* pointers for the kernel's users */
#define PARKED_DIRECT	2		/* in a fast call (native.h), and bare (cpu_bare()) */

enum thread_state { THREAD_READY, THREAD_RUNNING, THREAD_SLEEPING, THREAD_ENDED };

struct user;

/* Fields are the scheduler's unless stated. */
struct thread {
	struct cpu_context context;	/* saved registers while it does not run */
	void		*tls[THREAD_TLS];	/* the thread's own, NULL at first; see thread_tls */
	struct user	*user;		/* user.c: runs user code, or NULL */
	uint8_t		state;
	uint8_t		parked;		/* thread_park(): not at all, somehow, or PARKED_DIRECT */
	bool		unparked;
	uint8_t		lent;		/* a priority, by those that wait for this one's answer */
	uint8_t		prio, base_prio;
	bool		joinable;
	bool		kicked;		/* has work outside user mode: does not compete as user code */
	uint32_t	id;		/* never used twice */
	struct cpu	*cpu;		/* where it runs, ran last, or is queued */
	bool		pinned;		/* it stays there; constant */
	struct list	run_link;	/* in a run queue: READY */
	struct list	all_link;
	int64_t		slice_left;	/* of the time slice, nanoseconds, */
	uint64_t	slice_since;	/* and as of when, if it runs; clock_ticks() */
	uint64_t	run_since, run_ticks;	/* clock_ticks(): when it began to run, for how long */
	unsigned	preempt;	/* preempt_disable() without enable */

	/* Sleeping: */
	struct list	wait_link;	/* in wait_on->waiters */
	struct waitq	*wait_on;
	int		wait_result;
	struct timer	wait_timer;
	struct mutex	*blocked_on;	/* the mutex, if it is one */
	struct list	owned;		/* mutexes of its own that others wait for */
	struct thread	*waits_for;	/* whose answer this one waits for, or NULL */

	vaddr_t		stack;		/* lowest address */
	size_t		stack_size;
	struct waitq	ended;		/* joiners wait here */
	bool		gone;		/* off its stack for good */
	char		name[24];
};

/*
 * Make a thread that runs fn(arg) and put it on a run queue. stack: bytes of its stack, rounded up
 * to pages, 0 for STACK_DEFAULT. name is copied, cut short if need be. A joinable thread stays
 * until thread_join(); another is freed when it ends, and the pointer is good only until then.
 * NULL: no memory.
 */
struct thread *thread_create(const char *name, unsigned prio, size_t stack, bool joinable,
    void (*fn)(void *), void *arg);

/* The same on one CPU, on which it stays. */
struct thread *thread_create_on(struct cpu *cpu, const char *name, unsigned prio, size_t stack,
    bool joinable, void (*fn)(void *), void *arg);

/* End the calling thread; returning from fn does the same. It owns no mutex. */
void thread_exit(void) NORETURN;

/* Wait until t has ended, and free it. Once for each joinable thread. May sleep. */
void thread_join(struct thread *t);

/* The calling thread. In an interrupt handler: the interrupted one. */
static inline struct thread *thread_self(void)
{
	return cpu_thread();
}

/* The calling thread's pointer i; a place, to read or to set. */
#define thread_tls(i)	(thread_self()->tls[i])

void thread_set_prio(struct thread *t, unsigned prio);	/* base priority, at once in effect */
void thread_yield(void);		/* let others of the same priority run. Thread context */

/* Nests. The thread stays on its CPU, and is not preempted until the last enable. */
void preempt_disable(void);
void preempt_enable(void);

/*
 * thread_park: the calling thread sleeps until thread_unpark() or the deadline. One that has been
 * unparked since its last thread_park() returns at once, and the reason may be an old one: callers
 * loop over what they wait for. thread_unpark: any context. thread_unpark_here: by a thread that is
 * going to sleep; t is to run on its CPU then, rather than on another.
 */
void thread_park(nsec_t deadline);
void thread_unpark(struct thread *t);
void thread_unpark_here(struct thread *t);

/* For each thread: fn(t, arg). Any context; fn must not sleep. */
void thread_for_each(void (*fn)(struct thread *t, void *arg), void *arg);
nsec_t thread_run_time(const struct thread *t);

/* ---- for the nucleus's other files ---- */

/*
 * sched_sleep: the calling thread, state SLEEPING, gives up the CPU. Interrupts off, no lock held.
 * sched_wake: make a sleeping thread ready.
 * sched_irq_exit: at the end of each interrupt, interrupts off: switches threads if one of higher
 * priority became ready or the time slice ended. sched_preempt: the same wherever it is allowed.
 * sched_set_prio: the effective priority. sched_begin: first thing in a new thread. sched_place:
 * where a new thread should begin.
 * sched_enter_user: the calling thread, user not NULL and not kicked, is about to run user code;
 * interrupts off. It is not kicked afterwards, and has not waited to the end if *work is not 0.
 * Needed only if sched_user_waits(): somebody ready is as urgent as user code.
 * sched_kick: if t waits for the CPU to run user code, it gets it as if it were not to. t is of
 * the calling CPU. sched_notified: another CPU has changed the run queue or set work words.
 */
void sched_sleep(void);
void sched_wake(struct thread *t);
void sched_irq_exit(void);
void sched_set_prio(struct thread *t, unsigned prio);
void sched_begin(void);
struct cpu *sched_place(void);
void sched_enter_user(const volatile unsigned *work);
static inline bool sched_user_waits(void)
{
	return cpu_self()->ready >> PRIO_USER != 0;
}
void sched_kick(struct thread *t);
void sched_notified(void);

void thread_gone(struct thread *t);	/* t has ended and left its stack */
void mutex_update_prio(struct thread *t);	/* t->base_prio has changed */
void thread_lend(struct thread *t, unsigned prio);	/* t->lent becomes prio */
void wait_insert(struct list *waiters, struct thread *t);	/* by priority */

/* Boot only: the caller becomes the CPU's idle thread. sched_idle: and stays it. */
void sched_init(void);
void sched_idle(void) NORETURN;

#endif /* NUCLEUS_THREAD_H */
