/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader-writer locks. A writer that waits keeps new readers out.
 *
 * Interface: rumpuser_rw_*; see rumpuser.h.
 *
 * rw_state is WRITER or a number of readers, and two flags: WAIT, threads sleep on the word;
 * WWAIT, a writer is among them. Whoever frees the lock clears the flags in the same step and
 * wakes all, and touches the lock no more: the next owner may destroy it.
 *
 * Locking: rw_owner is written by the writer only.
 */
#include <limits.h>
#include <stdlib.h>

#include "posix.h"

#define WRITER	0x80000000u
#define WAIT	0x40000000u
#define WWAIT	0x20000000u
#define COUNT	0x1fffffffu

struct rumpuser_rw {
	uint32_t	 rw_state;
	struct lwp	*rw_owner;
};

void
rumpuser_rw_init(struct rumpuser_rw **rwp)
{

	*rwp = rumpuser__alloc(sizeof(**rwp));
}

void
rumpuser_rw_destroy(struct rumpuser_rw *rw)
{

	free(rw);
}

static inline bool
cas(struct rumpuser_rw *rw, uint32_t *old, uint32_t new)
{

	return __atomic_compare_exchange_n(&rw->rw_state, old, new, false, __ATOMIC_ACQ_REL,
	    __ATOMIC_ACQUIRE);
}

/* Take the lock if it is free for kind; else *sp is the state that says it is not. */
static inline bool
tryonce(int kind, struct rumpuser_rw *rw, uint32_t *sp)
{

	*sp = __atomic_load_n(&rw->rw_state, __ATOMIC_RELAXED);
	if (kind == RUMPUSER_RW_WRITER) {
		while ((*sp & (WRITER | COUNT)) == 0)
			if (cas(rw, sp, *sp | WRITER)) {
				__atomic_store_n(&rw->rw_owner, rumpuser_curlwp(),
				    __ATOMIC_RELAXED);
				return true;
			}
	} else {
		while ((*sp & (WRITER | WWAIT)) == 0)
			if (cas(rw, sp, *sp + 1))
				return true;
	}
	return false;
}

static void
enterslow(int kind, struct rumpuser_rw *rw)
{
	uint32_t s, flags;

	flags = kind == RUMPUSER_RW_WRITER ? WAIT | WWAIT : WAIT;
	while (!tryonce(kind, rw, &s)) {
		if ((s & flags) != flags && !cas(rw, &s, s | flags))
			continue;
		(void)rumpuser__futex_wait(&rw->rw_state, s | flags, NULL);
	}
}

void
rumpuser_rw_enter(int kind, struct rumpuser_rw *rw)
{
	uint32_t s;
	int nlocks;

	if (likely(tryonce(kind, rw, &s)))
		return;
	nlocks = unsched(NULL);
	enterslow(kind, rw);
	resched(nlocks, NULL);
}

int
rumpuser_rw_tryenter(int kind, struct rumpuser_rw *rw)
{
	uint32_t s;

	return tryonce(kind, rw, &s) ? 0 : RUMP_EBUSY;
}

int
rumpuser_rw_tryupgrade(struct rumpuser_rw *rw)
{
	uint32_t s;

	s = __atomic_load_n(&rw->rw_state, __ATOMIC_RELAXED);
	while ((s & COUNT) == 1)
		if (cas(rw, &s, (s & (WAIT | WWAIT)) | WRITER)) {
			__atomic_store_n(&rw->rw_owner, rumpuser_curlwp(), __ATOMIC_RELAXED);
			return 0;
		}
	return RUMP_EBUSY;
}

void
rumpuser_rw_downgrade(struct rumpuser_rw *rw)
{
	uint32_t s;

	__atomic_store_n(&rw->rw_owner, NULL, __ATOMIC_RELAXED);
	s = __atomic_exchange_n(&rw->rw_state, 1, __ATOMIC_ACQ_REL);
	if (s & WAIT)
		rumpuser__futex_wake(&rw->rw_state, INT_MAX);
}

void
rumpuser_rw_exit(struct rumpuser_rw *rw)
{
	uint32_t s, new;

	s = __atomic_load_n(&rw->rw_state, __ATOMIC_RELAXED);
	if (s & WRITER)
		__atomic_store_n(&rw->rw_owner, NULL, __ATOMIC_RELAXED);
	do
		new = (s & WRITER) || (s & COUNT) == 1 ? 0 : s - 1;
	while (!cas(rw, &s, new));
	if (new == 0 && (s & WAIT))
		rumpuser__futex_wake(&rw->rw_state, INT_MAX);
}

void
rumpuser_rw_held(int kind, struct rumpuser_rw *rw, int *heldp)
{
	uint32_t s;

	s = __atomic_load_n(&rw->rw_state, __ATOMIC_RELAXED);
	if (kind == RUMPUSER_RW_WRITER)
		*heldp = (s & WRITER) &&
		    __atomic_load_n(&rw->rw_owner, __ATOMIC_RELAXED) == rumpuser_curlwp();
	else
		*heldp = (s & COUNT) != 0;
}
