/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: parameters, random numbers, console, signals, curlwp, component, PCI. */
#include "conf.h"

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>
#include <rump/rumpuser_component.h>

static void
param_ncpu(void)
{
	char buf[16];
	char *p;

	CHECK_NOUPCALL(rumpuser_getparam(RUMPUSER_PARAM_NCPU, buf, sizeof(buf)) == 0);
	CHECK(buf[0] >= '1' && buf[0] <= '9');
	for (p = buf; *p != '\0'; p++)
		CHECK(*p >= '0' && *p <= '9');
}

static void
param_hostname(void)
{
	char buf[300];

	CHECK(rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, buf, sizeof(buf)) == 0);
	CHECK(buf[0] != '\0');
}

static void
param_missing(void)
{
	char buf[16];

	CHECK(rumpuser_getparam("NO_SUCH_PARAMETER", buf, sizeof(buf)) == RUMP_ENOENT);
}

static void
param_reserved(void)
{
	char buf[16];

	CHECK(rumpuser_getparam("_RUMPUSER_NO_SUCH", buf, sizeof(buf)) == RUMP_EINVAL);
}

static void
param_small(void)
{
	char buf[300];
	size_t len;

	CHECK(rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, buf, sizeof(buf)) == 0);
	len = strlen(buf);
	CHECK(rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, buf, len) == RUMP_E2BIG);
	CHECK(rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, buf, len + 1) == 0);
	CHECK(rumpuser_getparam(RUMPUSER_PARAM_HOSTNAME, buf, 0) == RUMP_E2BIG);
}

static void
random_differs(void)
{
	uint8_t a[32], b[32];
	size_t n;

	CHECK(rumpuser_getrandom(a, sizeof(a), 0, &n) == 0 && n == sizeof(a));
	CHECK(rumpuser_getrandom(b, sizeof(b), 0, &n) == 0 && n == sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) != 0);
}

static void
random_bounds(void)
{
	uint8_t buf[64];
	size_t n, i, len;

	for (len = 1; len < 60; len++) {
		memset(buf, 0, sizeof(buf));
		CHECK(rumpuser_getrandom(buf, len, 0, &n) == 0);
		CHECK(n >= 1 && n <= len);
		for (i = n; i < sizeof(buf); i++)
			CHECK(buf[i] == 0);
	}
}

static void
random_bits(void)
{
	static uint8_t buf[65536];
	size_t n, i, got;
	long ones = 0;

	for (got = 0; got < sizeof(buf); got += n)
		CHECK(rumpuser_getrandom(buf + got, sizeof(buf) - got, 0, &n) == 0);
	for (i = 0; i < sizeof(buf); i++)
		ones += __builtin_popcount(buf[i]);
	/* 524288 bits: within ten standard deviations of half */
	CHECK(ones > 262144 - 3620 && ones < 262144 + 3620);
}

static void
random_zero(void)
{
	uint8_t c = 3;
	size_t n = 9;

	CHECK(rumpuser_getrandom(&c, 0, 0, &n) == 0);
	CHECK(n == 0 && c == 3);
}

static void
random_nowait(void)
{
	uint8_t buf[16];
	size_t n = 0;
	int error = -1;

	CHECK_NOUPCALL((error = rumpuser_getrandom(buf, sizeof(buf), RUMPUSER_RANDOM_NOWAIT,
	    &n)) == 0 || error == RUMP_EAGAIN);
}

static void
random_hard(void)
{
	uint8_t buf[16];
	size_t n = 0;

	CHECK(rumpuser_getrandom(buf, sizeof(buf), RUMPUSER_RANDOM_HARD, &n) == 0 && n >= 1);
}

static void
random_flags(void)
{
	uint8_t buf[16];
	size_t n;

	CHECK(rumpuser_getrandom(buf, sizeof(buf), 0x40, &n) == RUMP_EINVAL);
}

static void
console(void)
{
	unsigned u = rumpuser_curlwp()->l_unsched;
	const char *p;

	for (p = "# putchar\n"; *p != '\0'; p++)
		rumpuser_putchar(*p);
	rumpuser_dprintf("# dprintf %d %s %x %lu %c%%\n", -5, "text", 0xbeef, 1ul << 31, 'c');
	CHECK(rumpuser_curlwp()->l_unsched == u);
}

static void
console_input(void)
{
	char buf[16];

	CHECK_NOUPCALL(rumpext_console_read(buf, sizeof(buf)) == 0);
}

static void
kill_self(void)
{
	int error = -1;

	/* Whatever the policy, the donor goes on. */
	CHECK_NOUPCALL((error = rumpuser_kill(RUMPUSER_PID_SELF, 1)) == 0 ||
	    error == RUMP_ESRCH || error == RUMP_EINVAL);
}

static void
newthread_lwp(void *arg)
{

	*(int *)arg = rumpuser_curlwp() == NULL ? 1 : 2;
}

