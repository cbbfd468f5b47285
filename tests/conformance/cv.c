/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_cv_*. */
#include "conf.h"

#define BOTH	(RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)
#define LATE	(10000 * MS)	/* on a machine that stands still; timeout_exact wants more */

static struct rumpuser_mtx *mtx;
static struct rumpuser_cv *cv, *cv2;
static int go, awake, waiting;

static void
setup(int flags)
{

	rumpuser_mutex_init(&mtx, flags);
	rumpuser_cv_init(&cv);
	rumpuser_cv_init(&cv2);
	go = awake = waiting = 0;
}

static void
teardown(void)
{

	rumpuser_cv_destroy(cv);
	rumpuser_cv_destroy(cv2);
	rumpuser_mutex_destroy(mtx);
}

static bool
atleast(void *arg)
{
	int n, *want = arg;

	rumpuser_mutex_enter_nowrap(mtx);
	n = want[0] == 0 ? waiting : awake;
	rumpuser_mutex_exit(mtx);
	return n >= want[1];
}

static void
until_waiting(int n)
{
	int want[2] = { 0, n };

	FAIL_IF(!conf_until(atleast, want));
}

static void
until_awake(int n)
{
	int want[2] = { 1, n };

	FAIL_IF(!conf_until(atleast, want));
}

/* Wait for go without the CPU. */
static void
waiter(void *arg)
{

	(void)arg;
	rumpuser_mutex_enter_nowrap(mtx);
	waiting++;
	while (go == 0)
		rumpuser_cv_wait_nowrap(cv, mtx);
	go--;
	awake++;
	rumpuser_mutex_exit(mtx);
}

static void
nobody(void)
{
	int n = 1, i;

	setup(RUMPUSER_MTX_SPIN);
	for (i = 0; i < 100; i++) {
		CHECK_NOUPCALL((rumpuser_cv_signal(cv), true));
		CHECK_NOUPCALL((rumpuser_cv_broadcast(cv), true));
	}
	rumpuser_cv_has_waiters(cv, &n);
	CHECK(n == 0);
	teardown();
}

static void
haswaiters(void)
{
	void *t;
	int n = 0;

	setup(RUMPUSER_MTX_SPIN);
	t = conf_rawthread(waiter, NULL);
	until_waiting(1);
	rumpuser_mutex_enter_nowrap(mtx);
	rumpuser_cv_has_waiters(cv, &n);
	CHECK(n != 0);
	go = 1;
	rumpuser_cv_signal(cv);
	rumpuser_mutex_exit(mtx);
	conf_join(t);
	rumpuser_mutex_enter_nowrap(mtx);
	rumpuser_cv_has_waiters(cv, &n);
	rumpuser_mutex_exit(mtx);
	CHECK(n == 0);
	teardown();
}

static void
signals(bool inside)
{
	void *t[5];
	int i;

	setup(RUMPUSER_MTX_SPIN);
	for (i = 0; i < 5; i++)
		t[i] = conf_rawthread(waiter, NULL);
	until_waiting(5);
	/* One signal lets one through, and none is lost. */
	for (i = 1; i <= 5; i++) {
		rumpuser_mutex_enter_nowrap(mtx);
		go++;
		if (inside)
			rumpuser_cv_signal(cv);
		rumpuser_mutex_exit(mtx);
		if (!inside)
			rumpuser_cv_signal(cv);
		until_awake(i);
		rumpuser_mutex_enter_nowrap(mtx);
		FAIL_IF(awake != i);
		rumpuser_mutex_exit(mtx);
	}
	for (i = 0; i < 5; i++)
		conf_join(t[i]);
	teardown();
}

static void
signal_inside(void)
{

	signals(true);
}

static void
signal_outside(void)
{

	signals(false);
}

static void
broadcast(void)
{
	void *t[8];
	int i;

	setup(RUMPUSER_MTX_SPIN);
	for (i = 0; i < 8; i++)
		t[i] = conf_rawthread(waiter, NULL);
	until_waiting(8);
	rumpuser_mutex_enter_nowrap(mtx);
	go = 8;
	rumpuser_cv_broadcast(cv);
	rumpuser_mutex_exit(mtx);
	for (i = 0; i < 8; i++)
		conf_join(t[i]);
	CHECK(awake == 8);
	teardown();
}

