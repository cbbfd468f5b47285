/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Being asked to stop; see stop.h.
 *
 * The signals are blocked everywhere and taken by one thread with sigwaitinfo(), so no handler
 * runs tool code. A blocked host call is ended by SIGUSR1 (empty handler, no SA_RESTART), a
 * blocked donor call by pillion_interrupt(). Both are repeated until the work has unwound: a
 * wake-up can come just before the call that it is meant for. Locking: `lock` guards the table of
 * threads; a thread is in it only while it lives.
 */
#include "stop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include <pillion/pillion.h>

#define MAX_THREADS 4

static struct {
	pthread_mutex_t lock;
	struct worker {
		bool used;
		pthread_t thread;
		struct pillion_task *task;
	} worker[MAX_THREADS];
} threads = { .lock = PTHREAD_MUTEX_INITIALIZER };

static atomic_int signal_seen;
static atomic_bool ended;
static sigset_t watched;

static void nothing(int sig)
{
	(void)sig;
}

void stop_prepare(void)
{
	struct sigaction wake = { .sa_handler = nothing };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now;

	sigemptyset(&watched);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* what the caller has ignored (nohup) stays so */
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&watched, signals[i]);
	}
	pthread_sigmask(SIG_BLOCK, &watched, NULL);
	sigaction(SIGUSR1, &wake, NULL);
	/* a closed pipe is a write error: the unmount still runs */
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);	/* so is a limit on the size of files */
}

static void wake_all(void)
{
	pthread_mutex_lock(&threads.lock);
	for (int i = 0; i < MAX_THREADS; i++) {
		struct worker *w = &threads.worker[i];

		if (!w->used)
			continue;
		if (w->task)
			pillion_interrupt(w->task);
		pthread_kill(w->thread, SIGUSR1);
	}
	pthread_mutex_unlock(&threads.lock);
}

static void *watch(void *arg)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	(void)arg;
	for (;;) {
		int before = atomic_load(&signal_seen);
		int sig = before ? sigtimedwait(&watched, NULL, &pause) :
			  sigwaitinfo(&watched, NULL);

		if (sig > 0 && before)
			_exit(128 + sig);
		if (sig > 0)
			atomic_store(&signal_seen, sig);
		if (atomic_load(&signal_seen) && !atomic_load(&ended))
			wake_all();
	}
	return NULL;
}

void stop_start(void)
{
	pthread_t thread;

	stop_join_current_thread();
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
}

void stop_end(void)
{
	atomic_store(&ended, true);
	stop_leave_current_thread();
}

bool stop_requested(void)
{
	return atomic_load_explicit(&signal_seen, memory_order_relaxed) != 0 &&
	       !atomic_load_explicit(&ended, memory_order_relaxed);
}

int stop_signal(void)
{
	return atomic_load(&signal_seen);
}

void stop_join_current_thread(void)
{
	pthread_mutex_lock(&threads.lock);
	for (int i = 0; i < MAX_THREADS; i++) {
		struct worker *w = &threads.worker[i];

		if (w->used)
			continue;
		w->used = true;
		w->thread = pthread_self();
		w->task = pillion_self();
		break;
	}
	pthread_mutex_unlock(&threads.lock);
}

void stop_leave_current_thread(void)
{
	pthread_mutex_lock(&threads.lock);
	for (int i = 0; i < MAX_THREADS; i++) {
		struct worker *w = &threads.worker[i];

		if (w->used && pthread_equal(w->thread, pthread_self()))
			w->used = false;
	}
	pthread_mutex_unlock(&threads.lock);
}
