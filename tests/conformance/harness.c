/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the tables of tests and speaks TAP; the mock donor.
 *
 * The mock donor has one CPU, made of a hypercall mutex and condition variable as a real donor's
 * would be. Its upcalls check how they are called and note it in the calling thread's lwp.
 *
 * Locking: cpu_mtx protects cpu_busy and the table of lwps.
 */
#include "conf.h"

#define NLWP 256

static struct rumpuser_mtx *cpu_mtx;
static struct rumpuser_cv *cpu_cv;
static bool cpu_busy;
static struct lwp lwps[NLWP];
unsigned mock_errors, mock_kthreads;

const char *conf_only;
static bool failed, skipped;
static char message[400];

/* Output */

static char *
append(char *p, char *end, const char *s)
{

	while (*s != '\0' && p < end - 1)
		*p++ = *s++;
	*p = '\0';
	return p;
}

static char *
number(char *p, char *end, unsigned n)
{
	char tmp[12], *t = tmp + sizeof(tmp) - 1;

	*t = '\0';
	do
		*--t = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	return append(p, end, t);
}

void
conf_fail(const char *file, int line, const char *what)
{
	char *p = message, *end = message + sizeof(message);

	/* The first one counts, whichever thread it comes from. */
	if (__atomic_exchange_n(&failed, true, __ATOMIC_SEQ_CST))
		return;
	p = append(p, end, "# ");
	p = append(p, end, file);
	p = append(p, end, ":");
	p = number(p, end, (unsigned)line);
	p = append(p, end, ": ");
	append(p, end, what);
}

bool
conf_failed(void)
{

	return LOAD(&failed);
}

void
conf_skip(const char *why)
{

	skipped = true;
	append(message, message + sizeof(message), why);
}

/* The mock donor */

static void
cpu_get(void)
{

	rumpuser_mutex_enter_nowrap(cpu_mtx);
	while (cpu_busy)
		rumpuser_cv_wait_nowrap(cpu_cv, cpu_mtx);
	cpu_busy = true;
	rumpuser_mutex_exit(cpu_mtx);
}

static void
cpu_put(void)
{

	rumpuser_mutex_enter_nowrap(cpu_mtx);
	cpu_busy = false;
	rumpuser_mutex_exit(cpu_mtx);
	rumpuser_cv_signal(cpu_cv);
}

static void
wrong(bool cond)
{

	if (cond)
		ADD(&mock_errors, 1);
}

struct lwp *
mock_attach(int pid)
{
	struct lwp *l = NULL;
	int i;

	rumpuser_mutex_enter_nowrap(cpu_mtx);
	for (i = 0; i < NLWP && l == NULL; i++)
		if (!lwps[i].l_used)
			l = &lwps[i];
	if (l != NULL) {
		memset(l, 0, sizeof(*l));
		l->l_used = true;
		l->l_pid = pid;
	}
	rumpuser_mutex_exit(cpu_mtx);
	if (l == NULL) {
		port_print("Bail out! too many threads");
		port_exit(1);
	}
	rumpuser_curlwpop(RUMPUSER_LWP_CREATE, l);
	rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
	return l;
}

void
mock_detach(void)
{
	struct lwp *l = rumpuser_curlwp();

	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
	rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, l);
	rumpuser_mutex_enter_nowrap(cpu_mtx);
	l->l_used = false;
	rumpuser_mutex_exit(cpu_mtx);
}

void
mock_enter(void)
{
	struct lwp *l = rumpuser_curlwp();

	if (l == NULL) {
		l = mock_attach(1);
		l->l_temp = true;
	}
	wrong(l->l_holding);
	cpu_get();
	l->l_holding = 1;
}

void
mock_leave(void)
{
	struct lwp *l = rumpuser_curlwp();

	wrong(l == NULL || !l->l_holding);
	l->l_holding = 0;
	cpu_put();
	if (l->l_temp)
		mock_detach();
}

static struct lwp *
ownerof(struct rumpuser_mtx *mtx)
{
	struct lwp *l = NULL;

	if (mtx != NULL)
		rumpuser_mutex_owner(mtx, &l);
	return l;
}