/* Let the one waiter of the mock donor go, from outside. */
static void
releaser(void *arg)
{

	conf_sleep(*(int64_t *)arg);
	rumpuser_mutex_enter_nowrap(mtx);
	go = 1;
	rumpuser_mutex_exit(mtx);
	rumpuser_cv_signal(cv);
}

static void
wrapped(int flags, bool timed)
{
	struct lwp *me = rumpuser_curlwp();
	int64_t delay = 10 * MS;
	unsigned u, n = 0;
	void *t;

	setup(flags);
	t = conf_rawthread(releaser, &delay);
	rumpuser_mutex_enter(mtx);
	me->l_watch = flags & RUMPUSER_MTX_KMUTEX ? mtx : NULL;
	me->l_nlocks = 2;
	u = me->l_unsched;
	for (; go == 0; n++) {
		if (timed)
			CHECK(rumpuser_cv_timedwait(cv, mtx, 20, 0) == 0);
		else
			rumpuser_cv_wait(cv, mtx);
		CHECK(me->l_interlock == mtx);
	}
	CHECK(me->l_unsched == u + n);
	CHECK(me->l_resched == me->l_unsched);
	CHECK(me->l_nlocks == 2);
	if (flags & RUMPUSER_MTX_KMUTEX) {
		CHECK(me->l_ownunsched == me);
		CHECK(me->l_ownresched == (flags & RUMPUSER_MTX_SPIN ? NULL : me));
	}
	me->l_watch = NULL;
	rumpuser_mutex_exit(mtx);
	conf_join(t);
	teardown();
}

static void
wait_wraps(void)
{

	wrapped(RUMPUSER_MTX_KMUTEX, false);
}

static void
wait_wraps_spin(void)
{

	wrapped(RUMPUSER_MTX_SPIN, false);
}

static void
wait_wraps_both(void)
{

	wrapped(BOTH, false);
}

static void
timedwait_wraps(void)
{

	wrapped(RUMPUSER_MTX_KMUTEX, true);
}

static void
timedwait_wraps_both(void)
{

	wrapped(BOTH, true);
}

static void
nowrap(void)
{
	int64_t delay = 10 * MS;
	unsigned u;
	void *t;

	setup(RUMPUSER_MTX_SPIN);
	t = conf_rawthread(releaser, &delay);
	u = rumpuser_curlwp()->l_unsched;
	rumpuser_mutex_enter_nowrap(mtx);
	while (go == 0)
		rumpuser_cv_wait_nowrap(cv, mtx);
	rumpuser_mutex_exit(mtx);
	CHECK(rumpuser_curlwp()->l_unsched == u);
	conf_join(t);
	teardown();
}

static void
expect_timeout(int64_t sec, int64_t nsec)
{
	int64_t t, want = sec * 1000 * MS + nsec, end;
	struct lwp *l;
	int error;

	setup(RUMPUSER_MTX_KMUTEX);
	rumpuser_mutex_enter(mtx);
	t = conf_now();
	end = t + want;
	/* It may come back early without saying that the time is over. */
	do
		error = rumpuser_cv_timedwait(cv, mtx, (end - conf_now()) / (1000 * MS),
		    (end - conf_now()) % (1000 * MS));
	while (error == 0);
	t = conf_now() - t;
	rumpuser_mutex_owner(mtx, &l);
	CHECK(l == rumpuser_curlwp());
	rumpuser_mutex_exit(mtx);
	CHECK(error == RUMP_ETIMEDOUT);
	CHECK(t >= want - 50000);	/* our own clock reading lies a bit before the call's */
	CHECK(t < want + LATE);
	teardown();
}

static void
timeout_short(void)
{

	expect_timeout(0, 20 * MS);
}

static void
timeout_exact(void)
{
	int64_t t, best = 1000 * MS;
	int i, error;

	/* On time within a millisecond at least once in twenty, and never early. */
	setup(RUMPUSER_MTX_KMUTEX);
	rumpuser_mutex_enter(mtx);
	for (i = 0; i < 20; i++) {
		t = conf_now();
		error = rumpuser_cv_timedwait(cv, mtx, 0, 5 * MS);
		t = conf_now() - t;
		CHECK(error == 0 || t >= 5 * MS);
		if (error != 0 && t < best)
			best = t;
	}
	rumpuser_mutex_exit(mtx);
	CHECK(best < 6 * MS);
	teardown();
}

