/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host threads as tasks: many at once, many one after the other, with and without a detach; and
 * that nothing stays behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>

#include "common.h"
#include "tap.h"

#define THREADS		64
#define ALL_IDS		301	/* the least that pid_max can be */
#define ROUNDS		(40 * env_long("TEST_SCALE", 1))
#define SHORT_LIVED	(4000 * env_long("TEST_SCALE", 1))

static atomic_long tids[THREADS];

/* Each writes a file, reads it back, talks through a pipe and a socket pair, sleeps, yields. */
static long mixed(void *arg)
{
	long me = (long)arg, rounds = ROUNDS;
	char path[32], out[3000], in[3000];
	int pipe[2], pair[2];

	atomic_store(&tids[me], pillion_sys_gettid());
	snprintf(path, sizeof(path), "/t%ld", me);
	if (pillion_sys_pipe2(pipe, O_CLOEXEC) || pillion_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;
	for (long i = 0; i < rounds; i++) {
		struct timespec ts = { 0, 100000 * (me % 7) };
		struct pollfd p = { .fd = pipe[0], .events = POLLIN };
		long fd = pillion_sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC, 0600);

		fill_pattern(out, sizeof(out), (uint64_t)me, (uint64_t)i);
		if (fd < 0 || pillion_sys_pwrite64((int)fd, out, sizeof(out), i) != sizeof(out) ||
		    pillion_sys_pread64((int)fd, in, sizeof(in), i) != sizeof(in) ||
		    memcmp(in, out, sizeof(in)) || pillion_sys_close((int)fd))
			return -2;
		if (pillion_sys_write(pipe[1], out, 100) != 100 || pillion_sys_ppoll(&p, 1, NULL, NULL, 0) != 1 ||
		    pillion_sys_read(pipe[0], in, 200) != 100 || memcmp(in, out, 100))
			return -3;
		if (pillion_sys_sendto(pair[0], out, 999, 0, NULL, 0) != 999 ||
		    pillion_sys_recvfrom(pair[1], in, sizeof(in), 0, NULL, NULL) != 999 ||
		    memcmp(in, out, 999))
			return -4;
		if (i % 4 == 0 && pillion_sys_nanosleep(&ts, NULL))
			return -5;
		pillion_sys_sched_yield();
		if (pillion_sys_gettid() != tids[me])
			return -6;
	}
	for (int i = 0; i < 2; i++)
		if (pillion_sys_close(pipe[i]) || pillion_sys_close(pair[i]))
			return -7;
	return 0;
}

static void test_mixed(void)
{
	static struct worker w[THREADS];
	long bad = 0, same = 0, r;

	for (long i = 0; i < THREADS; i++)
		worker_start(&w[i], 0, mixed, (void *)i);
	for (int i = 0; i < THREADS; i++) {
		r = worker_join(&w[i]);
		if (r)
			diag("thread %d: %ld", i, r);
		bad += r != 0;
		for (int j = 0; j < i; j++)
			same += tids[i] == tids[j];
	}
	is(bad, 0, "%d threads at once with files, pipes, sockets and sleep", THREADS);
	is(same, 0, "each has a task id of its own");
}

static void *nothing(void *arg)
{
	(void)arg;
	return (void *)(uintptr_t)(pillion_sys_gettid() <= 0);
}

static void *attach_detach(void *arg)
{
	(void)arg;
	if (pillion_thread_attach(0))
		return (void *)1;
	pillion_thread_detach();
	return (void *)(uintptr_t)(pillion_self() != NULL);
}

static void *exit_call(void *arg)
{
	long tid = pillion_sys_gettid();

	(void)arg;
	pillion_sys_exit(0);
	/* A task again, another one. */
	return (void *)(uintptr_t)(tid == pillion_sys_gettid());
}

static void *never_inside(void *arg)
{
	(void)arg;
	return NULL;
}

struct state {
	long tasks, fds, host_fds, host_threads, free_kb;
};

static void look(struct state *s)
{
	int expect = s->tasks ? (int)s->tasks : 0;

	/* Tasks end a moment after their threads, and their memory a grace period after that. */
	for (int i = 0; i < 200 && expect && count_tasks() > expect; i++)
		pause_ms(10);
	pause_ms(100);
	s->tasks = count_tasks();
	s->fds = count_dir("/proc/self/fd");
	s->host_fds = host_count_dir("/proc/self/fd");
	s->host_threads = host_count_dir("/proc/self/task");
	s->free_kb = meminfo_kb("MemFree:");
}

