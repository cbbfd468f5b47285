/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pillion_interrupt() and pillion_kill_task() of threads that are blocked in all kinds of calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>

#include "common.h"
#include "tap.h"

static int pipes[2], full[2], pair[2];
static int listener, epoll, event, timer, notify, locked, msgs, sems, udp;
static uint32_t word;
static char buf[256];

static long in_read_pipe(void *arg)
{
	(void)arg;
	return pillion_sys_read(pipes[0], buf, 1);
}

static long in_write_pipe(void *arg)
{
	(void)arg;
	return pillion_sys_write(full[1], buf, 100);
}

static long in_recv(void *arg)
{
	(void)arg;
	return pillion_sys_recvfrom(pair[0], buf, 1, 0, NULL, NULL);
}

static long in_recv_udp(void *arg)
{
	(void)arg;
	return pillion_sys_recvfrom(udp, buf, 1, 0, NULL, NULL);
}

static long in_recvmsg(void *arg)
{
	struct iovec iov = { buf, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	(void)arg;
	return pillion_sys_recvmsg(pair[0], &m, 0);
}

static long in_accept(void *arg)
{
	(void)arg;
	return pillion_sys_accept4(listener, NULL, NULL, 0);
}

static long in_futex(void *arg)
{
	(void)arg;
	return pillion_sys_futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static long in_futex_shared(void *arg)
{
	struct timespec ts = { 100, 0 };

	(void)arg;
	return pillion_sys_futex(&word, FUTEX_WAIT, 0, &ts, NULL, 0);
}

static long in_nanosleep(void *arg)
{
	struct timespec ts = { 100, 0 }, rest = { 0, 0 };
	long r = pillion_sys_nanosleep(&ts, &rest);

	(void)arg;
	return r == -EINTR && rest.tv_sec < 50 ? -1000 : r;	/* the rest is told */
}

static long in_clock_nanosleep(void *arg)
{
	struct timespec ts;

	(void)arg;
	pillion_sys_clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += 100;
	return pillion_sys_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static long in_ppoll(void *arg)
{
	struct pollfd p = { .fd = pipes[0], .events = POLLIN };

	(void)arg;
	return pillion_sys_ppoll(&p, 1, NULL, NULL, 0);
}

static long in_pselect(void *arg)
{
	fd_set set;

	(void)arg;
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	return pillion_sys_pselect6(pipes[0] + 1, &set, NULL, NULL, NULL, NULL);
}

static long in_epoll(void *arg)
{
	struct epoll_event e;

	(void)arg;
	return pillion_sys_epoll_pwait(epoll, &e, 1, -1, NULL, 0);
}

/* The same with a mask for the time of the call. */
static long in_ppoll_masked(void *arg)
{
	pillion_sigset_t none = 0;
	struct pollfd p = { .fd = pipes[0], .events = POLLIN };

	(void)arg;
	return pillion_sys_ppoll(&p, 1, NULL, &none, sizeof(none));
}

static long in_pselect_masked(void *arg)
{
	pillion_sigset_t none = 0;
	struct { pillion_sigset_t *set; size_t size; } mask = { &none, sizeof(none) };
	fd_set set;

	(void)arg;
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	return pillion_sys_pselect6(pipes[0] + 1, &set, NULL, NULL, NULL, &mask);
}

static long in_epoll_masked(void *arg)
{
	pillion_sigset_t none = 0;
	struct epoll_event e;

	(void)arg;
	return pillion_sys_epoll_pwait(epoll, &e, 1, -1, &none, sizeof(none));
}

static long in_eventfd(void *arg)
{
	(void)arg;
	return pillion_sys_read(event, buf, 8);
}

static long in_timerfd(void *arg)
{
	(void)arg;
	return pillion_sys_read(timer, buf, 8);
}

static long in_inotify(void *arg)
{
	(void)arg;
	return pillion_sys_read(notify, buf, sizeof(buf));
}

static long in_sigtimedwait(void *arg)
{
	pillion_sigset_t set = PILLION_SIGMASK(SIGUSR1);

	(void)arg;
	return pillion_sys_rt_sigtimedwait(&set, NULL, NULL, sizeof(set));
}

static long in_sigsuspend(void *arg)
{
	pillion_sigset_t set = 0;

	(void)arg;
	return pillion_sys_rt_sigsuspend(&set, sizeof(set));
}

static long in_flock(void *arg)
{
	long fd = pillion_sys_openat(AT_FDCWD, "/lock", O_RDWR, 0), r;

	(void)arg;
	r = pillion_sys_flock((int)fd, LOCK_EX);
	pillion_sys_close((int)fd);
	return r;
}

static long in_msgrcv(void *arg)
{
	(void)arg;
	return pillion_sys_msgrcv(msgs, buf, 8, 0, 0);
}

static long in_semop(void *arg)
{
	struct sembuf op = { 0, -1, 0 };

	(void)arg;
	return pillion_sys_semop(sems, &op, 1);
}

static long in_fifo_open(void *arg)
{
	(void)arg;
	return pillion_sys_openat(AT_FDCWD, "/fifo", O_RDONLY, 0);
}

static long in_wait4(void *arg)
{
	(void)arg;
	return pillion_sys_wait4(*(int *)arg, NULL, 0, NULL);
}

static int child_pid;

static const struct blocker {
	const char *name;
	long (*fn)(void *);
	void *arg;
} blockers[] = {
	{ "read of a pipe", in_read_pipe, NULL },
	{ "write to a full pipe", in_write_pipe, NULL },
	{ "recv", in_recv, NULL },
	{ "recv of UDP", in_recv_udp, NULL },
	{ "recvmsg", in_recvmsg, NULL },
	{ "accept", in_accept, NULL },
	{ "futex wait", in_futex, NULL },
	{ "futex wait with a timeout", in_futex_shared, NULL },
	{ "nanosleep", in_nanosleep, NULL },
	{ "clock_nanosleep", in_clock_nanosleep, NULL },
	{ "ppoll", in_ppoll, NULL },
	{ "pselect", in_pselect, NULL },
	{ "epoll_wait", in_epoll, NULL },
	{ "read of an eventfd", in_eventfd, NULL },
	{ "read of a timerfd", in_timerfd, NULL },
	{ "read of inotify", in_inotify, NULL },
	{ "sigtimedwait", in_sigtimedwait, NULL },
	{ "sigsuspend", in_sigsuspend, NULL },
	{ "flock", in_flock, NULL },
	{ "msgrcv", in_msgrcv, NULL },
	{ "semop", in_semop, NULL },
	{ "open of a FIFO", in_fifo_open, NULL },
	{ "wait4", in_wait4, &child_pid },
};

static void make_blockers(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct epoll_event e = { .events = EPOLLIN };
	long fd;

	pillion_sys_pipe2(pipes, 0);
	pillion_sys_pipe2(full, O_NONBLOCK);
	while (pillion_sys_write(full[1], buf, sizeof(buf)) > 0)
		;
	pillion_sys_fcntl(full[1], F_SETFL, 0);
	pillion_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	listener = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0);
	pillion_sys_bind(listener, (void *)&any, sizeof(any));
	pillion_sys_listen(listener, 1);
	udp = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM, 0);
	pillion_sys_bind(udp, (void *)&any, sizeof(any));
	epoll = (int)pillion_sys_epoll_create1(0);
	pillion_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0], &e);
	event = (int)pillion_sys_eventfd2(0, 0);
	timer = (int)pillion_sys_timerfd_create(CLOCK_MONOTONIC, 0);
	notify = (int)pillion_sys_inotify_init1(0);
	locked = (int)pillion_sys_openat(AT_FDCWD, "/lock", O_RDWR | O_CREAT, 0644);
	pillion_sys_flock(locked, LOCK_EX);
	msgs = (int)pillion_sys_msgget(0, 0600);
	sems = (int)pillion_sys_semget(0, 1, 0600);
	pillion_sys_mknodat(AT_FDCWD, "/fifo", S_IFIFO | 0600, 0);
	fd = pillion_sys_openat(AT_FDCWD, "/", O_RDONLY, 0);
	ok(fd == sems || fd > locked, "what the calls block on is there");
	pillion_sys_close((int)fd);
}

