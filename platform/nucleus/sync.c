/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes and condition variables: the nucleus's own, with the donor's idea of an owner.
 *
 * Interface: rumpuser_mutex_*, rumpuser_cv_*; see rumpuser.h. The nucleus's mutexes lend the
 * priority of waiters to the owner.
 *
 * Locking: owner is written by the holder of the mutex only.
 */
#include <nucleus/heap.h>
#include <nucleus/sync.h>

#include "platform.h"

struct rumpuser_mtx {
	struct mutex	m;
	int		flags;
	struct lwp	*owner;
};

struct rumpuser_cv {
	struct cond	c;
};

#define BOTH	(RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)

void rumpuser_mutex_init(struct rumpuser_mtx **mtxp, int flags)
{
	struct rumpuser_mtx *mtx = platform_zalloc(sizeof(*mtx));

	mutex_init(&mtx->m);
	mtx->flags = flags;
	*mtxp = mtx;
}

static inline void set_owner(struct rumpuser_mtx *mtx, struct lwp *l)
{
	if (mtx->flags & RUMPUSER_MTX_KMUTEX)
		WRITE_ONCE(mtx->owner, l);
}

void rumpuser_mutex_enter(struct rumpuser_mtx *mtx)
{
	int nlocks;

	if ((mtx->flags & BOTH) != RUMPUSER_MTX_KMUTEX) {
		mutex_lock(&mtx->m);
	} else if (mutex_trylock(&mtx->m) != 0) {
		nlocks = unsched(NULL);
		mutex_lock(&mtx->m);
		resched(nlocks, NULL);
	}
	set_owner(mtx, rumpuser_curlwp());
}

void rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *mtx)
{
	mutex_lock(&mtx->m);
	set_owner(mtx, rumpuser_curlwp());
}

int rumpuser_mutex_tryenter(struct rumpuser_mtx *mtx)
{
	if (mutex_trylock(&mtx->m) != 0)
		return RUMP_EBUSY;
	set_owner(mtx, rumpuser_curlwp());
	return 0;
}

void rumpuser_mutex_exit(struct rumpuser_mtx *mtx)
{
	set_owner(mtx, NULL);
	mutex_unlock(&mtx->m);
}

void rumpuser_mutex_owner(struct rumpuser_mtx *mtx, struct lwp **lp)
{
	*lp = READ_ONCE(mtx->owner);
}

void rumpuser_mutex_destroy(struct rumpuser_mtx *mtx)
{
	heap_free(mtx);
}

void rumpuser_cv_init(struct rumpuser_cv **cvp)
{
	*cvp = platform_zalloc(sizeof(**cvp));
	cond_init(&(*cvp)->c);
}

/* mtx is held before and after. 0 or E_TIMEDOUT. */
static int cv_sleep(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, nsec_t deadline)
{
	int error;

	set_owner(mtx, NULL);
	error = cond_wait(&cv->c, &mtx->m, deadline);
	set_owner(mtx, rumpuser_curlwp());
	return error;
}

static int cv_wrapped(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, nsec_t deadline)
{
	int nlocks, error;

	nlocks = unsched(mtx);
	error = cv_sleep(cv, mtx, deadline);
	if ((mtx->flags & BOTH) != BOTH) {
		resched(nlocks, mtx);
		return error;
	}
	/*
	 * Whoever enters a spin mutex holds a CPU already and keeps it. So the CPU comes first
	 * here too: with the mutex in hand this thread could wait for a CPU whose holder waits
	 * for the mutex.
	 */
	rumpuser_mutex_exit(mtx);
	resched(nlocks, mtx);
	rumpuser_mutex_enter_nowrap(mtx);
	return error;
}

void rumpuser_cv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{
	(void)cv_wrapped(cv, mtx, NSEC_NEVER);
}

void rumpuser_cv_wait_nowrap(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{
	(void)cv_sleep(cv, mtx, NSEC_NEVER);
}

int rumpuser_cv_timedwait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, int64_t sec,
    int64_t nsec)
{
	nsec_t len, deadline;

	if (sec < 0 || nsec < 0)
		sec = nsec = 0;
	if (__builtin_mul_overflow((nsec_t)sec, NSEC_PER_SEC, &len) ||
	    __builtin_add_overflow(len, (nsec_t)nsec, &len) ||
	    __builtin_add_overflow(len, clock_now(), &deadline))
		deadline = NSEC_NEVER;
	return cv_wrapped(cv, mtx, deadline);
}

void rumpuser_cv_signal(struct rumpuser_cv *cv)
{
	cond_signal(&cv->c);
}

void rumpuser_cv_broadcast(struct rumpuser_cv *cv)
{
	cond_broadcast(&cv->c);
}

void rumpuser_cv_has_waiters(struct rumpuser_cv *cv, int *np)
{
	*np = (int)cond_waiters(&cv->c);
}

/* A thread that was woken needs nothing of the condition variable any more. */
void rumpuser_cv_destroy(struct rumpuser_cv *cv)
{
	heap_free(cv);
}
