/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: the donor's and the platform's own.
 *
 * Interface: rumpuser_thread_create, _exit, _join; rumpuser__thread, rumpuser__thread_wait.
 *
 * Locking: none. A start structure belongs to the new thread once created; a cookie to who joins.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/prctl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "posix.h"
#include "rumpuser_posix.h"

#define STACKSIZE	(512 * 1024)

struct start {
	void	*(*st_func)(void *);
	void	*st_arg;
	char	 st_name[16];
};

/*
 * A stack to take a fault on: the thread may carry a donor's thread that overflowed its own,
 * where a handler could not run. A thread that has one already keeps it.
 */
#define ALTSIZE (64 * 1024)
static __thread void *altstack;

void
rumpuser_posix_altstack(int on)
{
	stack_t ss, have;

	memset(&ss, 0, sizeof(ss));
	if (on && altstack == NULL && sigaltstack(NULL, &have) == 0 && (have.ss_flags & SS_DISABLE)) {
		ss.ss_sp = mmap(NULL, ALTSIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ss.ss_size = ALTSIZE;
		if (ss.ss_sp == MAP_FAILED)
			return;
		if (sigaltstack(&ss, NULL) == 0)
			altstack = ss.ss_sp;
		else
			(void)munmap(ss.ss_sp, ALTSIZE);
	} else if (!on && altstack != NULL) {
		ss.ss_flags = SS_DISABLE;
		(void)sigaltstack(&ss, NULL);
		(void)munmap(altstack, ALTSIZE);
		altstack = NULL;
	}
}

static void
altstack_free(void *arg)
{

	(void)arg;
	rumpuser_posix_altstack(0);
}

static void *
trampoline(void *arg)
{
	struct start st = *(struct start *)arg;
	void *ret;

	free(arg);
	(void)prctl(PR_SET_NAME, st.st_name);
	/* The default rounds every timed wait up by 50 microseconds. */
	(void)prctl(PR_SET_TIMERSLACK, rumpuser__param_long("RUMPUSER_TIMERSLACK", 1000));
	rumpuser_posix_altstack(1);
	pthread_cleanup_push(altstack_free, NULL);
	ret = st.st_func(st.st_arg);
	pthread_cleanup_pop(1);
	return ret;
}

/* No signal of the host is for a donor's thread; those of its own faults cannot be held back. */
static void
donormask(sigset_t *set)
{

	sigfillset(set);
	sigdelset(set, SIGSEGV);
	sigdelset(set, SIGBUS);
	sigdelset(set, SIGFPE);
	sigdelset(set, SIGILL);
	sigdelset(set, SIGTRAP);
	sigdelset(set, SIGABRT);
	sigdelset(set, SIGSYS);
}

static int
create(pthread_t *ptp, void *(*func)(void *), void *arg, const char *name, bool detached)
{
	pthread_attr_t attr;
	sigset_t mask, saved;
	struct start *st;
	int error;

	st = calloc(1, sizeof(*st));
	if (st == NULL)
		return ENOMEM;
	st->st_func = func;
	st->st_arg = arg;
	strncpy(st->st_name, name != NULL ? name : "rump", sizeof(st->st_name) - 1);
	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACKSIZE);
	if (detached)
		(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	donormask(&mask);
	(void)pthread_sigmask(SIG_SETMASK, &mask, &saved);
	error = pthread_create(ptp, &attr, trampoline, st);
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
	pthread_attr_destroy(&attr);
	if (error != 0)
		free(st);
	return error;
}

int
rumpuser_thread_create(void *(*f)(void *), void *arg, const char *name, int mustjoin, int priority,
    int cpuidx, void **cookiep)
{
	pthread_t *ptp, pt;
	int error;

	/* Wishes, which a process without privilege cannot fulfil. */
	(void)priority;
	(void)cpuidx;
	if (!mustjoin)
		return rumpuser__errtrans(create(&pt, f, arg, name, true));
	ptp = malloc(sizeof(*ptp));
	if (ptp == NULL)
		return RUMP_ENOMEM;
	error = create(ptp, f, arg, name, false);
	if (error != 0) {
		free(ptp);
		return rumpuser__errtrans(error);
	}
	*cookiep = ptp;
	return 0;
}

void
rumpuser_thread_exit(void)
{

	pthread_exit(NULL);
}

int
rumpuser_thread_join(void *cookie)
{
	pthread_t *ptp = cookie;
	int nlocks, error;

	if (ptp == NULL)
		return RUMP_EINVAL;
	nlocks = unsched(NULL);
	error = pthread_join(*ptp, NULL);
	resched(nlocks, NULL);
	if (error == 0)
		free(ptp);
	return rumpuser__errtrans(error);
}

int
rumpuser__thread(unsigned long *tid, void *(*func)(void *), void *arg, const char *name)
{
	pthread_t pt;
	int error;

	error = create(&pt, func, arg, name, false);
	if (error == 0)
		*tid = (unsigned long)pt;
	return error;
}

void
rumpuser__thread_wait(unsigned long tid)
{

	(void)pthread_join((pthread_t)tid, NULL);
}
