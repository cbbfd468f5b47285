/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_thread_create, _exit, _join. */
#include "conf.h"

static int flag, count;

static void *
setflag(void *arg)
{

	STORE(&flag, *(int *)arg);
	return NULL;
}

static bool
isset(void *arg)
{

	return LOAD(&flag) == *(int *)arg;
}

static void
runs(void)
{
	int want = 42;
	void *t;

	STORE(&flag, 0);
	CHECK_NOUPCALL(rumpuser_thread_create(setflag, &want, "t", 1, -1, -1, &t) == 0);
	CHECK_WRAPS(rumpuser_thread_join(t) == 0);
	CHECK(LOAD(&flag) == 42);
}

static void
detached(void)
{
	static int want = 43;

	STORE(&flag, 0);
	CHECK(rumpuser_thread_create(setflag, &want, "t", 0, -1, -1, NULL) == 0);
	CHECK(conf_until(isset, &want));
}

static void *
slow(void *arg)
{

	conf_sleep(50 * MS);
	*(int *)arg = 1;	/* plain: joining orders it */
	return NULL;
}

static void
join_waits(void)
{
	int done = 0;
	void *t;

	CHECK(rumpuser_thread_create(slow, &done, "t", 1, -1, -1, &t) == 0);
	CHECK_WRAPS(rumpuser_thread_join(t) == 0);
	CHECK(done == 1);
}

static void
join_null(void)
{

	CHECK(rumpuser_thread_join(NULL) == RUMP_EINVAL);
}

static void *
exits(void *arg)
{

	*(int *)arg = 1;
	rumpuser_thread_exit();
	*(int *)arg = 2;
	return NULL;
}

static void
thread_exit(void)
{
	int done = 0;
	void *t;

	CHECK(rumpuser_thread_create(exits, &done, "t", 1, -1, -1, &t) == 0);
	CHECK(rumpuser_thread_join(t) == 0);
	CHECK(done == 1);
}

static void *
counts(void *arg)
{

	(void)arg;
	ADD(&count, 1);
	return NULL;
}

static void
many(void)
{
	static void *t[100];
	int i;

	STORE(&count, 0);
	for (i = 0; i < 100; i++)
		CHECK(rumpuser_thread_create(counts, NULL, "t", 1, -1, -1, &t[i]) == 0);
	for (i = 0; i < 100; i++)
		CHECK(rumpuser_thread_join(t[i]) == 0);
	CHECK(LOAD(&count) == 100);
}

static bool
counted(void *arg)
{

	return LOAD(&count) == *(int *)arg;
}

static void
manymore(void)
{
	int i, want = 2000;

	/* More than there can be at once: what has ended must be gone. */
	STORE(&count, 0);
	for (i = 0; i < want; i++) {
		CHECK(rumpuser_thread_create(counts, NULL, "t", 0, -1, -1, NULL) == 0);
		if (i % 50 == 49) {
			int sofar = i + 1;

			CHECK(conf_until(counted, &sofar));
		}
	}
	CHECK(conf_until(counted, &want));
}

static void
names(void)
{
	void *t;

	STORE(&count, 0);
	CHECK(rumpuser_thread_create(counts, NULL,
	    "a name that is a good deal longer than any host would like to have", 1, 3, 0,
	    &t) == 0);
	CHECK(rumpuser_thread_join(t) == 0);
	CHECK(rumpuser_thread_create(counts, NULL, "", 1, -1, 1000, &t) == 0);
	CHECK(rumpuser_thread_join(t) == 0);
	CHECK(LOAD(&count) == 2);
}

static void *
stack(void *arg)
{
	volatile uint8_t buf[16384];
	size_t i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)i;
	for (i = 0; i < sizeof(buf); i++)
		if (buf[i] != (uint8_t)i)
			return NULL;
	*(int *)arg = 1;
	return NULL;
}

static void
stacks(void)
{
	int ok = 0;
	void *t;

	CHECK(rumpuser_thread_create(stack, &ok, "t", 1, -1, -1, &t) == 0);
	CHECK(rumpuser_thread_join(t) == 0);
	CHECK(ok == 1);
}

const struct test thread_tests[] = {
	{ "thread: runs its function; join wraps", runs },
	{ "thread: detached", detached },
	{ "thread: join waits and orders memory", join_waits },
	{ "thread: join of NULL is EINVAL", join_null },
	{ "thread: exit", thread_exit },
	{ "thread: a hundred at once", many },
	{ "thread: two thousand detached, one after the other", manymore },
	{ "thread: long names, priority and CPU wishes", names },
	{ "thread: 16 KB of stack", stacks },
	{ NULL, NULL },
};
