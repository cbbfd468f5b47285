/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler. The interface is in thread.h.
 *
 * A CPU has a run queue: a list of ready threads for each priority, and a bit for each list that
 * is not empty. The thread that runs and the idle thread are in none. A thread that is preempted
 * goes to the head of its list with what is left of its time slice, or to the tail with a new one.
 * The slice timer runs only while there is another thread of the same priority.
 *
 * A thread is woken on its CPU. One that is woken there by another CPU while it is still on its way
 * to sleep is in the queue before it has left the CPU, which then takes it out again. How threads
 * come to other CPUs: balance.c.
 *
 * Locking: as in runq.h. A run queue's lock is held across cpu_switch(): the thread that begins to
 * run releases it. resched and the slice's timer are set by the CPU itself alone; others notify it.
 * Lock order: anything else, then run queues', then a CPU's timers'.
 */
#include <nucleus/clock.h>
#include <nucleus/log.h>
#include <nucleus/runq.h>
#include <nucleus/smp.h>
#include <nucleus/user.h>

struct runq runqs[CPU_MAX];

/* The lock of the queue of t's CPU; with it t does not move. */
static struct runq *runq_lock(const struct thread *t, unsigned long *flags)
{
	*flags = cpu_irq_save();
	for (;;) {
		struct cpu *cpu = READ_ONCE(t->cpu);
		struct runq *rq = runq_of(cpu);

		spin_acquire(&rq->lock);
		if (likely(t->cpu == cpu))
			return rq;
		spin_release(&rq->lock);
	}
}

static int top_prio(const struct cpu *cpu)
{
	return cpu->ready != 0 ? 31 - __builtin_clz(cpu->ready) : -1;
}

/* ---- time slices ---- */

static void slice_arm(struct runq *rq, int64_t left)
{
	rq->slice_set = true;
	timer_set(&rq->slice, clock_now() + (nsec_t)MAX(left, 0));
}

/* The timer may have been set for a thread that ran before: then there is something left. */
static void slice_end(struct timer *tm)
{
	struct runq *rq = container_of(tm, struct runq, slice);
	struct thread *t = thread_self();
	int64_t left;

	spin_acquire(&rq->lock);
	rq->slice_set = false;
	left = thread_slice(t, clock_ticks());
	if (left <= 0)
		cpu_self()->resched = 1;
	else if (cpu_self()->ready >> thread_level(t) & 1)
		slice_arm(rq, left);
	spin_release(&rq->lock);
}

/* ---- switching ---- */

void sched_finish(struct runq *rq)
{
	struct thread *prev = rq->prev;
	bool ended = prev != NULL && prev->state == THREAD_ENDED;

	rq->prev = NULL;
	spin_release(&rq->lock);
	if (ended)
		thread_gone(prev);
}

void sched_begin(void)
{
	sched_finish(runq_of(cpu_self()));
	cpu_irq_enable();
}

/* Interrupts off. The calling thread goes on later, or now if it is still the best. */
static void schedule(bool yield)
{
	struct cpu *cpu = cpu_self();
	struct runq *rq = runq_of(cpu);
	struct thread *self = cpu->thread, *next;
	uint64_t ticks = clock_ticks();
	int prio;

	spin_acquire(&rq->lock);
	cpu->resched = 0;
	self->slice_left = thread_slice(self, ticks);
	self->run_ticks += ticks - self->run_since;
	self->run_since = self->slice_since = ticks;
	if (self->state == THREAD_RUNNING && self != cpu->idle) {
		bool used_up = yield || self->slice_left <= 0;

		self->state = THREAD_READY;
		if (used_up)
			self->slice_left = SCHED_SLICE;
		enqueue(cpu, self, !used_up);
	}
	prio = top_prio(cpu);
	next = cpu->idle;
	if (prio >= 0) {
		next = list_first(&rq->queue[prio], struct thread, run_link);
		dequeue(cpu, next);
		if (cpu->ready >> prio & 1 && !rq->slice_set)
			slice_arm(rq, next->slice_left);
	}
	next->state = THREAD_RUNNING;
	next->run_since = next->slice_since = ticks;
	if (unlikely(cpu_count > 1))
		balance_switch(cpu, next);
	if (next != self) {
		cpu->switches++;
		rq->prev = self;
		cpu_switch(self, next);
	}
	sched_finish(runq_of(cpu_self()));
}

