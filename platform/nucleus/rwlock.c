/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader-writer locks. A writer that waits keeps new readers out.
 *
 * Interface: rumpuser_rw_*; see rumpuser.h.
 *
 * Invariant: writer and readers are not both set; wwait counts the writers in the queue's list or
 * on their way into it.
 * Locking: the wait queue's spin lock protects all of it. Who frees the lock wakes everybody and
 * touches it no more after the spin lock: the next owner may destroy it.
 */
#include <nucleus/heap.h>
#include <nucleus/sync.h>

#include "platform.h"

struct rumpuser_rw {
	struct waitq	wq;
	unsigned	readers, wwait;
	bool		writer;
	struct lwp	*owner;		/* the writer */
};

void rumpuser_rw_init(struct rumpuser_rw **rwp)
{
	*rwp = platform_zalloc(sizeof(**rwp));
	waitq_init(&(*rwp)->wq);
}

void rumpuser_rw_destroy(struct rumpuser_rw *rw)
{
	heap_free(rw);
}

/* With the lock held: take it if it is free for kind. */
static bool take(struct rumpuser_rw *rw, int kind)
{
	if (rw->writer || (kind == RUMPUSER_RW_WRITER ? rw->readers : rw->wwait) != 0)
		return false;
	if (kind == RUMPUSER_RW_WRITER) {
		rw->writer = true;
		rw->owner = rumpuser_curlwp();
	} else {
		rw->readers++;
	}
	return true;
}

static void enter_slow(struct rumpuser_rw *rw, int kind)
{
	unsigned writer = kind == RUMPUSER_RW_WRITER;
	unsigned long flags = spin_lock(&rw->wq.lock);

	rw->wwait += writer;
	while (!take(rw, kind)) {
		(void)waitq_sleep(&rw->wq, flags, NSEC_NEVER);
		flags = spin_lock(&rw->wq.lock);
	}
	rw->wwait -= writer;
	spin_unlock(&rw->wq.lock, flags);
}

int rumpuser_rw_tryenter(int kind, struct rumpuser_rw *rw)
{
	unsigned long flags = spin_lock(&rw->wq.lock);
	bool taken = take(rw, kind);

	spin_unlock(&rw->wq.lock, flags);
	return taken ? 0 : RUMP_EBUSY;
}

void rumpuser_rw_enter(int kind, struct rumpuser_rw *rw)
{
	int nlocks;

	if (likely(rumpuser_rw_tryenter(kind, rw) == 0))
		return;
	nlocks = unsched(NULL);
	enter_slow(rw, kind);
	resched(nlocks, NULL);
}

int rumpuser_rw_tryupgrade(struct rumpuser_rw *rw)
{
	unsigned long flags = spin_lock(&rw->wq.lock);
	bool only = rw->readers == 1;

	if (only) {
		rw->readers = 0;
		rw->writer = true;
		rw->owner = rumpuser_curlwp();
	}
	spin_unlock(&rw->wq.lock, flags);
	return only ? 0 : RUMP_EBUSY;
}

void rumpuser_rw_downgrade(struct rumpuser_rw *rw)
{
	unsigned long flags = spin_lock(&rw->wq.lock);

	rw->writer = false;
	rw->owner = NULL;
	rw->readers = 1;
	(void)waitq_wake_all(&rw->wq);
	spin_unlock(&rw->wq.lock, flags);
}

void rumpuser_rw_exit(struct rumpuser_rw *rw)
{
	unsigned long flags = spin_lock(&rw->wq.lock);

	if (rw->writer) {
		rw->writer = false;
		rw->owner = NULL;
	} else {
		rw->readers--;
	}
	if (rw->readers == 0)
		(void)waitq_wake_all(&rw->wq);
	spin_unlock(&rw->wq.lock, flags);
}

void rumpuser_rw_held(int kind, struct rumpuser_rw *rw, int *heldp)
{
	if (kind == RUMPUSER_RW_WRITER)
		*heldp = READ_ONCE(rw->writer) && READ_ONCE(rw->owner) == rumpuser_curlwp();
	else
		*heldp = READ_ONCE(rw->readers) != 0;
}
