/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_mutex_*. */
#include "conf.h"

#define BOTH	(RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)

static struct rumpuser_mtx *mtx;
static int stage;
static long counter;

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

static void
try_free(void)
{

	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_KMUTEX);
	CHECK_NOUPCALL(rumpuser_mutex_tryenter(mtx) == 0);
	rumpuser_mutex_exit(mtx);
	CHECK(rumpuser_mutex_tryenter(mtx) == 0);
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_destroy(mtx);
}

static void
try_other(void *arg)
{

	*(int *)arg = rumpuser_mutex_tryenter(mtx);
}

static void
try_held(void)
{
	int error = -1;

	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_SPIN);
	rumpuser_mutex_enter_nowrap(mtx);
	conf_join(conf_rawthread(try_other, &error));
	CHECK(error == RUMP_EBUSY);
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_destroy(mtx);
}

static void
owner(void)
{
	struct lwp *l = rumpuser_curlwp();

	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_KMUTEX);
	rumpuser_mutex_owner(mtx, &l);
	CHECK(l == NULL);
	rumpuser_mutex_enter(mtx);
	rumpuser_mutex_owner(mtx, &l);
	CHECK(l == rumpuser_curlwp());
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_owner(mtx, &l);
	CHECK(l == NULL);
	CHECK(rumpuser_mutex_tryenter(mtx) == 0);
	rumpuser_mutex_owner(mtx, &l);
	CHECK(l == rumpuser_curlwp());
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_enter_nowrap(mtx);
	rumpuser_mutex_owner(mtx, &l);
	CHECK(l == rumpuser_curlwp());
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_destroy(mtx);
}

static void
owner_other(void *arg)
{
	struct lwp *l = NULL;

	(void)arg;
	rumpuser_mutex_owner(mtx, &l);
	FAIL_IF(l == rumpuser_curlwp());
}

static void
owner_notme(void)
{

	rumpuser_mutex_init(&mtx, BOTH);
	rumpuser_mutex_enter(mtx);
	conf_join(conf_thread(owner_other, NULL));
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_destroy(mtx);
}

static void
free_noupcall(void)
{
	int flags, i;

	for (flags = 1; flags <= 3; flags++) {
		rumpuser_mutex_init(&mtx, flags);
		for (i = 0; i < 100; i++) {
			CHECK_NOUPCALL((rumpuser_mutex_enter(mtx), true));
			CHECK_NOUPCALL((rumpuser_mutex_exit(mtx), true));
		}
		rumpuser_mutex_destroy(mtx);
	}
}

static struct conf_waiter waiter;

/* Without the CPU: hold the mutex until somebody waits for it; a while, where none can see that. */
static void
holder(void *wraps)
{

	mock_attach(2);
	rumpuser_mutex_enter_nowrap(mtx);
	STORE(&stage, 1);
	wait_stage(2);
	if (wraps != NULL)
		conf_waits(&waiter);
	else
		conf_sleep(30 * MS);
	STORE(&counter, 1);
	rumpuser_mutex_exit(mtx);
	mock_detach();
}

static void
contend(int flags, bool nowrap, unsigned pairs)
{
	struct lwp *me = rumpuser_curlwp();
	unsigned u, r;
	void *t;

	STORE(&stage, 0);
	STORE(&counter, 0);
	rumpuser_mutex_init(&mtx, flags);
	t = conf_rawthread(holder, pairs > 0 ? me : NULL);
	wait_stage(1);
	u = me->l_unsched;
	r = me->l_resched;
	waiter = (struct conf_waiter){ me, u };
	STORE(&stage, 2);
	if (nowrap)
		rumpuser_mutex_enter_nowrap(mtx);
	else
		rumpuser_mutex_enter(mtx);
	CHECK(LOAD(&counter) == 1);
	CHECK(me->l_unsched == u + pairs);
	CHECK(me->l_resched == r + pairs);
	CHECK(me->l_holding);
	rumpuser_mutex_exit(mtx);
	conf_join(t);
	rumpuser_mutex_destroy(mtx);
}

static void
contend_kmutex(void)
{

	contend(RUMPUSER_MTX_KMUTEX, false, 1);
	CHECK(rumpuser_curlwp()->l_interlock == NULL);
}

static void
contend_spin(void)
{

	contend(RUMPUSER_MTX_SPIN, false, 0);
}