/* A process with a thread that waits for the end of the test, so that there is one to wait for. */
static long child_main(void *arg)
{
	int pid = pillion_fork();

	*(_Atomic int *)arg = pid;
	return pillion_sys_read(pipes[0], buf, 1);
}

static void test_interrupt(void)
{
	struct worker w;

	for (size_t i = 0; i < sizeof(blockers) / sizeof(blockers[0]); i++) {
		const struct blocker *b = &blockers[i];

		worker_start(&w, 0, b->fn, b->arg);
		if (!worker_asleep(&w))
			diag("it does not block: %s", b->name);
		is(pillion_interrupt(w.task), 0, "interrupt: %s", b->name);
		if (!worker_done(&w, 20000)) {
			ok(0, "%s goes on", b->name);
			bail("stuck");
		}
		is(worker_join(&w), -EINTR, "%s returns EINTR", b->name);
	}
}

static void test_kill(void)
{
	struct worker w;
	int tid, tasks = count_tasks();

	for (size_t i = 0; i < sizeof(blockers) / sizeof(blockers[0]); i++) {
		const struct blocker *b = &blockers[i];

		worker_start(&w, 0, b->fn, b->arg);
		if (!worker_asleep(&w))
			diag("it does not block: %s", b->name);
		tid = w.tid;
		is(pillion_kill_task(w.task), 0, "kill: %s", b->name);
		if (!worker_done(&w, 20000)) {
			ok(0, "%s goes on", b->name);
			bail("stuck");
		}
		is(worker_join(&w), -EINTR, "%s returns EINTR", b->name);
		for (int n = 0; n < 1000 && task_state(tid); n++)
			pause_ms(5);
		ok(!task_state(tid), "and the task is gone");
	}
	for (int n = 0; n < 200 && count_tasks() > tasks; n++)
		pause_ms(10);
	ok(count_tasks() <= tasks, "no task stays (%d, %d)", tasks, count_tasks());
	is(pillion_sys_getpid(), 1, "the process goes on");
}

