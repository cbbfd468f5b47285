/* SPDX-License-Identifier: BSD-2-Clause */
/* Progress of a long copy; see progress.h. Locking: `lock` guards everything here. */
#include "progress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "term.h"

#define FIRST_NS  1000000000LL		/* short copies show nothing */
#define PERIOD_NS  250000000LL

static struct {
	pthread_mutex_t lock;
	uint64_t total, done;
	int64_t start, next;		/* monotonic, ns; start 0: nothing was added yet */
	bool drawn;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool progress_wanted(void)
{
	static int tty = -1;

	if (tty < 0)
		tty = isatty(STDERR_FILENO);
	return tty;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void progress_total(uint64_t bytes)
{
	pthread_mutex_lock(&state.lock);
	state.total = bytes;
	pthread_mutex_unlock(&state.lock);
}

static void draw(int64_t now)
{
	char done[24], total[24], rate[24];
	double sec = (double)(now - state.start) / 1e9;
	double per_sec = (double)state.done / sec;

	format_size(done, state.done);
	format_size(rate, (uint64_t)per_sec);
	if (state.total >= state.done && per_sec > 0) {
		uint64_t left = (uint64_t)((double)(state.total - state.done) / per_sec);

		format_size(total, state.total);
		fprintf(stderr, "\r\033[K%s of %s, %s/s, %" PRIu64 ":%02" PRIu64 " left", done,
			total, rate, left / 60, left % 60);
	} else {
		fprintf(stderr, "\r\033[K%s, %s/s", done, rate);
	}
	state.drawn = true;
}

void progress_add(uint64_t bytes)
{
	int64_t now;

	if (!progress_wanted())
		return;
	pthread_mutex_lock(&state.lock);
	now = now_ns();
	if (state.start == 0) {
		state.start = now;
		state.next = now + FIRST_NS;
	}
	state.done += bytes;
	if (now >= state.next) {
		draw(now);
		state.next = now + PERIOD_NS;
	}
	pthread_mutex_unlock(&state.lock);
}

void progress_clear(void)
{
	if (!progress_wanted())
		return;
	pthread_mutex_lock(&state.lock);
	if (state.drawn)
		fputs("\r\033[K", stderr);
	state.drawn = false;
	pthread_mutex_unlock(&state.lock);
}