static void many(const char *what, void *(*fn)(void *), long n)
{
	struct state before = { 0 }, after;
	long failed = 0;
	pthread_t t;
	void *r;

	for (long i = 0; i < n; i++) {
		if (i == n / 4)
			look(&before);
		if (pthread_create(&t, NULL, fn, NULL))
			bail("no thread");
		pthread_join(t, &r);
		failed += r != NULL;
	}
	after = before;
	look(&after);
	is(failed, 0, "%ld threads, one after the other: %s", n, what);
	ok(after.tasks <= before.tasks, "leave no task (%ld, %ld)", before.tasks, after.tasks);
	ok(after.fds == before.fds && after.host_fds == before.host_fds,
	    "no descriptor (%ld, %ld; %ld, %ld)", before.fds, after.fds, before.host_fds, after.host_fds);
	is(after.host_threads, before.host_threads, "no host thread");
	ok(after.free_kb > before.free_kb - 512, "and no memory (%ld, %ld KiB free)",
	    before.free_kb, after.free_kb);
}

/* Waves of threads that are inside together and end together. */
static long blocked_read(void *arg)
{
	char c;

	return pillion_sys_read(*(int *)arg, &c, 1);
}

static void test_waves(void)
{
	static struct worker w[THREADS];
	int fds[2], good = 1, tasks = 0;

	pillion_sys_pipe2(fds, 0);
	for (int wave = 0; wave < 10; wave++) {
		char bytes[THREADS] = { 0 };

		for (int i = 0; i < THREADS; i++)
			worker_start(&w[i], 0, blocked_read, &fds[0]);
		for (int i = 0; i < THREADS; i++)
			good &= worker_asleep(&w[i]);
		good &= pillion_sys_write(fds[1], bytes, THREADS) == THREADS;
		for (int i = 0; i < THREADS; i++)
			good &= worker_join(&w[i]) == 1;
		if (wave == 0) {
			pause_ms(200);
			tasks = count_tasks();
		}
	}
	ok(good, "ten waves of %d threads that block on one pipe", THREADS);
	for (int i = 0; i < 200 && count_tasks() > tasks; i++)
		pause_ms(10);
	ok(count_tasks() <= tasks, "leave no task (%d, %d)", tasks, count_tasks());
	pillion_sys_close(fds[0]);
	pillion_sys_close(fds[1]);
}

/* Threads that come while the process ends, or share none of its tasks. */
static void *churn(void *arg)
{
	atomic_long *failed = arg;

	for (int i = 0; i < 50; i++) {
		int pid, status;

		if (pillion_sys_getpid() != 1)
			atomic_fetch_add(failed, 1);
		pid = pillion_fork();
		if (pid < 0 || pillion_sys_getpid() != pid)
			atomic_fetch_add(failed, 1);
		pillion_sys_exit_group(i);
		if (pillion_sys_wait4(pid, &status, 0, NULL) != pid || status != i << 8)
			atomic_fetch_add(failed, 1);
		pillion_thread_detach();
	}
	return NULL;
}

static void test_churn(void)
{
	pthread_t t[8];
	atomic_long failed = 0;

	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, churn, &failed);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	is(failed, 0, "8 threads that fork, exit, wait and detach at once");
}

static long try_call(void *arg)
{
	long r = pillion_sys_gettid();

	if (r < 0) {		/* once more, and as often as it takes */
		*(_Atomic int *)arg += 1;
		for (int i = 0; i < 4000 && (r = pillion_sys_gettid()) < 0; i++)
			pause_ms(5);
	}
	pause_ms(50);
	return r < 0 ? r : 0;
}

/*
 * The donor has no room for more tasks: calls say so, and work when there is room again. A clone
 * finds out at its beginning that there are too many threads, near its end that there is no id.
 */
static void test_no_more_tasks(const char *limit, int most, int threads)
{
	static struct worker w[ALL_IDS];
	_Atomic int refused = 0;
	char was[32], now[32];
	long bad = 0, len = read_file(limit, was, sizeof(was));

	snprintf(now, sizeof(now), "%d", most);
	if (write_file(limit, now, strlen(now)) < 0) {
		skip(limit, "it cannot be set so low");
		return;
	}
	for (int i = 0; i < threads; i++)
		worker_start(&w[i], 0, try_call, (void *)&refused);
	for (int i = 0; i < 400 && refused < 10; i++)
		pause_ms(5);
	write_file(limit, was, (size_t)len);
	for (int i = 0; i < threads; i++)
		bad += worker_join(&w[i]) != 0;
	ok(refused >= 10, "%s is %d: %d threads are refused at first", limit, most, refused);
	is(bad, 0, "and all come in when there is room");
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .memory = 256 << 20, .loglevel = -1 };
	long n = SHORT_LIVED;

	tap_begin();
	boot(&opt);
	test_mixed();
	test_no_more_tasks("/proc/sys/kernel/threads-max", count_tasks() + 12, THREADS);
	test_no_more_tasks("/proc/sys/kernel/pid_max", ALL_IDS, ALL_IDS);
	many("a call, no detach", nothing, n);
	many("attach and detach", attach_detach, n / 4);
	many("an exit call", exit_call, n / 4);
	many("no call", never_inside, n / 4);
	test_waves();
	test_churn();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
