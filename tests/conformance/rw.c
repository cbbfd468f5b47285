/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_rw_*. */
#include "conf.h"

#define RD	RUMPUSER_RW_READER
#define WR	RUMPUSER_RW_WRITER

static struct rumpuser_rw *rw;
static int stage, inside;

static bool
reached(void *arg)
{

	return LOAD(&stage) >= *(int *)arg;
}

static void
wait_stage(int want)
{

	FAIL_IF(!conf_until(reached, &want));
}

struct attempt {
	int	kind, error;
};

static void
tryit(void *arg)
{
	struct attempt *a = arg;

	a->error = rumpuser_rw_tryenter(a->kind, rw);
	if (a->error == 0)
		rumpuser_rw_exit(rw);
}

/* What another thread's tryenter says. */
static int
tryother(int kind)
{
	struct attempt a = { kind, -1 };

	conf_join(conf_thread(tryit, &a));
	return a.error;
}

static void
readers(void)
{

	rumpuser_rw_init(&rw);
	CHECK_NOUPCALL((rumpuser_rw_enter(RD, rw), true));
	CHECK(tryother(RD) == 0);
	CHECK(tryother(WR) == RUMP_EBUSY);
	CHECK_NOUPCALL((rumpuser_rw_exit(rw), true));
	CHECK(tryother(WR) == 0);
	rumpuser_rw_destroy(rw);
}

static void
writer(void)
{

	rumpuser_rw_init(&rw);
	CHECK_NOUPCALL((rumpuser_rw_enter(WR, rw), true));
	CHECK(tryother(RD) == RUMP_EBUSY);
	CHECK(tryother(WR) == RUMP_EBUSY);
	CHECK_NOUPCALL((rumpuser_rw_exit(rw), true));
	CHECK(tryother(RD) == 0);
	CHECK(tryother(WR) == 0);
	rumpuser_rw_destroy(rw);
}

static void
trymine(void)
{

	rumpuser_rw_init(&rw);
	CHECK_NOUPCALL(rumpuser_rw_tryenter(RD, rw) == 0);
	rumpuser_rw_exit(rw);
	CHECK_NOUPCALL(rumpuser_rw_tryenter(WR, rw) == 0);
	rumpuser_rw_exit(rw);
	rumpuser_rw_destroy(rw);
}

static void
held_other(void *arg)
{
	int *h = arg;

	rumpuser_rw_held(WR, rw, &h[0]);
	rumpuser_rw_held(RD, rw, &h[1]);
}

static void
held(void)
{
	int h[2], o[2];

	rumpuser_rw_init(&rw);
	held_other(h);
	CHECK(!h[0] && !h[1]);
	rumpuser_rw_enter(RD, rw);
	held_other(h);
	conf_join(conf_thread(held_other, o));
	CHECK(!h[0] && h[1] && !o[0] && o[1]);
	rumpuser_rw_exit(rw);
	rumpuser_rw_enter(WR, rw);
	held_other(h);
	conf_join(conf_thread(held_other, o));
	CHECK(h[0] && !h[1] && !o[0] && !o[1]);
	rumpuser_rw_exit(rw);
	held_other(h);
	CHECK(!h[0] && !h[1]);
	rumpuser_rw_destroy(rw);
}

static void
upgrade(void)
{
	int h;

	rumpuser_rw_init(&rw);
	rumpuser_rw_enter(RD, rw);
	CHECK_NOUPCALL(rumpuser_rw_tryupgrade(rw) == 0);
	rumpuser_rw_held(WR, rw, &h);
	CHECK(h);
	CHECK(tryother(RD) == RUMP_EBUSY);
	rumpuser_rw_exit(rw);
	CHECK(tryother(WR) == 0);
	rumpuser_rw_destroy(rw);
}

static void
reads_until(void *arg)
{
	int two = 2;

	(void)arg;
	rumpuser_rw_enter(RD, rw);
	STORE(&stage, 1);
	while (!reached(&two))
		(void)rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 100000);
	rumpuser_rw_exit(rw);
}

static void
upgrade_busy(void)
{
	int h;
	void *t;

	rumpuser_rw_init(&rw);
	STORE(&stage, 0);
	t = conf_thread(reads_until, NULL);
	wait_stage(1);
	rumpuser_rw_enter(RD, rw);
	CHECK(rumpuser_rw_tryupgrade(rw) == RUMP_EBUSY);
	rumpuser_rw_held(RD, rw, &h);
	CHECK(h);
	STORE(&stage, 2);
	conf_join(t);
	CHECK(rumpuser_rw_tryupgrade(rw) == 0);
	rumpuser_rw_exit(rw);
	rumpuser_rw_destroy(rw);
}

static void
downgrade(void)
{
	int h;

	rumpuser_rw_init(&rw);
	rumpuser_rw_enter(WR, rw);
	CHECK_NOUPCALL((rumpuser_rw_downgrade(rw), true));
	rumpuser_rw_held(WR, rw, &h);
	CHECK(!h);
	rumpuser_rw_held(RD, rw, &h);
	CHECK(h);
	CHECK(tryother(RD) == 0);
	CHECK(tryother(WR) == RUMP_EBUSY);
	rumpuser_rw_exit(rw);
	CHECK(tryother(WR) == 0);
	rumpuser_rw_destroy(rw);
}