static void
contend_both(void)
{

	contend(BOTH, false, 0);
}

static void
contend_nowrap(void)
{

	contend(RUMPUSER_MTX_KMUTEX, true, 0);
}

#define NTHREAD	4
#define ROUNDS	50000

static void
excluder(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		rumpuser_mutex_enter_nowrap(mtx);
		counter++;	/* plain: the mutex protects it */
		rumpuser_mutex_exit(mtx);
	}
}

static void
exclude(void)
{
	void *t[NTHREAD];
	int i;

	counter = 0;
	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_SPIN);
	for (i = 0; i < NTHREAD; i++)
		t[i] = conf_rawthread(excluder, NULL);
	for (i = 0; i < NTHREAD; i++)
		conf_join(t[i]);
	CHECK(counter == (long)NTHREAD * ROUNDS);
	rumpuser_mutex_destroy(mtx);
}

static void
donorexcluder(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 200; i++) {
		rumpuser_mutex_enter(mtx);
		counter++;
		if (i % 20 == 0)	/* gives up the CPU with the mutex held */
			(void)rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 1000);
		counter++;
		rumpuser_mutex_exit(mtx);
	}
}

static void
exclude_donor(void)
{
	void *t[NTHREAD];
	int i;

	counter = 0;
	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_KMUTEX);
	for (i = 0; i < NTHREAD; i++)
		t[i] = conf_thread(donorexcluder, NULL);
	for (i = 0; i < NTHREAD; i++)
		conf_join(t[i]);
	CHECK(counter == 2 * 200 * NTHREAD);
	rumpuser_mutex_destroy(mtx);
}

struct object {
	struct rumpuser_mtx *mtx;
	int	 refs;
};

static void
dropper(void *arg)
{
	struct object *o = arg;
	bool last;

	rumpuser_mutex_enter_nowrap(o->mtx);
	last = --o->refs == 0;
	rumpuser_mutex_exit(o->mtx);
	if (last) {
		rumpuser_mutex_destroy(o->mtx);
		rumpuser_free(o, sizeof(*o));
	}
}

static void
lastout(void)
{
	struct object *o;
	void *t[2], *mem;
	int i;

	/* Who gets it last may destroy it, though the other may not have returned from exit. */
	for (i = 0; i < 300; i++) {
		CHECK(rumpuser_malloc(sizeof(*o), 0, &mem) == 0);
		o = mem;
		o->refs = 2;
		rumpuser_mutex_init(&o->mtx, RUMPUSER_MTX_SPIN);
		t[0] = conf_rawthread(dropper, o);
		t[1] = conf_rawthread(dropper, o);
		conf_join(t[0]);
		conf_join(t[1]);
	}
}

static void
manymutexes(void)
{
	static struct rumpuser_mtx *m[1000];
	struct lwp *l;
	int i;

	for (i = 0; i < 1000; i++) {
		rumpuser_mutex_init(&m[i], RUMPUSER_MTX_KMUTEX);
		if (i % 3 == 0)
			rumpuser_mutex_enter(m[i]);
	}
	for (i = 0; i < 1000; i++) {
		rumpuser_mutex_owner(m[i], &l);
		CHECK((l != NULL) == (i % 3 == 0));
		if (l != NULL)
			rumpuser_mutex_exit(m[i]);
		rumpuser_mutex_destroy(m[i]);
	}
}

const struct test mutex_tests[] = {
	{ "mutex: tryenter of a free one", try_free },
	{ "mutex: tryenter of a held one is EBUSY", try_held },
	{ "mutex: owner known while held", owner },
	{ "mutex: another's is not mine", owner_notme },
	{ "mutex: no upcalls where nobody waits", free_noupcall },
	{ "mutex: enter of a kernel mutex wraps once if it blocks", contend_kmutex },
	{ "mutex: enter of a spin mutex makes no upcalls", contend_spin },
	{ "mutex: enter of a kernel spin mutex makes no upcalls", contend_both },
	{ "mutex: enter_nowrap makes no upcalls", contend_nowrap },
	{ "mutex: excludes", exclude },
	{ "mutex: excludes threads that give up the CPU inside", exclude_donor },
	{ "mutex: the last one out destroys", lastout },
	{ "mutex: a thousand", manymutexes },
	{ NULL, NULL },
};
