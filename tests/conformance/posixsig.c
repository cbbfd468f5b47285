/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX platform and signals: faults that are not the copy routine's go where they went
 * before, and signals of the host do not shorten what blocks.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <rump/rumpext_copy.h>
#include <rump/rumpext_task.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

#define LATE	(10000 * MS)	/* on a machine that stands still */

/* The platform's own; a test has to take the handler out to put one under it. */
void rumpuser__fault_fini(void);

static char out[4096];
static volatile sig_atomic_t handled;
static volatile int *nowhere;
static int how;

static void
put(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fn;
	sa.sa_flags = flags;
	sigemptyset(&sa.sa_mask);
	sigaddset(&sa.sa_mask, SIGUSR2);
	(void)sigaction(sig, &sa, NULL);
}

static bool
copyfaults(void)
{
	char c;

	return rumpext_copy(&c, (const void *)nowhere, 1) == 1;
}

static void
plain(int sig)
{
	sigset_t set;

	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	/* Its mask is in force, and its own signal blocked. */
	_exit(sig == SIGSEGV && sigismember(&set, SIGUSR2) && sigismember(&set, SIGSEGV) ? 10 :
	    11);
}

static void
info(int sig, siginfo_t *si, void *uctx)
{

	_exit(sig == SIGSEGV && si->si_addr == (void *)(uintptr_t)nowhere && uctx != NULL ? 12 :
	    13);
}

static void
fault(void)
{
	struct sigaction sa;

	/* Not NULL: a sanitizer would see that before the host does. */
	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	rumpuser__fault_fini();
	switch (how) {
	case 0:
		put(SIGSEGV, plain, 0);
		break;
	case 1:
		memset(&sa, 0, sizeof(sa));
		sa.sa_sigaction = info;
		sa.sa_flags = SA_SIGINFO;
		(void)sigaction(SIGSEGV, &sa, NULL);
		break;
	case 2:
		put(SIGSEGV, SIG_DFL, 0);
		break;
	case 3:
		put(SIGSEGV, SIG_IGN, 0);
		break;
	}
	if (rumpuser_posix_fault_init() != 0 || !copyfaults())
		_exit(20);
	*nowhere = 1;
	_exit(21);
}

static int
faultstatus(int kind)
{

	how = kind;
	return port_child(fault, out, sizeof(out));
}

/* The mock donor has no fault of its own, but for one test: it looks around, as a donor does. */
static bool telling;

int
rump_ext_fault(const char *what, uintptr_t pc, uintptr_t fp, uintptr_t addr)
{
	bool access = strcmp(what, "bad memory access") == 0;

	if (!telling)
		return RUMP_ESRCH;
	if (pc == 0 || fp == 0 || !copyfaults())
		_exit(15);
	_exit(access && addr == (uintptr_t)nowhere ? 16 : !access ? 17 : 18);
}

static void
tell(void)
{

	telling = true;
	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (how != 0)
		__builtin_trap();
	*nowhere = 1;
	_exit(19);
}

static void
told(void)
{
	int status;

	how = 0;
	status = port_child(tell, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 16);
}

static void
told_trap(void)
{
	int status;

	how = 1;
	status = port_child(tell, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 17);
}

static void
chain_plain(void)
{
	int status = faultstatus(0);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 10);
}

static void
chain_info(void)
{
	int status = faultstatus(1);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 12);
}