static void
mock_backend_unschedule(int nlocks, int *countp, void *interlock)
{
	struct lwp *l = rumpuser_curlwp();

	if (l == NULL || !l->l_holding) {
		/* A thread that is not in the donor at present: nothing to give up. */
		wrong(l == NULL);
		*countp = -1;
		return;
	}
	wrong(nlocks != 0);
	*countp = l->l_nlocks;
	ADD(&l->l_unsched, 1);	/* conf_waits() looks */
	l->l_interlock = interlock;
	l->l_ownunsched = ownerof(l->l_watch);
	l->l_holding = 0;
	cpu_put();
}

static void
mock_backend_schedule(int nlocks, void *interlock)
{
	struct lwp *l = rumpuser_curlwp();

	if (nlocks == -1 || l == NULL) {
		wrong(l == NULL);
		return;
	}
	l->l_ownresched = ownerof(l->l_watch);
	wrong(nlocks != l->l_nlocks || interlock != l->l_interlock || l->l_holding);
	l->l_resched++;
	cpu_get();
	l->l_holding = 1;
}

static void
mock_switch(struct lwp *l)
{

	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, rumpuser_curlwp());
	rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
}

/* As the donor's: a new lwp takes the place of the temporary one that schedule has made. */
static int
mock_newlwp(int32_t pid)
{
	struct lwp *l = rumpuser_curlwp();

	wrong(l == NULL || !l->l_holding || !l->l_temp);
	l->l_temp = false;
	l->l_pid = pid;
	if (pid == 0)
		ADD(&mock_kthreads, 1);
	return 0;
}

static void
mock_release(void)
{
	struct lwp *l = rumpuser_curlwp();

	wrong(l == NULL || !l->l_holding || l->l_temp);
	if (l->l_pid == 0)
		ADD(&mock_kthreads, -1u);
	l->l_temp = true;	/* goes at unschedule */
}

const struct rumpuser_hyperup mock_hyperup = {
	.hyp_schedule = mock_enter,
	.hyp_unschedule = mock_leave,
	.hyp_backend_unschedule = mock_backend_unschedule,
	.hyp_backend_schedule = mock_backend_schedule,
	.hyp_lwproc_switch = mock_switch,
	.hyp_lwproc_release = mock_release,
	.hyp_lwproc_newlwp = mock_newlwp,
	.hyp_lwproc_curlwp = rumpuser_curlwp,
};

void
mock_init(void)
{

	rumpuser_mutex_init(&cpu_mtx, RUMPUSER_MTX_SPIN);
	rumpuser_cv_init(&cpu_cv);
}

/* Threads and time */

struct call {
	void	(*c_func)(void *);
	void	*c_arg;
	bool	 c_raw;
};

static void *
calls(void *arg)
{
	struct call c = *(struct call *)arg;

	rumpuser_free(arg, sizeof(c));
	if (!c.c_raw) {
		mock_attach(2);
		mock_enter();
	}
	c.c_func(c.c_arg);
	if (!c.c_raw) {
		mock_leave();
		mock_detach();
	}
	return NULL;
}

static void *
start(void (*f)(void *), void *arg, bool raw)
{
	void *mem, *cookie;
	struct call *c;

	if (rumpuser_malloc(sizeof(*c), 0, &mem) != 0) {
		port_print("Bail out! no memory");
		port_exit(1);
	}
	c = mem;
	c->c_func = f;
	c->c_arg = arg;
	c->c_raw = raw;
	if (rumpuser_thread_create(calls, c, "conf", 1, -1, -1, &cookie) != 0) {
		port_print("Bail out! no thread");
		port_exit(1);
	}
	return cookie;
}

void *
conf_thread(void (*f)(void *), void *arg)
{

	return start(f, arg, false);
}

void *
conf_rawthread(void (*f)(void *), void *arg)
{

	return start(f, arg, true);
}

void
conf_join(void *cookie)
{

	FAIL_IF(rumpuser_thread_join(cookie) != 0);
}

int64_t
conf_now(void)
{
	int64_t sec;
	long nsec;

	(void)rumpuser_clock_gettime(RUMPUSER_CLOCK_ABSMONO, &sec, &nsec);
	return sec * 1000000000ll + nsec;
}

