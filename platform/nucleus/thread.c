/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads, and the current lwp of each.
 *
 * Interface: rumpuser_thread_*, rumpuser_curlwp, _curlwpop; platform_thread.
 *
 * A thread of the donor's runs at PRIO_HIGH: what it does, others wait for. (User code is another
 * matter: user.c.)
 *
 * Locking: none. A start structure belongs to the new thread once that was created.
 */
#include <nucleus/heap.h>

#include "platform.h"

struct start {
	void	*(*fn)(void *);
	void	*arg;
};

struct thread *platform_thread(const char *name, unsigned prio, bool joinable, void (*fn)(void *),
    void *arg)
{
	return thread_create(name, prio, PLATFORM_STACK, joinable, fn, arg);
}

static void trampoline(void *arg)
{
	struct start st = *(struct start *)arg;

	heap_free(arg);
	(void)st.fn(st.arg);
}

int rumpuser_thread_create(void *(*f)(void *), void *arg, const char *name, int mustjoin,
    int priority, int cpuidx, void **cookiep)
{
	struct start *st = heap_alloc(sizeof(*st));
	struct thread *t;

	(void)priority;
	(void)cpuidx;
	if (st == NULL)
		return RUMP_ENOMEM;
	st->fn = f;
	st->arg = arg;
	t = platform_thread(name != NULL ? name : "rump", PRIO_HIGH, mustjoin != 0, trampoline, st);
	if (t == NULL) {
		heap_free(st);
		return RUMP_ENOMEM;
	}
	if (mustjoin)
		*cookiep = t;
	return 0;
}

void rumpuser_thread_exit(void)
{
	thread_exit();
}

int rumpuser_thread_join(void *cookie)
{
	int nlocks;

	if (cookie == NULL)
		return RUMP_EINVAL;
	nlocks = unsched(NULL);
	thread_join(cookie);
	resched(nlocks, NULL);
	return 0;
}

struct lwp *rumpuser_curlwp(void)
{
	return thread_tls(TLS_LWP);
}

void rumpuser_curlwpop(int op, struct lwp *l)
{
	switch (op) {
	case RUMPUSER_LWP_SET:
		thread_tls(TLS_LWP) = l;
		break;
	case RUMPUSER_LWP_CLEAR:
		thread_tls(TLS_LWP) = NULL;
		break;
	default:	/* CREATE, DESTROY: nothing is kept for an lwp that is not current */
		break;
	}
}
