/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the library share. See common.h.
 *
 * Locking: the signal counts are atomic; everything else is the caller's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common.h"
#include "tap.h"

#define PATIENCE_MS	20000	/* the machine may be slow; a hang shows all the same */

static atomic_int seen[65];
static atomic_int seen_pid[65];

static void signal_callback(void *arg, int pid, int sig)
{
	(void)arg;
	if (sig < 1 || sig > 64)
		return;
	atomic_store(&seen_pid[sig], pid);
	atomic_fetch_add(&seen[sig], 1);
}

void boot(struct pillion_options *options)
{
	struct pillion_options defaults = { .size = sizeof(defaults), .loglevel = -1 };
	int error;

	if (!options)
		options = &defaults;
	if (getenv("TEST_VERBOSE"))
		options->loglevel = 7;
	if (!options->signal)
		options->signal = signal_callback;
	error = pillion_boot(options);
	if (error)
		bail("boot: error %d", error);
}

int signals_seen(int sig)
{
	return atomic_load(&seen[sig]);
}

int signal_pid(int sig)
{
	return atomic_load(&seen_pid[sig]);
}

bool wait_signals(int sig, int count)
{
	int64_t until = now_ns() + PATIENCE_MS * 1000000ll;

	while (signals_seen(sig) < count) {
		if (now_ns() > until)
			return false;
		pause_ms(1);
	}
	return true;
}

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

void pause_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	if (w->pid) {
		w->result = pillion_thread_attach(w->pid);
		if (w->result)
			goto out;
	}
	atomic_store(&w->tid, (int)pillion_sys_gettid());
	atomic_store(&w->task, pillion_self());
	w->result = w->fn(w->arg);
out:
	atomic_store(&w->done, true);
	return NULL;
}

void worker_start(struct worker *w, int pid, long (*fn)(void *arg), void *arg)
{
	int error;

	memset(w, 0, sizeof(*w));
	w->fn = fn;
	w->arg = arg;
	w->pid = pid;
	error = pthread_create(&w->thread, NULL, worker_main, w);
	if (error)
		bail("no thread: %s", strerror(error));
}

bool worker_asleep(struct worker *w)
{
	int64_t until = now_ns() + PATIENCE_MS * 1000000ll;
	char state = 0;

	while (now_ns() < until && !atomic_load(&w->done)) {
		state = atomic_load(&w->task) ? task_state(atomic_load(&w->tid)) : 0;
		if (state == 'S' || state == 'D')
			return true;
		pause_ms(1);
	}
	diag("worker's state is %c, %s", state ? state : '-', w->done ? "done" : "not done");
	return false;
}

bool worker_done(struct worker *w, int ms)
{
	int64_t until = now_ns() + ms * 1000000ll;

	while (!atomic_load(&w->done)) {
		if (now_ns() > until)
			return false;
		pause_ms(1);
	}
	return true;
}

long worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
	return w->result;
}

char task_state(int tid)
{
	char path[32], text[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	p = strrchr(text, ')');
	return p && p[1] == ' ' ? p[2] : 0;
}

int count_tasks(void)
{
	char text[128], *slash;

	if (read_file("/proc/loadavg", text, sizeof(text)) <= 0)
		return -1;
	slash = strchr(text, '/');
	return slash ? atoi(slash + 1) : -1;
}

long read_file(const char *path, char *buf, size_t size)
{
	long n = 0, fd = pillion_sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	size_t len = 0;

	if (fd < 0)
		return fd;
	while (len < size - 1 && (n = pillion_sys_read((int)fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	pillion_sys_close((int)fd);
	buf[len] = '\0';
	return n < 0 ? n : (long)len;
}

long write_file(const char *path, const void *data, size_t len)
{
	long n, fd = pillion_sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return fd;
	n = pillion_sys_write((int)fd, data, len);
	pillion_sys_close((int)fd);
	return n;
}

long count_dir(const char *path)
{
	char buf[4096] __attribute__((aligned(8)));
	long n, count = 0, fd = pillion_sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return fd;
	while ((n = pillion_sys_getdents64((int)fd, (void *)buf, sizeof(buf))) > 0)
		for (long at = 0; at < n;) {
			struct pillion_dirent64 *d = (void *)(buf + at);

			at += d->reclen;
			count += strcmp(d->name, ".") != 0 && strcmp(d->name, "..") != 0;
		}
	pillion_sys_close((int)fd);
	return n < 0 ? n : count;
}

long meminfo_kb(const char *field)
{
	char text[4096], *p;

	if (read_file("/proc/meminfo", text, sizeof(text)) <= 0)
		return -1;
	p = strstr(text, field);
	return p ? atol(p + strlen(field) + 1) : -1;
}

int host_count_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int n = 0;

	if (!dir)
		return -errno;
	while ((d = readdir(dir)) != NULL)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

static uint8_t pattern_byte(uint64_t seed, uint64_t pos)
{
	uint64_t state = seed * 0x100000001b3u + pos / 8;

	return (uint8_t)(rng_next(&state) >> pos % 8 * 8);
}

void fill_pattern(void *buf, size_t n, uint64_t seed, uint64_t pos)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = pattern_byte(seed, pos + i);
}

bool check_pattern(const void *buf, size_t n, uint64_t seed, uint64_t pos)
{
	for (size_t i = 0; i < n; i++)
		if (((const uint8_t *)buf)[i] != pattern_byte(seed, pos + i))
			return false;
	return true;
}