static void
lwp_null(void)
{
	int seen = 0;

	conf_join(conf_rawthread(newthread_lwp, &seen));
	CHECK(seen == 1);
}

static void
lwp_setclear(void)
{
	struct lwp *me = rumpuser_curlwp(), other;

	rumpuser_curlwpop(RUMPUSER_LWP_CREATE, &other);
	CHECK(rumpuser_curlwp() == me);
	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, me);
	CHECK(rumpuser_curlwp() == NULL);
	rumpuser_curlwpop(RUMPUSER_LWP_SET, &other);
	CHECK(rumpuser_curlwp() == &other);
	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, &other);
	rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, &other);
	rumpuser_curlwpop(RUMPUSER_LWP_SET, me);
	CHECK(rumpuser_curlwp() == me);
}

static int stage;

static bool
atstage(void *arg)
{

	return LOAD(&stage) >= *(int *)arg;
}

static void
lwp_other(void *arg)
{
	struct lwp *mine = arg;
	int two = 2;

	rumpuser_curlwpop(RUMPUSER_LWP_SET, mine);
	STORE(&stage, 1);
	while (!atstage(&two))
		continue;
	FAIL_IF(rumpuser_curlwp() != mine);
	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, mine);
}

static void
lwp_perthread(void)
{
	struct lwp *me = rumpuser_curlwp(), other;
	int one = 1;
	void *t;

	STORE(&stage, 0);
	t = conf_rawthread(lwp_other, &other);
	CHECK(conf_until(atstage, &one));
	CHECK(rumpuser_curlwp() == me);
	STORE(&stage, 2);
	conf_join(t);
}

static void
comp_unschedule(void)
{
	struct lwp *l = rumpuser_curlwp();
	void *cookie;

	l->l_nlocks = 3;
	cookie = rumpuser_component_unschedule();
	CHECK(!l->l_holding && l->l_unsched == 1);
	rumpuser_component_schedule(cookie);
	CHECK(l->l_holding && l->l_resched == 1 && l->l_nlocks == 3);
}

static void
kthread_body(void *arg)
{
	unsigned before = LOAD(&mock_kthreads);

	(void)arg;
	rumpuser_component_kthread();
	FAIL_IF(rumpuser_component_curlwp() == NULL || rumpuser_component_curlwp()->l_pid != 0);
	FAIL_IF(LOAD(&mock_kthreads) != before + 1);
	FAIL_IF(rumpuser_component_curlwp()->l_holding);
	rumpuser_component_kthread_release();
	FAIL_IF(rumpuser_component_curlwp() != NULL);
	FAIL_IF(LOAD(&mock_kthreads) != before);
}

static void
comp_kthread(void)
{

	conf_join(conf_rawthread(kthread_body, NULL));
}

static void
pci_absent(void)
{
	unsigned v = 0;
	int error;

	error = rumpcomp_pci_confread(0, 31, 7, 0, &v);
	CHECK(error == 0 || error == RUMP_ENODEV);
	if (error == RUMP_ENODEV)
		CHECK(v == ~0u);
}

static void
mmio_window(void)
{
	uintptr_t lo = 1, hi = 2;

	rumpext_mmio_window(&lo, &hi);
	CHECK(lo <= hi);
}

static void
platdev_end(void)
{
	struct rumpext_platdev pd;
	unsigned i;
	int error = 0;

	for (i = 0; i < 4096 && (error = rumpext_platdev(i, &pd)) == 0; i++)
		CHECK(pd.pd_name[0] != '\0' && memchr(pd.pd_name, '\0', 32) != NULL);
	CHECK(error == RUMP_ENXIO);
}

const struct test misc_tests[] = {
	{ "getparam: number of CPUs", param_ncpu },
	{ "getparam: host name", param_hostname },
	{ "getparam: not set is ENOENT", param_missing },
	{ "getparam: unknown reserved name is EINVAL", param_reserved },
	{ "getparam: small buffer is E2BIG, exact fits", param_small },
	{ "getrandom: answers differ", random_differs },
	{ "getrandom: stays within the buffer", random_bounds },
	{ "getrandom: half of the bits are ones", random_bits },
	{ "getrandom: length 0", random_zero },
	{ "getrandom: NOWAIT makes no upcall", random_nowait },
	{ "getrandom: HARD", random_hard },
	{ "getrandom: unknown flags are EINVAL", random_flags },
	{ "console: output makes no upcall", console },
	{ "console: no input gives nothing at once", console_input },
	{ "kill: the donor goes on", kill_self },
	{ "curlwp: a new thread has none", lwp_null },
	{ "curlwp: set and clear", lwp_setclear },
	{ "curlwp: each thread has its own", lwp_perthread },
	{ "component: unschedule and schedule", comp_unschedule },
	{ "component: kernel thread context", comp_kthread },
	{ "pci: an absent device reads as all ones", pci_absent },
	{ "bus: model window is a range", mmio_window },
	{ "bus: described devices end with ENXIO", platdev_end },
	{ NULL, NULL },
};
