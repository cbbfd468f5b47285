/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the library share: a booted donor, host threads inside it of which one can
 * tell that they sleep, donor files in one call.
 *
 * Locking: a worker belongs to the thread that started it; its flags are atomic.
 */
#ifndef TESTS_LIB_COMMON_H
#define TESTS_LIB_COMMON_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

/* Boot with these options (NULL: quiet defaults) or end the test. Collects donor signals. */
void boot(struct pillion_options *options);

/* How often the donor told of sig since boot, and for which process last. */
int signals_seen(int sig);
int signal_pid(int sig);
bool wait_signals(int sig, int count);		/* up to 20 s */

int64_t now_ns(void);				/* the host's CLOCK_MONOTONIC */
void pause_ms(int ms);				/* of the host; no donor call */

/* A host thread that calls fn(arg) as a task of process pid (0: process 1). */
struct worker {
	pthread_t thread;
	long (*fn)(void *arg);
	void *arg;
	int pid;
	_Atomic int tid;			/* in the donor, once it is there */
	struct pillion_task *_Atomic task;
	_Atomic bool done;
	long result;
};
void worker_start(struct worker *w, int pid, long (*fn)(void *arg), void *arg);
bool worker_asleep(struct worker *w);		/* wait until its call blocks, up to 20 s */
bool worker_done(struct worker *w, int ms);	/* wait until fn returned */
long worker_join(struct worker *w);

/* State letter of a task of the donor: R, S, D, P (outside), ...; 0: no such task. */
char task_state(int tid);
int count_tasks(void);				/* of all processes, kernel threads too */

/* A small donor file as a string; -errno. */
long read_file(const char *path, char *buf, size_t size);
long write_file(const char *path, const void *data, size_t len);	/* creates, truncates */
long count_dir(const char *path);		/* entries but for . and .. */
long meminfo_kb(const char *field);		/* "MemFree" ... */
int host_count_dir(const char *path);

/* n bytes that depend on seed and position only, and whether these are they. */
void fill_pattern(void *buf, size_t n, uint64_t seed, uint64_t pos);
bool check_pattern(const void *buf, size_t n, uint64_t seed, uint64_t pos);

#endif