/* After a kill the host thread can go on: with its next call it is a new task of process 1. */
static long again(void *arg)
{
	long tid = pillion_sys_gettid(), r = in_read_pipe(arg);

	return r == -EINTR && pillion_sys_gettid() != tid && pillion_sys_getpid() == 1 ? 0 : -1;
}

static _Atomic int go;

/* Interrupted while outside: the next call that would block returns at once. */
static long early(void *arg)
{
	while (!go)
		pause_ms(1);
	return in_read_pipe(arg);
}

static long early_twice(void *arg)
{
	char c[4] = { 0 };
	long r;

	while (!go)
		pause_ms(1);
	in_read_pipe(arg);
	r = pillion_sys_write(pair[0], c, 1);	/* interrupted once, not for ever */
	if (r != 1 || pillion_sys_read(pair[1], c, 1) != 1)
		return -1;
	return 0;
}

static void test_elsewhere(void)
{
	struct worker w;

	worker_start(&w, 0, again, NULL);
	worker_asleep(&w);
	pillion_kill_task(w.task);
	is(worker_join(&w), 0, "a host thread whose task was killed is a new task");

	worker_start(&w, 0, early, NULL);
	while (!w.task)
		pause_ms(1);
	is(pillion_interrupt(w.task), 0, "interrupt before the call");
	go = 1;
	ok(worker_done(&w, 20000), "which then does not block");
	is(worker_join(&w), -EINTR, "and returns EINTR");

	go = 0;
	worker_start(&w, 0, early_twice, NULL);
	while (!w.task)
		pause_ms(1);
	for (int i = 0; i < 3; i++)
		pillion_interrupt(w.task);
	go = 1;
	is(worker_join(&w), 0, "several interrupts are one, and over after a call");
	is(pillion_interrupt(w.task), -ESRCH, "interrupt of a task that is gone");
	is(pillion_kill_task(w.task), -ESRCH, "kill of it");
	is(pillion_interrupt((void *)2l), -ESRCH, "interrupt of a kernel thread");
	is(pillion_kill_task((void *)1l), -ESRCH, "kill of process 1's leader");
	is(pillion_kill_task(NULL), -ESRCH, "kill of nobody");
}

/* Calls that have a signal mask of their own: afterwards the thread's is as it was. */
static long keeps_mask(void *arg)
{
	long (*const calls[])(void *) = { in_ppoll_masked, in_pselect_masked, in_epoll_masked,
		in_sigsuspend };
	pillion_sigset_t mine = PILLION_SIGMASK(SIGUSR2), now = 0;
	long r;

	pillion_sys_rt_sigprocmask(SIG_BLOCK, &mine, NULL, sizeof(mine));
	r = calls[*(int *)arg](NULL);
	pillion_sys_rt_sigprocmask(SIG_BLOCK, NULL, &now, sizeof(now));
	return r == -EINTR && now == mine ? 0 : -1;
}

static void test_masks(void)
{
	static const char *const names[] = { "ppoll", "pselect6", "epoll_pwait", "sigsuspend" };
	struct worker w;

	for (int i = 0; i < 4; i++) {
		worker_start(&w, 0, keeps_mask, &i);
		worker_asleep(&w);
		pillion_interrupt(w.task);
		is(worker_join(&w), 0, "the signal mask is as it was after %s was interrupted", names[i]);
	}
}

/* Interrupts that race with the calls' own ends. */
static _Atomic bool stop_storm;

static long storm_target(void *arg)
{
	long interrupted = 0, r;

	(void)arg;
	while (!stop_storm) {
		struct timespec ts = { 0, 50000 };

		r = pillion_sys_nanosleep(&ts, NULL);
		if (r != 0 && r != -EINTR)
			return r;
		interrupted += r != 0;
	}
	return interrupted;
}

static void test_storm(void)
{
	struct worker w[4];
	int errors = 0;
	long sum = 0, r;

	for (int i = 0; i < 4; i++)
		worker_start(&w[i], 0, storm_target, NULL);
	for (int i = 0; i < 4; i++)
		while (!w[i].task)
			pause_ms(1);
	for (int i = 0; i < 20000; i++)
		errors += pillion_interrupt(w[i % 4].task) != 0;
	stop_storm = true;
	for (int i = 0; i < 4; i++) {
		r = worker_join(&w[i]);
		errors += r < 0;
		sum += r;
	}
	is(errors, 0, "20000 interrupts of four threads that sleep shortly");
	ok(sum > 0, "some of them hit (%ld)", sum);
}

int main(void)
{
	struct worker child;

	tap_begin();
	boot(NULL);
	make_blockers();
	worker_start(&child, 0, child_main, &child_pid);
	while (!*(_Atomic int *)&child_pid)
		pause_ms(1);
	test_interrupt();
	test_kill();
	test_elsewhere();
	test_masks();
	test_storm();
	pillion_sys_kill(child_pid, SIGKILL);
	is(worker_join(&child), -EINTR, "a process is killed with its blocked thread");
	is(pillion_sys_wait4(child_pid, NULL, 0, NULL), child_pid, "and can be waited for");
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