void sched_sleep(void)
{
	schedule(false);
}

void sched_irq_exit(void)
{
	if (cpu_resched_due() && thread_self()->preempt == 0)
		schedule(false);
}

/*
 * Who is as urgent as user code gets its turn; who is more urgent, first. A thread that was kicked
 * while it waited has work, for which it does not wait: several would wait for each other.
 */
void sched_enter_user(const volatile unsigned *work)
{
	struct thread *self = thread_self();
	struct runq *rq;

	while (cpu_self()->ready >> (PRIO_USER + 1) != 0) {
		schedule(false);
		self->kicked = false;
		if (*work != 0)
			break;
	}
	rq = runq_of(cpu_self());
	spin_acquire(&rq->lock);
	if (cpu_self()->ready >> thread_level(self) & 1 && !rq->slice_set)
		slice_arm(rq, thread_slice(self, clock_ticks()));
	spin_release(&rq->lock);
}

void sched_preempt(void)
{
	unsigned long flags;

	if (!cpu_irqs_on() || thread_self()->preempt != 0)
		return;
	flags = cpu_irq_save();
	if (cpu_resched_due())
		schedule(false);
	cpu_irq_restore(flags);
}

void thread_yield(void)
{
	unsigned long flags = cpu_irq_save();

	schedule(true);
	cpu_irq_restore(flags);
}