static void
timeout_bignsec(void)
{
	int64_t t;
	int error;

	setup(RUMPUSER_MTX_KMUTEX);
	rumpuser_mutex_enter(mtx);
	t = conf_now();
	do
		error = rumpuser_cv_timedwait(cv, mtx, 0, 1100 * MS);
	while (error == 0);
	t = conf_now() - t;
	rumpuser_mutex_exit(mtx);
	CHECK(error == RUMP_ETIMEDOUT && t >= 1100 * MS && t < 1100 * MS + LATE);
	teardown();
}

static void
timeout_zero(void)
{
	int64_t t = conf_now();
	int error;

	setup(RUMPUSER_MTX_KMUTEX);
	rumpuser_mutex_enter(mtx);
	do
		error = rumpuser_cv_timedwait(cv, mtx, 0, 0);
	while (error == 0);
	rumpuser_mutex_exit(mtx);
	CHECK(error == RUMP_ETIMEDOUT && conf_now() - t < LATE);
	teardown();
}

static void
forever(int64_t sec, int64_t nsec)
{
	int64_t delay = 10 * MS;
	int error = 0, wakes = 0;
	void *t;

	setup(RUMPUSER_MTX_KMUTEX);
	t = conf_rawthread(releaser, &delay);
	rumpuser_mutex_enter(mtx);
	for (; go == 0 && error == 0; wakes++)
		error = rumpuser_cv_timedwait(cv, mtx, sec, nsec);
	rumpuser_mutex_exit(mtx);
	conf_join(t);
	CHECK(error == 0 && wakes < 20);	/* it may come back early, but does wait */
	teardown();
}

static void
timeout_huge(void)
{

	forever(INT64_MAX, INT64_MAX / 2);
	forever(INT64_MAX, INT64_MAX);
	forever(0, INT64_MAX);
}

static void
timeout_order(void)
{
	struct lwp *me = rumpuser_curlwp();
	int error;

	/* A timeout comes back the same way as a signal. */
	setup(BOTH);
	rumpuser_mutex_enter(mtx);
	me->l_watch = mtx;
	do
		error = rumpuser_cv_timedwait(cv, mtx, 0, MS);
	while (error == 0);
	CHECK(me->l_ownunsched == me && me->l_ownresched == NULL && me->l_interlock == mtx);
	me->l_watch = NULL;
	rumpuser_mutex_exit(mtx);
	teardown();
}

#define PINGS 20000

static int turn;

static void
pong(void *arg)
{
	int i;

	(void)arg;
	rumpuser_mutex_enter_nowrap(mtx);
	for (i = 0; i < PINGS; i++) {
		while (turn != 1)
			rumpuser_cv_wait_nowrap(cv, mtx);
		turn = 0;
		rumpuser_cv_signal(cv2);
	}
	rumpuser_mutex_exit(mtx);
}

static void
pingpong(void)
{
	void *t;
	int i;

	/* A lost wake-up hangs. */
	setup(RUMPUSER_MTX_SPIN);
	turn = 0;
	t = conf_rawthread(pong, NULL);
	for (i = 0; i < PINGS; i++) {
		rumpuser_mutex_enter_nowrap(mtx);
		while (turn != 0)
			rumpuser_cv_wait_nowrap(cv2, mtx);
		turn = 1;
		rumpuser_mutex_exit(mtx);
		if (i & 1)
			rumpuser_cv_signal(cv);
		else
			rumpuser_cv_broadcast(cv);
	}
	conf_join(t);
	teardown();
}

#define ITEMS 20000
static int items;

static void
consumer(void *arg)
{

	for (;;) {
		rumpuser_mutex_enter_nowrap(mtx);
		while (items == 0)
			rumpuser_cv_wait_nowrap(cv, mtx);
		if (items < 0) {
			rumpuser_mutex_exit(mtx);
			return;
		}
		items--;
		(*(int *)arg)++;
		rumpuser_mutex_exit(mtx);
	}
}

static bool
drained(void *arg)
{
	bool none;

	(void)arg;
	rumpuser_mutex_enter_nowrap(mtx);
	none = items == 0;
	rumpuser_mutex_exit(mtx);
	return none;
}

