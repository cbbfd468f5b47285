/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracer: the one thread that may trace (the host binds a traced thread to it). Others hand it
 * functions to call, and users to run; it waits for both, and for the users that run to stop.
 *
 * Locking: queue_lock protects the two queues. A request belongs to the tracer until it is done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/futex.h>
#include <time.h>
#include <unistd.h>

#include "tracee.h"

#define MOST_RUNNING	512
#define REPORT_MS	50		/* user code that makes no trap reports its time */

struct request {
	struct request *next;
	long (*fn)(void *arg);
	void *arg;
	long ret;
	int done;
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static struct request *requests;
static struct rumpext_user *starts;
static int wake_fd, child_fd;
static struct rumpext_user *running[MOST_RUNNING];

static void wait_done(int *done)
{
	while (!__atomic_load_n(done, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, done, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void set_done(int *done)
{
	__atomic_store_n(done, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, done, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void wake_tracer(void)
{
	uint64_t one = 1;

	while (write(wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

long tracer_do(long (*fn)(void *arg), void *arg)
{
	struct request r = { .fn = fn, .arg = arg };

	pthread_mutex_lock(&queue_lock);
	r.next = requests;
	requests = &r;
	pthread_mutex_unlock(&queue_lock);
	wake_tracer();
	wait_done(&r.done);
	return r.ret;
}

void tracer_run(struct rumpext_user *u)
{
	u->done = 0;
	pthread_mutex_lock(&queue_lock);
	u->next = starts;
	starts = u;
	pthread_mutex_unlock(&queue_lock);
	wake_tracer();
	wait_done(&u->done);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void finish(struct rumpext_user *u)
{
	if (u->since)
		u->trap->ran = now() - u->since;
	set_done(&u->done);
}

/* Make u's thread one of the space that it is to run in. */
static int settle(struct rumpext_user *u)
{
	if (u->tid && u->space == u->in)
		return 0;
	if (u->tid && !u->fp_valid) {
		tracee_fp_get(u->tid, u->fp);
		u->fp_valid = true;
	}
	if (u->tid)
		tracee_thread_end(u->tid);
	u->fp_load = true;
	u->space = u->in;
	u->pid = u->in->pid;
	return tracee_thread_new(u->in, &u->tid);
}

static void start(struct rumpext_user *u)
{
	struct rumpext_regs r = *u->regs;
	unsigned i;

	memset(u->trap, 0, sizeof(*u->trap));
	u->since = 0;
	if (settle(u)) {
		fprintf(stderr, "tracer: no thread: %s\n", strerror(errno));
		abort();
	}
	if (*u->work) {
		u->trap->kind = RUMPEXT_TRAP_WORK;
		finish(u);
		return;
	}
	if (r.rip >= 1ul << 47) {
		u->trap->kind = RUMPEXT_TRAP_FAULT;
		u->trap->access = RUMPEXT_SPACE_EXEC;
		u->trap->addr = r.rip;
		finish(u);
		return;
	}
	r.cs = 0x33;
	r.ss = 0x2b;
	r.ds = r.es = r.fs = r.gs = 0;
	r.orig_rax = (uint64_t)-1;
	if (r.fs_base >= 1ul << 47)
		r.fs_base = 0;
	if (r.gs_base >= 1ul << 47)
		r.gs_base = 0;
	if (u->fp_load && tracee_fp_set(u->tid, u->fp))
		perror("tracer: FP state");
	u->fp_load = u->fp_valid = false;
	for (i = 0; i < MOST_RUNNING && running[i]; i++)
		;
	if (i == MOST_RUNNING || ptrace(PTRACE_SETREGS, u->tid, 0, &r)) {
		fprintf(stderr, "tracer: registers: %s\n", strerror(errno));
		abort();
	}
	running[i] = u;
	u->since = now();
	ptrace(PTRACE_SYSEMU, u->tid, 0, 0);
}

static void stopped(pid_t tid, int status)
{
	struct rumpext_user *u;
	unsigned i;

	for (i = 0; i < MOST_RUNNING; i++)
		if (running[i] && running[i]->tid == tid)
			break;
	if (i == MOST_RUNNING || !WIFSTOPPED(status))
		return;
	u = running[i];
	running[i] = NULL;
	tracee_trap(u, status);
	finish(u);
}

/* Stops of users that run. Others are waited for where they are made. */
static void look_at_children(void)
{
	struct signalfd_siginfo info;
	unsigned i;
	int status;
	pid_t tid;

	while (read(child_fd, &info, sizeof(info)) > 0)
		;
	for (i = 0; i < MOST_RUNNING; i++) {
		tid = running[i] ? running[i]->tid : 0;
		if (tid && waitpid(tid, &status, WNOHANG | __WALL) == tid)
			stopped(tid, status);
	}
}

static void ask_for_reports(void)
{
	uint64_t before = now() - REPORT_MS * 1000000u;
	unsigned i;

	for (i = 0; i < MOST_RUNNING; i++)
		if (running[i] && running[i]->since < before)
			syscall(SYS_tgkill, running[i]->pid, running[i]->tid, SIGURG);
}

static void serve_requests(void)
{
	struct rumpext_user *u, *users;
	struct request *r, *list;
	uint64_t count;

	if (read(wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
	pthread_mutex_lock(&queue_lock);
	list = requests;
	users = starts;
	requests = NULL;
	starts = NULL;
	pthread_mutex_unlock(&queue_lock);
	while ((r = list) != NULL) {
		list = r->next;
		r->ret = r->fn(r->arg);
		set_done(&r->done);
	}
	while ((u = users) != NULL) {
		users = u->next;
		start(u);
	}
}

static void *tracer_main(void *arg)
{
	struct pollfd fds[2];
	int *started = arg;

	*started = tracee_init() ? -1 : 1;
	syscall(SYS_futex, started, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	for (;;) {
		fds[0] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = child_fd, .events = POLLIN };
		if (poll(fds, 2, REPORT_MS) < 0 && errno != EINTR)
			abort();
		ask_for_reports();
		serve_requests();
		look_at_children();
	}
	return NULL;
}

int tracer_start(void)
{
	static int started;
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	child_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (child_fd < 0 || wake_fd < 0 || pthread_create(&thread, NULL, tracer_main, &started))
		return -1;
	wait_done(&started);
	return started < 0 ? -1 : 0;
}