void
conf_sleep(int64_t ns)
{
	struct lwp *l = rumpuser_curlwp();
	bool in = l != NULL && l->l_holding;

	/* Not by the hypercall alone: a raw thread has no lwp to make upcalls with. */
	if (in)
		mock_leave();
	if (l == NULL)
		mock_attach(2);
	(void)rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, ns / 1000000000,
	    (long)(ns % 1000000000));
	if (l == NULL)
		mock_detach();
	if (in)
		mock_enter();
}

bool
conf_until(bool (*cond)(void *), void *arg)
{
	int64_t end = conf_now() + 20000 * MS;

	while (!cond(arg)) {
		if (conf_now() > end)
			return false;
		conf_sleep(MS / 5);
	}
	return true;
}

static bool
waits(void *arg)
{
	const struct conf_waiter *w = arg;

	return LOAD(&w->l->l_unsched) != w->unsched;
}

void
conf_waits(struct conf_waiter *w)
{

	FAIL_IF(!conf_until(waits, w));
	conf_sleep(30 * MS);
}

uint32_t
conf_rand(uint32_t *state)
{

	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* The run */

extern const struct test mem_tests[], clock_tests[], misc_tests[], thread_tests[], mutex_tests[],
    cv_tests[], rw_tests[], file_tests[], bio_tests[], biov_tests[], vm_tests[], copy_tests[];

static const struct test *const tables[] = {
	mem_tests, clock_tests, misc_tests, thread_tests, mutex_tests, cv_tests, rw_tests,
	file_tests, bio_tests, biov_tests, vm_tests, copy_tests,
};

static void
line(const char *state, unsigned n, const char *name, const char *tail)
{
	char buf[300], *p = buf, *end = buf + sizeof(buf);

	p = append(p, end, state);
	p = append(p, end, " ");
	p = number(p, end, n);
	p = append(p, end, " - ");
	p = append(p, end, name);
	append(p, end, tail);
	port_print(buf);
}

static const char *
skiptail(void)
{
	static char buf[sizeof(message) + 8];

	append(append(buf, buf + sizeof(buf), " # SKIP "), buf + sizeof(buf), message);
	return buf;
}

static bool
runone(const struct test *t, unsigned n)
{
	unsigned errors = mock_errors;

	failed = skipped = false;
	message[0] = '\0';
	mock_attach(1);
	mock_enter();
	t->t_func();
	mock_leave();
	mock_detach();
	if (!failed && mock_errors != errors)
		conf_fail(__FILE__, __LINE__, "an upcall was made wrongly");
	if (skipped && !failed) {
		line("ok", n, t->t_name, skiptail());
		return true;
	}
	line(failed ? "not ok" : "ok", n, t->t_name, "");
	if (failed)
		port_print(message);
	return !failed;
}

/* The i'th table: the suite's, then the port's, then NULL. */
static const struct test *
table(unsigned i)
{
	unsigned n = sizeof(tables) / sizeof(tables[0]);

	return i < n ? tables[i] : port_tables[i - n];
}

static bool
wanted(const struct test *t)
{
	const char *p = conf_only, *name = t->t_name;

	while (p != NULL && *p != '\0')
		if (*p++ != *name++)
			return false;
	return true;
}

void
conf_main(void)
{
	const struct test *t;
	unsigned i, n = 0, bad = 0;
	char buf[32];

	for (i = 0; (t = table(i)) != NULL; i++)
		for (; t->t_name != NULL; t++)
			n += wanted(t);
	number(append(buf, buf + sizeof(buf), "1.."), buf + sizeof(buf), n);
	port_print(buf);
	mock_init();
	/* Otherwise the first tests do this. */
	if (conf_only != NULL && rumpuser_init(RUMPUSER_VERSION, &mock_hyperup) != 0)
		port_exit(1);
	for (i = n = 0; (t = table(i)) != NULL; i++)
		for (; t->t_name != NULL; t++)
			if (wanted(t))
				bad += !runone(t, ++n);
	port_exit(bad != 0);
}