static void
enters(void *arg)
{

	rumpuser_rw_enter(*(int *)arg, rw);
	ADD(&stage, 1);
	rumpuser_rw_exit(rw);
}

static void
downgrade_wakes(void)
{
	int rd = RD;
	void *t;

	/* A reader that waits gets in on a downgrade. */
	rumpuser_rw_init(&rw);
	STORE(&stage, 0);
	rumpuser_rw_enter(WR, rw);
	t = conf_thread(enters, &rd);
	conf_sleep(20 * MS);
	CHECK(LOAD(&stage) == 0);
	rumpuser_rw_downgrade(rw);
	wait_stage(1);
	rumpuser_rw_exit(rw);
	conf_join(t);
	rumpuser_rw_destroy(rw);
}

static struct conf_waiter waiter;

/* Without the CPU: hold the lock until somebody waits for it. */
static void
holder(void *arg)
{

	mock_attach(2);
	rumpuser_rw_enter(*(int *)arg, rw);
	STORE(&stage, 1);
	wait_stage(2);
	conf_waits(&waiter);
	STORE(&stage, 3);
	rumpuser_rw_exit(rw);
	mock_detach();
}

static void
contend(int theirs, int mine)
{
	void *t;

	rumpuser_rw_init(&rw);
	STORE(&stage, 0);
	t = conf_rawthread(holder, &theirs);
	wait_stage(1);
	waiter.l = rumpuser_curlwp();
	waiter.unsched = waiter.l->l_unsched;
	STORE(&stage, 2);
	CHECK_WRAPS((rumpuser_rw_enter(mine, rw), true));
	CHECK(LOAD(&stage) == 3);
	rumpuser_rw_exit(rw);
	conf_join(t);
	rumpuser_rw_destroy(rw);
}

static void
contend_wr(void)
{

	contend(WR, RD);
}

static void
contend_ww(void)
{

	contend(WR, WR);
}

static void
contend_rw(void)
{

	contend(RD, WR);
}

static void
reader_loop(void *arg)
{
	int two = 2;

	(void)arg;
	mock_attach(2);
	while (!reached(&two)) {
		rumpuser_rw_enter(RD, rw);
		ADD(&inside, 1);
		conf_sleep(2 * MS);
		ADD(&inside, -1);
		rumpuser_rw_exit(rw);
	}
	mock_detach();
}

static void
starve(void)
{
	int64_t t0;
	void *t[3];
	int i;

	/* Readers that take turns do not keep a writer out. */
	rumpuser_rw_init(&rw);
	STORE(&stage, 0);
	STORE(&inside, 0);
	for (i = 0; i < 3; i++) {
		t[i] = conf_rawthread(reader_loop, NULL);
		conf_sleep(MS / 2);
	}
	t0 = conf_now();
	for (i = 0; i < 5; i++) {
		rumpuser_rw_enter(WR, rw);
		CHECK(LOAD(&inside) == 0);
		rumpuser_rw_exit(rw);
	}
	CHECK(conf_now() - t0 < 5000 * MS);
	STORE(&stage, 2);
	for (i = 0; i < 3; i++)
		conf_join(t[i]);
	rumpuser_rw_destroy(rw);
}

static long shared[2];

static void
mixer(void *arg)
{
	uint32_t seed = (uint32_t)(uintptr_t)arg;
	int i;

	mock_attach(2);
	for (i = 0; i < 20000; i++) {
		if (conf_rand(&seed) % 4 == 0) {
			rumpuser_rw_enter(WR, rw);
			shared[0]++;
			shared[1]++;
			if (conf_rand(&seed) % 2 == 0)
				rumpuser_rw_downgrade(rw);
			FAIL_IF(shared[0] != shared[1]);
			rumpuser_rw_exit(rw);
		} else {
			rumpuser_rw_enter(RD, rw);
			FAIL_IF(shared[0] != shared[1]);
			if (rumpuser_rw_tryupgrade(rw) == 0) {
				shared[0]++;
				shared[1]++;
			}
			rumpuser_rw_exit(rw);
		}
	}
	mock_detach();
}

static void
stress(void)
{
	void *t[4];
	uintptr_t i;

	rumpuser_rw_init(&rw);
	shared[0] = shared[1] = 0;
	for (i = 0; i < 4; i++)
		t[i] = conf_rawthread(mixer, (void *)(i + 1));
	for (i = 0; i < 4; i++)
		conf_join(t[i]);
	CHECK(shared[0] == shared[1] && shared[0] > 0);
	CHECK(rumpuser_rw_tryenter(WR, rw) == 0);
	rumpuser_rw_exit(rw);
	rumpuser_rw_destroy(rw);
}

const struct test rw_tests[] = {
	{ "rw: readers share and keep writers out", readers },
	{ "rw: a writer keeps all out", writer },
	{ "rw: tryenter of a free one makes no upcalls", trymine },
	{ "rw: held", held },
	{ "rw: upgrade of the only reader", upgrade },
	{ "rw: upgrade among others is EBUSY and still reads", upgrade_busy },
	{ "rw: downgrade", downgrade },
	{ "rw: downgrade lets waiting readers in", downgrade_wakes },
	{ "rw: reader waits for writer, wraps", contend_wr },
	{ "rw: writer waits for writer, wraps", contend_ww },
	{ "rw: writer waits for reader, wraps", contend_rw },
	{ "rw: readers do not starve a writer", starve },
	{ "rw: invariants under load", stress },
	{ NULL, NULL },
};