static void
producer(void)
{
	int got[4] = { 0 }, i;
	void *t[4];

	setup(RUMPUSER_MTX_SPIN);
	items = 0;
	for (i = 0; i < 4; i++)
		t[i] = conf_rawthread(consumer, &got[i]);
	for (i = 0; i < ITEMS; i++) {
		rumpuser_mutex_enter_nowrap(mtx);
		items++;
		rumpuser_mutex_exit(mtx);
		rumpuser_cv_signal(cv);		/* as many signals as items: each must reach one */
	}
	CHECK(conf_until(drained, NULL));
	rumpuser_mutex_enter_nowrap(mtx);
	items = -1;
	rumpuser_mutex_exit(mtx);
	rumpuser_cv_broadcast(cv);
	for (i = 0; i < 4; i++)
		conf_join(t[i]);
	CHECK(got[0] + got[1] + got[2] + got[3] == ITEMS);
	teardown();
}

static void
timedracer(void *arg)
{
	int *counts = arg, error;

	rumpuser_mutex_enter_nowrap(mtx);
	while (counts[0] + counts[1] < 3000) {
		error = rumpuser_cv_timedwait(cv, mtx, 0, 20000);
		counts[error != 0]++;
		FAIL_IF(error != 0 && error != RUMP_ETIMEDOUT);
	}
	go = 1;
	rumpuser_mutex_exit(mtx);
}

static void
timerace(void)
{
	int counts[2] = { 0, 0 };
	bool end = false;
	void *t;

	/* Signals race with timeouts, and with the thread going to sleep. */
	setup(RUMPUSER_MTX_SPIN);
	t = conf_thread(timedracer, counts);
	mock_leave();
	while (!end) {
		rumpuser_mutex_enter_nowrap(mtx);
		end = go;
		rumpuser_mutex_exit(mtx);
		rumpuser_cv_signal(cv);
	}
	mock_enter();
	conf_join(t);
	CHECK(counts[0] + counts[1] == 3000);
	teardown();
}

static void
destroy_soon(void)
{
	struct rumpuser_cv *mine;
	void *t[3];
	int i, k;

	/* Destroying a condition variable right after the broadcast that woke the last waiters. */
	setup(RUMPUSER_MTX_SPIN);
	for (k = 0; k < 200; k++) {
		mine = cv;
		go = awake = waiting = 0;
		for (i = 0; i < 3; i++)
			t[i] = conf_rawthread(waiter, NULL);
		until_waiting(3);
		rumpuser_mutex_enter_nowrap(mtx);
		go = 3;
		rumpuser_cv_broadcast(mine);
		rumpuser_mutex_exit(mtx);
		until_awake(3);
		rumpuser_cv_destroy(mine);
		for (i = 0; i < 3; i++)
			conf_join(t[i]);
		rumpuser_cv_init(&cv);
	}
	teardown();
}

const struct test cv_tests[] = {
	{ "cv: signals without waiters do nothing", nobody },
	{ "cv: has_waiters", haswaiters },
	{ "cv: signal with the mutex held wakes one", signal_inside },
	{ "cv: signal after the mutex wakes one", signal_outside },
	{ "cv: broadcast wakes all", broadcast },
	{ "cv: wait wraps; kernel mutex back before the CPU", wait_wraps },
	{ "cv: wait wraps; spin mutex", wait_wraps_spin },
	{ "cv: wait wraps; kernel spin mutex back after the CPU", wait_wraps_both },
	{ "cv: timedwait wraps; kernel mutex back before the CPU", timedwait_wraps },
	{ "cv: timedwait wraps; kernel spin mutex back after the CPU", timedwait_wraps_both },
	{ "cv: wait_nowrap makes no upcalls", nowrap },
	{ "cv: timedwait times out, not early, mutex held", timeout_short },
	{ "cv: timedwait is on time", timeout_exact },
	{ "cv: timedwait takes any number of nanoseconds", timeout_bignsec },
	{ "cv: timedwait for no time", timeout_zero },
	{ "cv: timedwait for ever", timeout_huge },
	{ "cv: timeout takes CPU and kernel spin mutex in order", timeout_order },
	{ "cv: no wake-up is lost between two threads", pingpong },
	{ "cv: no wake-up is lost among five threads", producer },
	{ "cv: signals race with timeouts", timerace },
	{ "cv: destroyed right after the last wake-up", destroy_soon },
	{ NULL, NULL },
};
