/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks, waiting, threads and the current lwp of the example platform, which has one thread: a
 * lock is a note of being held, and waiting for somebody else is the end.
 *
 * Interface: rumpuser_mutex_*, _rw_*, _cv_*, _thread_*, _curlwp*.
 */
#include "example.h"

struct rumpuser_mtx {
	int		 held;
	struct lwp	*owner;
};

struct rumpuser_rw {
	int		 readers, writer;
};

struct rumpuser_cv {
	int		 unused;
};

static struct lwp *curlwp;

static void
deadlock(void)
{

	rumpuser_dprintf("example platform: the only thread waits for another\n");
	rumpuser_exit(RUMPUSER_PANIC);
}

static void *
object(size_t len)
{
	void *p = example_alloc(len, 16);

	if (p == NULL) {
		rumpuser_dprintf("example platform: out of memory\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
	return p;
}

void
rumpuser_mutex_init(struct rumpuser_mtx **mtxp, int flags)
{

	(void)flags;
	*mtxp = object(sizeof(**mtxp));
}

int
rumpuser_mutex_tryenter(struct rumpuser_mtx *mtx)
{

	if (mtx->held)
		return RUMP_EBUSY;
	mtx->held = 1;
	mtx->owner = curlwp;
	return 0;
}

void
rumpuser_mutex_enter(struct rumpuser_mtx *mtx)
{

	if (rumpuser_mutex_tryenter(mtx) != 0)
		deadlock();
}

void
rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *mtx)
{

	rumpuser_mutex_enter(mtx);
}

void
rumpuser_mutex_exit(struct rumpuser_mtx *mtx)
{

	mtx->held = 0;
	mtx->owner = NULL;
}

void
rumpuser_mutex_owner(struct rumpuser_mtx *mtx, struct lwp **lp)
{

	*lp = mtx->owner;
}

void
rumpuser_mutex_destroy(struct rumpuser_mtx *mtx)
{

	(void)mtx;
}

void
rumpuser_rw_init(struct rumpuser_rw **rwp)
{

	*rwp = object(sizeof(**rwp));
}

int
rumpuser_rw_tryenter(int kind, struct rumpuser_rw *rw)
{

	if (rw->writer || (kind == RUMPUSER_RW_WRITER && rw->readers != 0))
		return RUMP_EBUSY;
	if (kind == RUMPUSER_RW_WRITER)
		rw->writer = 1;
	else
		rw->readers++;
	return 0;
}

void
rumpuser_rw_enter(int kind, struct rumpuser_rw *rw)
{

	if (rumpuser_rw_tryenter(kind, rw) != 0)
		deadlock();
}

int
rumpuser_rw_tryupgrade(struct rumpuser_rw *rw)
{

	if (rw->readers != 1)
		return RUMP_EBUSY;
	rw->readers = 0;
	rw->writer = 1;
	return 0;
}

void
rumpuser_rw_downgrade(struct rumpuser_rw *rw)
{

	rw->writer = 0;
	rw->readers = 1;
}

void
rumpuser_rw_exit(struct rumpuser_rw *rw)
{

	if (rw->writer)
		rw->writer = 0;
	else
		rw->readers--;
}

void
rumpuser_rw_held(int kind, struct rumpuser_rw *rw, int *heldp)
{

	*heldp = kind == RUMPUSER_RW_WRITER ? rw->writer : rw->readers != 0;
}

void
rumpuser_rw_destroy(struct rumpuser_rw *rw)
{

	(void)rw;
}

void
rumpuser_cv_init(struct rumpuser_cv **cvp)
{

	*cvp = object(sizeof(**cvp));
}

void
rumpuser_cv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{

	(void)cv;
	(void)mtx;
	deadlock();
}

void
rumpuser_cv_wait_nowrap(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{

	rumpuser_cv_wait(cv, mtx);
}

/* Nobody can signal, but the time does pass; with the CPU given up, as for a real wait. */
int
rumpuser_cv_timedwait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx, int64_t sec, int64_t nsec)
{
	uint64_t start = board_nanoseconds();
	int nlocks = 0;

	(void)cv;
	if (example_hyp.hyp_backend_unschedule != NULL)
		example_hyp.hyp_backend_unschedule(0, &nlocks, mtx);
	while ((int64_t)(board_nanoseconds() - start) / 1000000000 < sec ||
	    (int64_t)(board_nanoseconds() - start) - sec * 1000000000 < nsec)
		continue;
	if (example_hyp.hyp_backend_schedule != NULL)
		example_hyp.hyp_backend_schedule(nlocks, mtx);
	return RUMP_ETIMEDOUT;
}

void
rumpuser_cv_signal(struct rumpuser_cv *cv)
{

	(void)cv;
}

void
rumpuser_cv_broadcast(struct rumpuser_cv *cv)
{

	(void)cv;
}

void
rumpuser_cv_has_waiters(struct rumpuser_cv *cv, int *np)
{

	(void)cv;
	*np = 0;
}

void
rumpuser_cv_destroy(struct rumpuser_cv *cv)
{

	(void)cv;
}

int
rumpuser_thread_create(void *(*f)(void *), void *arg, const char *name, int mustjoin, int priority,
    int cpuidx, void **cookiep)
{

	(void)f;
	(void)arg;
	(void)name;
	(void)mustjoin;
	(void)priority;
	(void)cpuidx;
	(void)cookiep;
	return RUMP_EAGAIN;
}

void
rumpuser_thread_exit(void)
{

	rumpuser_exit(0);
}

int
rumpuser_thread_join(void *cookie)
{

	(void)cookie;
	return RUMP_EINVAL;
}

struct lwp *
rumpuser_curlwp(void)
{

	return curlwp;
}

void
rumpuser_curlwpop(int op, struct lwp *l)
{

	if (op == RUMPUSER_LWP_SET)
		curlwp = l;
	else if (op == RUMPUSER_LWP_CLEAR)
		curlwp = NULL;
}