void preempt_disable(void)
{
	thread_self()->preempt++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void preempt_enable(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (--thread_self()->preempt == 0 && cpu_resched_due())
		sched_preempt();
}

/* ---- waking, priorities ---- */

void sched_notice_here(struct runq *rq, unsigned ready)
{
	struct thread *running = thread_self();

	if (ready > thread_level(running)) {
		cpu_self()->resched = 1;
	} else if (ready == thread_level(running) && !rq->slice_set) {
		slice_arm(rq, thread_slice(running, clock_ticks()));
	}
}

static inline bool is_remote(const struct cpu *cpu)
{
	return cpu != cpu_self();
}

/* t has become ready. What runs on another CPU may be about to enter user mode: it looks itself. */
static void notice(struct runq *rq, struct thread *t)
{
	if (!is_remote(t->cpu))
		sched_notice_here(rq, thread_level(t));
	else if (thread_level(t) >= MIN(READ_ONCE(t->cpu->thread)->prio, PRIO_USER))
		smp_notify(t->cpu);
}

/* The same, where another CPU may have it if it has to wait. */
static void notice_all(struct runq *rq, struct thread *t)
{
	notice(rq, t);
	if (unlikely(cpu_count > 1) && thread_level(t) <= thread_level(t->cpu->thread))
		balance_tell(t->cpu, thread_level(t));
}

/* t waits for the CPU to run user code: it gets it as if it were not to. */
static void kick(struct runq *rq, struct thread *t)
{
	if (t->state != THREAD_READY || t->user == NULL || t->kicked)
		return;
	dequeue(t->cpu, t);
	t->kicked = true;
	enqueue(t->cpu, t, false);
	notice_all(rq, t);
}

/* Another CPU has given work to a user here; it cannot say to whom, who may have ended since. */
static void kick_waiting(struct runq *rq)
{
	struct thread *t, *next;

	for (unsigned prio = 0; prio <= PRIO_USER; prio++) {
		list_for_each_safe(t, next, &rq->queue[prio], run_link) {
			if (t->user != NULL && user_has_work(t->user))
				kick(rq, t);
		}
	}
}

void sched_notified(void)
{
	struct runq *rq = runq_of(cpu_self());
	int prio;

	spin_acquire(&rq->lock);
	kick_waiting(rq);
	prio = top_prio(cpu_self());
	if (prio >= 0)
		sched_notice_here(rq, (unsigned)prio);
	spin_release(&rq->lock);
	if (cpu_count > 1)
		(void)balance_take(thread_level(thread_self()));
}

static void wake(struct thread *t)
{
	t->state = THREAD_READY;
	t->slice_left = SCHED_SLICE;
	enqueue(t->cpu, t, false);
}

void sched_wake(struct thread *t)
{
	unsigned long flags;
	struct runq *rq = runq_lock(t, &flags);

	wake(t);
	notice_all(rq, t);
	spin_unlock(&rq->lock, flags);
}

void sched_kick(struct thread *t)
{
	unsigned long flags;
	struct runq *rq = runq_lock(t, &flags);

	kick(rq, t);
	spin_unlock(&rq->lock, flags);
}

/* t runs. There may be others now that are more urgent, here or in other queues. */
static void prio_changed(struct runq *rq, struct thread *t)
{
	bool less = top_prio(t->cpu) > (int)thread_level(t);

	if (cpu_count > 1)
		balance_level(t->cpu, thread_level(t));
	if (less && !is_remote(t->cpu))
		sched_notice_here(rq, (unsigned)top_prio(t->cpu));
	else if (less)
		smp_notify(t->cpu);
}

void sched_set_prio(struct thread *t, unsigned prio)
{
	unsigned long flags;
	struct runq *rq = runq_lock(t, &flags);

	if (t->state == THREAD_READY) {
		dequeue(t->cpu, t);
		t->prio = (uint8_t)prio;
		enqueue(t->cpu, t, false);
		notice_all(rq, t);
	} else {
		t->prio = (uint8_t)prio;
		if (t->state == THREAD_RUNNING)
			prio_changed(rq, t);
	}
	spin_unlock(&rq->lock, flags);
}

/* ---- parking ---- */

static void park_timeout(struct timer *tm)
{
	thread_unpark(container_of(tm, struct thread, wait_timer));
}

/* The run queue's lock is held. False: the calling thread has been unparked already. */
static bool park(struct thread *self)
{
	bool sleeps = !self->unparked;

	self->unparked = false;
	if (sleeps) {
		self->parked = true;
		self->state = THREAD_SLEEPING;
	}
	return sleeps;
}

void thread_park(nsec_t deadline)
{
	unsigned long flags = cpu_irq_save();
	struct thread *self = thread_self();
	struct runq *rq = runq_of(self->cpu);
	bool sleeps;

	if (deadline != NSEC_NEVER) {
		self->wait_timer.fn = park_timeout;
		timer_set(&self->wait_timer, deadline);
	}
	spin_acquire(&rq->lock);
	sleeps = park(self);
	spin_release(&rq->lock);
	if (sleeps)
		schedule(false);
	if (deadline != NSEC_NEVER)
		(void)timer_cancel(&self->wait_timer);
	cpu_irq_restore(flags);
}

/* The lock of t's queue is held. Whether t, which was parked, is ready now. */
static bool unpark(struct thread *t)
{
	if (!t->parked) {
		t->unparked = true;
		return false;
	}
	t->parked = false;
	wake(t);
	return true;
}

void thread_unpark(struct thread *t)
{
	unsigned long flags;
	struct runq *rq = runq_lock(t, &flags);

	if (unpark(t))
		notice_all(rq, t);
	spin_unlock(&rq->lock, flags);
}

void thread_unpark_here(struct thread *t)
{
	unsigned long flags = cpu_irq_save();
	struct runq *rq;

	if (READ_ONCE(t->cpu) != cpu_self())
		balance_fetch(t);
	cpu_irq_restore(flags);
	rq = runq_lock(t, &flags);
	if (unpark(t))
		notice(rq, t);
	spin_unlock(&rq->lock, flags);
}

nsec_t thread_run_time(const struct thread *t)
{
	unsigned long flags;
	struct runq *rq = runq_lock(t, &flags);
	uint64_t ticks = t->run_ticks;

	if (t->state == THREAD_RUNNING)
		ticks += clock_ticks() - t->run_since;
	spin_unlock(&rq->lock, flags);
	return clock_length(ticks);
}

/* ---- the idle thread ---- */

void sched_init(void)
{
	static struct thread idle[CPU_MAX];
	struct cpu *cpu = cpu_self();
	struct runq *rq = runq_of(cpu);
	struct thread *t = &idle[cpu->id];

	for (unsigned p = 0; p <= PRIO_MAX; p++)
		list_init(&rq->queue[p]);
	timer_init(&rq->slice, slice_end);
	list_init(&t->owned);
	list_init(&t->all_link);
	format(t->name, sizeof(t->name), "idle");
	t->state = THREAD_RUNNING;
	t->run_since = clock_ticks();
	t->cpu = cpu;
	cpu->runq = rq;
	cpu->idle = t;
	cpu_set_thread(t);
}

void sched_idle(void)
{
	for (;;) {
		cpu_irq_disable();
		if (cpu_count > 1)
			balance_idle();
		if (cpu_resched_due())
			schedule(false);
		else
			cpu_idle();
	}
}
