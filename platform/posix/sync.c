/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes and condition variables, on futexes.
 *
 * Interface: rumpuser_mutex_*, rumpuser_cv_*; see rumpuser.h.
 *
 * A mutex is a struct plock (0, 1 held, 2 held and perhaps waited for): no system call unless two
 * threads meet. A condition variable is a sequence number to sleep on and a count of waiters: a
 * waiter reads the number while it holds the mutex, so that any later signal changes it before
 * the sleep, or ends the sleep.
 *
 * Invariant of a cv: cv_waiters counts threads between joining (mutex held) and their last touch
 * of the cv; what a signal does with the cv after its store to cv_seq is a wake by address, never
 * an access.
 *
 * Locking: m_owner is written by the holder of the mutex only.
 */
#include <limits.h>
#include <sched.h>
#include <stdlib.h>

#include "posix.h"
#include "cpu.h"

struct rumpuser_mtx {
	struct plock	 m_lock;
	int		 m_flags;
	struct lwp	*m_owner;
};

struct rumpuser_cv {
	uint32_t	cv_seq;
	uint32_t	cv_waiters;
};

void *
rumpuser__alloc(size_t len)
{
	void *p;

	p = calloc(1, len);
	if (p == NULL) {
		rumpuser_dprintf("rumpuser: out of memory\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
	return p;
}

void
rumpuser_mutex_init(struct rumpuser_mtx **mtxp, int flags)
{
	struct rumpuser_mtx *mtx;

	mtx = rumpuser__alloc(sizeof(*mtx));
	mtx->m_flags = flags;
	*mtxp = mtx;
}

static inline void
setowner(struct rumpuser_mtx *mtx, struct lwp *l)
{

	if (mtx->m_flags & RUMPUSER_MTX_KMUTEX)
		__atomic_store_n(&mtx->m_owner, l, __ATOMIC_RELAXED);
}

void
rumpuser_mutex_enter(struct rumpuser_mtx *mtx)
{
	int nlocks;

	if (unlikely(!plock_try(&mtx->m_lock))) {
		if ((mtx->m_flags & (RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)) ==
		    RUMPUSER_MTX_KMUTEX) {
			nlocks = unsched(NULL);
			plock(&mtx->m_lock);
			resched(nlocks, NULL);
		} else
			rumpuser__plock_slow(&mtx->m_lock);
	}
	setowner(mtx, rumpuser_curlwp());
}

void
rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *mtx)
{

	plock(&mtx->m_lock);
	setowner(mtx, rumpuser_curlwp());
}

int
rumpuser_mutex_tryenter(struct rumpuser_mtx *mtx)
{

	if (!plock_try(&mtx->m_lock))
		return RUMP_EBUSY;
	setowner(mtx, rumpuser_curlwp());
	return 0;
}

void
rumpuser_mutex_exit(struct rumpuser_mtx *mtx)
{

	setowner(mtx, NULL);
	punlock(&mtx->m_lock);
}

void
rumpuser_mutex_owner(struct rumpuser_mtx *mtx, struct lwp **lp)
{

	*lp = __atomic_load_n(&mtx->m_owner, __ATOMIC_RELAXED);
}

void
rumpuser_mutex_destroy(struct rumpuser_mtx *mtx)
{

	free(mtx);
}

void
rumpuser_cv_init(struct rumpuser_cv **cvp)
{

	*cvp = rumpuser__alloc(sizeof(**cvp));
}

/* Wait until a signal or the deadline; mtx is held on entry and not on return. True: timed out. */
static bool
cv_sleep(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, const struct timespec *deadline)
{
	uint32_t seq;
	int error;

	__atomic_add_fetch(&cv->cv_waiters, 1, __ATOMIC_SEQ_CST);
	seq = __atomic_load_n(&cv->cv_seq, __ATOMIC_SEQ_CST);
	rumpuser_mutex_exit(mtx);
	do
		error = rumpuser__futex_wait(&cv->cv_seq, seq, deadline);
	while (error == EINTR && __atomic_load_n(&cv->cv_seq, __ATOMIC_RELAXED) == seq);
	__atomic_sub_fetch(&cv->cv_waiters, 1, __ATOMIC_RELEASE);
	return error == ETIMEDOUT;
}

static bool
cv_wrapped(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, const struct timespec *deadline)
{
	bool timedout;
	int nlocks;

	nlocks = unsched(mtx);
	timedout = cv_sleep(cv, mtx, deadline);
	/*
	 * Whoever enters a spin mutex holds a CPU already and keeps it. So the CPU comes first
	 * here too: with the mutex in hand this thread could wait for a CPU whose holder waits
	 * for the mutex.
	 */
	if ((mtx->m_flags & (RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)) ==
	    (RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)) {
		resched(nlocks, mtx);
		rumpuser_mutex_enter_nowrap(mtx);
	} else {
		rumpuser_mutex_enter_nowrap(mtx);
		resched(nlocks, mtx);
	}
	return timedout;
}

void
rumpuser_cv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{

	(void)cv_wrapped(cv, mtx, NULL);
}

void
rumpuser_cv_wait_nowrap(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{

	(void)cv_sleep(cv, mtx, NULL);
	rumpuser_mutex_enter_nowrap(mtx);
}

int
rumpuser_cv_timedwait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, int64_t sec, int64_t nsec)
{
	struct timespec now;
	int64_t max = INT64_MAX / 2;

	if (sec < 0 || nsec < 0)
		sec = nsec = 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* In this order no sum overflows. */
	sec = (sec > max ? max : sec) + nsec / 1000000000;
	nsec = nsec % 1000000000 + now.tv_nsec;
	now.tv_sec += sec + nsec / 1000000000;
	now.tv_nsec = nsec % 1000000000;
	return cv_wrapped(cv, mtx, &now) ? RUMP_ETIMEDOUT : 0;
}

static void
cv_wake(struct rumpuser_cv *cv, int count)
{

	if (__atomic_load_n(&cv->cv_waiters, __ATOMIC_SEQ_CST) == 0)
		return;
	__atomic_add_fetch(&cv->cv_seq, 1, __ATOMIC_SEQ_CST);
	rumpuser__futex_wake(&cv->cv_seq, count);
}

void
rumpuser_cv_signal(struct rumpuser_cv *cv)
{

	cv_wake(cv, 1);
}

void
rumpuser_cv_broadcast(struct rumpuser_cv *cv)
{

	cv_wake(cv, INT_MAX);
}

void
rumpuser_cv_has_waiters(struct rumpuser_cv *cv, int *np)
{

	*np = (int)__atomic_load_n(&cv->cv_waiters, __ATOMIC_SEQ_CST);
}

void
rumpuser_cv_destroy(struct rumpuser_cv *cv)
{

	/* Woken threads leave without needing anything of ours. */
	while (__atomic_load_n(&cv->cv_waiters, __ATOMIC_ACQUIRE) != 0)
		sched_yield();
	free(cv);
}
