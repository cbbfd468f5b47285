/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_clock_gettime, rumpuser_clock_sleep. */
#include "conf.h"

#define LATE	(10000 * MS)	/* how late a sleep may end on a machine that stands still */

static void
get_mono(void)
{
	int64_t a, b;
	int i;

	for (a = conf_now(), i = 0; i < 100000; i++, a = b) {
		b = conf_now();
		CHECK(b >= a);
	}
}

static void
get_moves(void)
{
	int64_t a = conf_now();

	while (conf_now() == a)
		continue;
	CHECK(conf_now() - a < LATE);
}

static void
get_range(void)
{
	int64_t sec;
	long nsec;
	int i;

	for (i = 0; i < 10000; i++) {
		CHECK_NOUPCALL(rumpuser_clock_gettime(i & 1, &sec, &nsec) == 0);
		CHECK(nsec >= 0 && nsec < 1000000000);
	}
}

static void
get_wall(void)
{
	int64_t sec;
	long nsec;

	CHECK(rumpuser_clock_gettime(RUMPUSER_CLOCK_RELWALL, &sec, &nsec) == 0);
	CHECK(sec > 1600000000 && sec < 8000000000);
}

static void
get_same(void)
{
	int64_t w[2], before[2], after[2];
	long n;
	int i;

	/* Both clocks run at one speed; how long a reading takes is the machine's affair. */
	for (i = 0; i < 2; i++) {
		before[i] = conf_now();
		(void)rumpuser_clock_gettime(RUMPUSER_CLOCK_RELWALL, &w[i], &n);
		after[i] = conf_now();
		w[i] = w[i] * 1000000000ll + n;
		conf_sleep(50 * MS);
	}
	CHECK(w[1] - w[0] > before[1] - after[0] - 10 * MS);
	CHECK(w[1] - w[0] < after[1] - before[0] + 10 * MS);
}

static void
get_bad(void)
{
	int64_t sec = 7;
	long nsec = 8;

	CHECK(rumpuser_clock_gettime(2, &sec, &nsec) == RUMP_EINVAL);
	CHECK(rumpuser_clock_gettime(-1, &sec, &nsec) == RUMP_EINVAL);
	CHECK(sec == 7 && nsec == 8);
}

static void
sleep_rel(void)
{
	int64_t t = conf_now();

	CHECK_WRAPS(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 20 * MS) == 0);
	t = conf_now() - t;
	CHECK(t >= 20 * MS && t < 20 * MS + LATE);
}

static void
sleep_relzero(void)
{

	CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 0) == 0);
}

static void
sleep_exact(void)
{
	int64_t t, best = LATE;
	int i;

	/* On time within a few milliseconds at least once in twenty, and never early. */
	for (i = 0; i < 20; i++) {
		t = conf_now();
		CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 5 * MS) == 0);
		t = conf_now() - t;
		CHECK(t >= 5 * MS);
		if (t < best)
			best = t;
	}
	CHECK(best < 10 * MS);
}

static void
sleep_abs(void)
{
	int64_t until = conf_now() + 20 * MS, t;

	CHECK_WRAPS(rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, until / 1000000000,
	    (long)(until % 1000000000)) == 0);
	t = conf_now();
	CHECK(t >= until && t < until + LATE);
}

static void
sleep_past(void)
{
	int64_t t = conf_now();

	CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, 0, 0) == 0);
	CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, -5, 0) == 0);
	CHECK(conf_now() - t < LATE);
}

static void
sleep_bad(void)
{

	CHECK(rumpuser_clock_sleep(7, 0, 0) == RUMP_EINVAL);
	CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 1000000000) == RUMP_EINVAL);
	CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, -1) == RUMP_EINVAL);
	CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, -1, 0) == RUMP_EINVAL);
}

static int ran;

static void
runs(void *arg)
{

	(void)arg;
	STORE(&ran, 1);
}

static void
sleep_frees(void)
{
	void *t;

	/* Another thread gets the CPU while this one sleeps. */
	STORE(&ran, 0);
	t = conf_thread(runs, NULL);
	CHECK(LOAD(&ran) == 0);
	while (LOAD(&ran) == 0)
		CHECK(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, MS) == 0);
	conf_join(t);
}

static void
sleep_nlocks(void)
{

	/* The number of big-lock holds comes back as it was given (the mock compares). */
	rumpuser_curlwp()->l_nlocks = 5;
	CHECK_WRAPS(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 1000) == 0);
	CHECK(rumpuser_curlwp()->l_nlocks == 5);
}

const struct test clock_tests[] = {
	{ "gettime: monotonic clock never goes back", get_mono },
	{ "gettime: monotonic clock moves", get_moves },
	{ "gettime: nanoseconds in range", get_range },
	{ "gettime: wall clock knows the year", get_wall },
	{ "gettime: both clocks run alike", get_same },
	{ "gettime: unknown clock is EINVAL and writes nothing", get_bad },
	{ "sleep: relative, not early, wraps", sleep_rel },
	{ "sleep: relative, on time", sleep_exact },
	{ "sleep: relative, no time at all", sleep_relzero },
	{ "sleep: absolute, not early, wraps", sleep_abs },
	{ "sleep: absolute, in the past", sleep_past },
	{ "sleep: bad arguments are EINVAL", sleep_bad },
	{ "sleep: others run meanwhile", sleep_frees },
	{ "sleep: lock holds are given back", sleep_nlocks },
	{ NULL, NULL },
};
