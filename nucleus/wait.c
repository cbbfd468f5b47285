/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues, condition variables, sleeping. The interface is sync.h.
 *
 * A sleeping thread is in its queue until it is woken or its timer ends; who takes it out, with
 * the queue's lock held, sets wait_result and clears wait_on. So exactly one of them does.
 *
 * Locking: a queue's lock; then, inside, the run queue's.
 */
#include <nucleus/error.h>
#include <nucleus/thread.h>

void waitq_init(struct waitq *wq)
{
	wq->lock = (struct spinlock)SPINLOCK_INIT;
	list_init(&wq->waiters);
}

void wait_insert(struct list *waiters, struct thread *t)
{
	struct thread *other;
	struct list *at = waiters;

	/* From the end: most come with the priority of those before them. */
	while (at->prev != waiters) {
		other = list_entry(at->prev, struct thread, wait_link);
		if (other->prio >= t->prio)
			break;
		at = at->prev;
	}
	list_insert_before(at, &t->wait_link);
}

static void take_out(struct thread *t, int result)
{
	list_del(&t->wait_link);
	t->wait_on = NULL;
	t->wait_result = result;
	sched_wake(t);
}

static void wait_timeout(struct timer *tm)
{
	struct thread *t = container_of(tm, struct thread, wait_timer);
	struct waitq *wq = READ_ONCE(t->wait_on);

	if (wq == NULL)
		return;
	spin_acquire(&wq->lock);
	if (t->wait_on == wq)
		take_out(t, E_TIMEDOUT);
	spin_release(&wq->lock);
}

/* The queue's lock is held, and stays so: the calling thread is a waiter, though it still runs. */
static void wait_enter(struct waitq *wq)
{
	struct thread *t = thread_self();

	t->wait_on = wq;
	t->state = THREAD_SLEEPING;
	wait_insert(&wq->waiters, t);
}

static int wait_sleep(struct waitq *wq, unsigned long flags, nsec_t deadline)
{
	struct thread *t = thread_self();

	if (deadline != NSEC_NEVER) {
		t->wait_timer.fn = wait_timeout;
		timer_set(&t->wait_timer, deadline);
	}
	spin_release(&wq->lock);
	sched_sleep();
	if (deadline != NSEC_NEVER)
		(void)timer_cancel(&t->wait_timer);
	cpu_irq_restore(flags);
	return t->wait_result;
}

int waitq_sleep(struct waitq *wq, unsigned long flags, nsec_t deadline)
{
	wait_enter(wq);
	return wait_sleep(wq, flags, deadline);
}

unsigned waitq_wake_one(struct waitq *wq)
{
	if (list_empty(&wq->waiters))
		return 0;
	take_out(list_first(&wq->waiters, struct thread, wait_link), 0);
	return 1;
}

unsigned waitq_wake_all(struct waitq *wq)
{
	unsigned n = 0;

	while (waitq_wake_one(wq))
		n++;
	return n;
}

bool waitq_end(struct waitq *wq, struct thread *t, int result)
{
	if (t->wait_on != wq)
		return false;
	take_out(t, result);
	return true;
}

void sleep_until(nsec_t deadline)
{
	struct waitq wq = WAITQ_INIT(wq);

	while (clock_now() < deadline)
		(void)waitq_sleep(&wq, spin_lock(&wq.lock), deadline);
}

/*
 * ---- condition variables ----
 *
 * A waiter is in the queue before it unlocks the mutex: who then changes what the mutex protects
 * finds it there.
 */

void cond_init(struct cond *c)
{
	waitq_init(&c->wq);
}

int cond_wait(struct cond *c, struct mutex *m, nsec_t deadline)
{
	unsigned long flags = spin_lock(&c->wq.lock);
	struct thread *t = thread_self();
	unsigned prio;
	int error;

	wait_enter(&c->wq);
	prio = t->prio;
	mutex_unlock(m);
	/* The mutex's waiters had lent it. The queue is never empty: cond_signal() looks without lock. */
	if (t->prio != prio && c->wq.waiters.next != c->wq.waiters.prev) {
		list_del(&t->wait_link);
		wait_insert(&c->wq.waiters, t);
	}
	error = wait_sleep(&c->wq, flags, deadline);
	mutex_lock(m);
	return error;
}

void cond_signal(struct cond *c)
{
	unsigned long flags;

	if (list_empty(&c->wq.waiters))
		return;
	flags = spin_lock(&c->wq.lock);
	waitq_wake_one(&c->wq);
	spin_unlock(&c->wq.lock, flags);
}

void cond_broadcast(struct cond *c)
{
	unsigned long flags;

	if (list_empty(&c->wq.waiters))
		return;
	flags = spin_lock(&c->wq.lock);
	waitq_wake_all(&c->wq);
	spin_unlock(&c->wq.lock, flags);
}

unsigned cond_waiters(struct cond *c)
{
	unsigned long flags = spin_lock(&c->wq.lock);
	struct list *l;
	unsigned n = 0;

	for (l = c->wq.waiters.next; l != &c->wq.waiters; l = l->next)
		n++;
	spin_unlock(&c->wq.lock, flags);
	return n;
}
