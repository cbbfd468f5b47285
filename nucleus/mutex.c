/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes with priority inheritance. The interface is in sync.h.
 *
 * Without contention a mutex is one compare-and-swap of owner. With waiters, owner has WAITERS
 * set, the mutex is in the owner's list of owned ones, and the owner's effective priority is at
 * least that of the first waiter; if the owner waits for another mutex itself, so is that one's
 * owner's, and so on. Unlocking hands the mutex to the first waiter.
 *
 * Who waits for a thread's answer (ipc.h) lends that one its priority as well, in the same chain.
 *
 * Locking: pi_lock for everything but the compare-and-swap: waiters, owned, blocked_on, lent. Run
 * queues' locks inside.
 */
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/smp.h>
#include <nucleus/thread.h>

#define WAITERS		1u

static struct spinlock pi_lock;

static inline struct thread *owner_of(const struct mutex *m)
{
	return (struct thread *)(READ_ONCE(m->owner) & ~(uintptr_t)WAITERS);
}

static inline bool swap_owner(struct mutex *m, uintptr_t from, uintptr_t to)
{
	return __atomic_compare_exchange_n(&m->owner, &from, to, false, __ATOMIC_ACQ_REL,
	    __ATOMIC_RELAXED);
}

static inline struct thread *first_waiter(const struct mutex *m)
{
	return list_first(&m->waiters, struct thread, wait_link);
}

/* The priority that t should have: its own, or that of the most urgent that waits for it. */
static unsigned due_prio(const struct thread *t)
{
	unsigned prio = MAX(t->base_prio, t->lent);
	struct mutex *m;

	list_for_each(m, &t->owned, link)
		prio = MAX(prio, first_waiter(m)->prio);
	return prio;
}

/* Bring t's priority up to date, and that of those who hold what it waits for. */
static void update(struct thread *t)
{
	while (t != NULL) {
		unsigned prio = due_prio(t);

		if (prio == t->prio)
			return;
		sched_set_prio(t, prio);
		if (t->blocked_on != NULL) {
			list_del(&t->wait_link);
			wait_insert(&t->blocked_on->waiters, t);
			t = owner_of(t->blocked_on);
		} else {
			smp_fence();		/* who begins to wait looks at its priority after that */
			t = READ_ONCE(t->waits_for);
			if (t != NULL)
				t->lent = (uint8_t)MAX(t->lent, prio);
		}
	}
}

/*
 * Who is waited for by waits_for calls this before it ends, when nobody has it there any more: so
 * whoever has found it there, with pi_lock, has been done with it.
 */
void thread_lend(struct thread *t, unsigned prio)
{
	unsigned long flags = spin_lock(&pi_lock);

	t->lent = (uint8_t)prio;
	update(t);
	spin_unlock(&pi_lock, flags);
}

void mutex_update_prio(struct thread *t)
{
	unsigned long flags = spin_lock(&pi_lock);

	update(t);
	spin_unlock(&pi_lock, flags);
}

void mutex_init(struct mutex *m)
{
	*m = (struct mutex)MUTEX_INIT(*m);
}

static void lock_contended(struct mutex *m, struct thread *self)
{
	unsigned long flags = spin_lock(&pi_lock);
	uintptr_t owner;

	do {
		owner = READ_ONCE(m->owner);
		if (owner == 0 && swap_owner(m, 0, (uintptr_t)self)) {
			spin_unlock(&pi_lock, flags);
			return;
		}
	} while (owner == 0 || (!(owner & WAITERS) && !swap_owner(m, owner, owner | WAITERS)));

	if (owner_of(m) == self)
		panic("mutex %p: locked twice by %s", (void *)m, self->name);
	if (list_empty(&m->waiters))
		list_add_tail(&owner_of(m)->owned, &m->link);
	self->blocked_on = m;
	self->state = THREAD_SLEEPING;
	wait_insert(&m->waiters, self);
	update(owner_of(m));
	spin_release(&pi_lock);
	sched_sleep();
	cpu_irq_restore(flags);
}

void mutex_lock(struct mutex *m)
{
	struct thread *self = thread_self();

	if (unlikely(!swap_owner(m, 0, (uintptr_t)self)))
		lock_contended(m, self);
}

int mutex_trylock(struct mutex *m)
{
	return swap_owner(m, 0, (uintptr_t)thread_self()) ? 0 : E_BUSY;
}

static void unlock_contended(struct mutex *m, struct thread *self)
{
	unsigned long flags = spin_lock(&pi_lock);
	struct thread *next = first_waiter(m);

	if (owner_of(m) != self)
		panic("mutex %p: unlocked by %s, which does not hold it", (void *)m, self->name);
	list_del(&m->link);
	list_del(&next->wait_link);
	next->blocked_on = NULL;
	if (list_empty(&m->waiters)) {
		__atomic_store_n(&m->owner, (uintptr_t)next, __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(&m->owner, (uintptr_t)next | WAITERS, __ATOMIC_RELEASE);
		list_add_tail(&next->owned, &m->link);
	}
	update(self);
	update(next);
	sched_wake(next);
	spin_unlock(&pi_lock, flags);
}

void mutex_unlock(struct mutex *m)
{
	struct thread *self = thread_self();

	if (unlikely(!swap_owner(m, (uintptr_t)self, 0)))
		unlock_contended(m, self);
}

bool mutex_held(const struct mutex *m)
{
	return owner_of(m) == thread_self();
}