static void
chain_default(void)
{
	int status = faultstatus(2);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void
chain_ignore(void)
{
	int status = faultstatus(3);

	/* The host does not let a fault be ignored. */
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void
sent(void)
{

	rumpuser__fault_fini();
	put(SIGSEGV, how == 0 ? SIG_IGN : SIG_DFL, 0);
	(void)rumpuser_posix_fault_init();
	(void)kill(getpid(), SIGSEGV);
	_exit(30);
}

static void
sent_ignore(void)
{
	int status;

	how = 0;
	status = port_child(sent, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 30);
}

static void
sent_default(void)
{
	int status;

	how = 1;
	status = port_child(sent, out, sizeof(out));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void
count(int sig)
{

	(void)sig;
	handled++;
	(void)mprotect((void *)(uintptr_t)nowhere, 4096, PROT_READ | PROT_WRITE);
}

static void
again(void)
{

	rumpuser__fault_fini();
	put(SIGSEGV, count, how ? (int)SA_RESETHAND : 0);
	(void)rumpuser_posix_fault_init();
	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*nowhere = 1;
	if (handled != 1 || *nowhere != 1)
		_exit(40);
	(void)mprotect((void *)(uintptr_t)nowhere, 4096, PROT_NONE);
	*nowhere = 2;
	_exit(handled == 2 ? 41 : 42);
}

static void
repaired(void)
{
	int status;

	/* The application's handler repairs the page, as often as it takes. */
	how = 0;
	status = port_child(again, out, sizeof(out));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 41);
}

static void
resethand(void)
{
	int status;

	how = 1;
	status = port_child(again, out, sizeof(out));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static struct sigaction ours;

static void
later(int sig, siginfo_t *si, void *uctx)
{

	handled++;
	ours.sa_sigaction(sig, si, uctx);
}

static void
installlater(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = later;
	sa.sa_flags = SA_SIGINFO;
	(void)sigaction(SIGSEGV, &sa, &ours);
	handled = 0;
	if (!copyfaults() || handled == 0)
		_exit(50);
	handled = 0;
	/* Taking the platform's out keeps it working under the later one. */
	rumpuser__fault_fini();
	if (!copyfaults() || handled == 0)
		_exit(51);
	_exit(52);
}

static void
chained_to(void)
{
	int status = port_child(installlater, out, sizeof(out));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 52);
}

static void
putsback(void)
{
	struct sigaction sa;

	rumpuser__fault_fini();
	put(SIGBUS, plain, 0);
	(void)rumpuser_posix_fault_init();
	(void)sigaction(SIGBUS, NULL, &sa);
	if (!(sa.sa_flags & SA_SIGINFO) || !(sa.sa_flags & SA_ONSTACK))
		_exit(60);
	rumpuser__fault_fini();
	(void)sigaction(SIGBUS, NULL, &sa);
	_exit(sa.sa_handler == plain ? 61 : 62);
}

static void
restored(void)
{
	int status = port_child(putsback, out, sizeof(out));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 61);
}

static void
sigbus(void)
{
	char path[128], c;
	void *p;
	int fd;

	/* A mapping beyond the end of its file: SIGBUS. */
	CHECK(port_file("other", 4096, path, sizeof(path)));
	CHECK(rumpuser_open(path, RUMPUSER_OPEN_RDONLY, &fd) == 0);
	p = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK(rumpext_copy(&c, (char *)p + 4095, 1) == 0);
	CHECK(rumpext_copy(&c, (char *)p + 4096, 1) == 1);
	(void)munmap(p, 8192);
	CHECK(rumpuser_close(fd) == 0);
}

static void
readonly(void)
{
	static const char text[] = "constant";
	uint32_t prev;
	void *p;

	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(rumpext_copy(p, text, sizeof(text)) == sizeof(text));
	CHECK(rumpext_cmpxchg32(p, 0, 1, &prev) == RUMP_EFAULT);
	(void)munmap(p, 4096);
}

/* Signals of the host */

static void
tick(int sig)
{

	(void)sig;
	handled++;
}

static void
interrupted(void)
{
	struct sigaction was;
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } }, off = { { 0, 0 }, { 0, 0 } };
	struct rumpuser_mtx *mtx;
	struct rumpuser_cv *cv;
	int64_t t, rel, abs, timed;
	int error;

	(void)sigaction(SIGALRM, NULL, &was);
	put(SIGALRM, tick, 0);
	(void)setitimer(ITIMER_REAL, &it, NULL);
	t = conf_now();
	error = rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 60 * MS);
	rel = error != 0 ? -1 : conf_now() - t;
	t = conf_now() + 60 * MS;
	error = rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, t / 1000000000,
	    (long)(t % 1000000000));
	abs = error != 0 ? -1 : conf_now() - t;
	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_KMUTEX);
	rumpuser_cv_init(&cv);
	rumpuser_mutex_enter(mtx);
	t = conf_now();
	error = rumpuser_cv_timedwait(cv, mtx, 0, 60 * MS);
	timed = error != RUMP_ETIMEDOUT ? -1 : conf_now() - t;
	rumpuser_mutex_exit(mtx);
	(void)setitimer(ITIMER_REAL, &off, NULL);
	(void)sigaction(SIGALRM, &was, NULL);
	alarm(PORT_ALARM);
	CHECK(handled > 10);
	CHECK(rel >= 60 * MS && rel < LATE);
	CHECK(abs >= 0 && abs < LATE);
	CHECK(timed >= 60 * MS && timed < LATE);
	rumpuser_cv_destroy(cv);
	rumpuser_mutex_destroy(mtx);
}

const struct test posixsig_tests[] = {
	{ "posix fault: the donor is told, and can copy from bad memory then", told },
	{ "posix fault: the donor is told of a trap instruction", told_trap },
	{ "posix fault: passed on to a handler, with its mask", chain_plain },
	{ "posix fault: passed on to a handler with siginfo", chain_info },
	{ "posix fault: the default action ends the program", chain_default },
	{ "posix fault: ignored ones end it too", chain_ignore },
	{ "posix fault: a signal that somebody sent stays ignored", sent_ignore },
	{ "posix fault: a signal that somebody sent has the default action", sent_default },
	{ "posix fault: a handler repairs, twice", repaired },
	{ "posix fault: a one-time handler is one", resethand },
	{ "posix fault: a later handler passes on to ours", chained_to },
	{ "posix fault: the old action is put back", restored },
	{ "posix copy: beyond the end of a mapped file", sigbus },
	{ "posix copy: read-only memory", readonly },
	{ "posix signals: shorten no sleep and no wait", interrupted },
	{ NULL, NULL },
};
