/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventfd, timerfd, epoll, poll, inotify, file locks: what they say, and between threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>

#include "common.h"
#include "tap.h"

#define ROUNDS	(2000 * env_long("TEST_SCALE", 1))

static long readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	return pillion_sys_ppoll(&p, 1, &ts, NULL, 0);
}

static void test_eventfd(void)
{
	uint64_t v = 5;
	int fd = (int)pillion_sys_eventfd2(3, EFD_NONBLOCK), sem;

	is(pillion_sys_write(fd, &v, 8), 8, "eventfd: add");
	is(readable(fd, 0), 1, "it is readable");
	is(pillion_sys_read(fd, &v, 8), 8, "read");
	is((long)v, 8, "the sum");
	is(pillion_sys_read(fd, &v, 8), -EAGAIN, "then nothing");
	v = UINT64_MAX;
	is(pillion_sys_write(fd, &v, 8), -EINVAL, "the largest number is refused");
	v = UINT64_MAX - 1;
	is(pillion_sys_write(fd, &v, 8), 8, "the one before is not");
	is(pillion_sys_write(fd, &v, 8), -EAGAIN, "but nothing on top");
	is(pillion_sys_read(fd, &v, 4), -EINVAL, "a short buffer");
	sem = (int)pillion_sys_eventfd2(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	is(pillion_sys_read(sem, &v, 8), 8, "a semaphore gives");
	is((long)v, 1, "one at a time");
	pillion_sys_close(fd);
	pillion_sys_close(sem);
}

static int ping, pong;

static long echo(void *arg)
{
	uint64_t v;

	for (long i = 0; i < (long)arg; i++)
		if (pillion_sys_read(ping, &v, 8) != 8 || pillion_sys_write(pong, &v, 8) != 8)
			return -1;
	return 0;
}

static void test_eventfd_threads(void)
{
	struct worker w;
	long rounds = ROUNDS, good = 0;

	ping = (int)pillion_sys_eventfd2(0, 0);
	pong = (int)pillion_sys_eventfd2(0, 0);
	worker_start(&w, 0, echo, (void *)rounds);
	for (long i = 1; i <= rounds; i++) {
		uint64_t v = (uint64_t)i;

		pillion_sys_write(ping, &v, 8);
		good += pillion_sys_read(pong, &v, 8) == 8 && v == (uint64_t)i;
	}
	ok(good == rounds && worker_join(&w) == 0, "%ld round trips between two threads", rounds);
	pillion_sys_close(ping);
	pillion_sys_close(pong);
}

static void test_timerfd(void)
{
	struct itimerspec its = { { 0, 2000000 }, { 0, 10000000 } }, now;
	int fd = (int)pillion_sys_timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	uint64_t n = 0, sum = 0;
	int64_t begin = now_ns(), took;

	is(pillion_sys_timerfd_settime(fd, 0, &its, NULL), 0, "timerfd: 10 ms, then each 2");
	is(pillion_sys_read(fd, &n, 8), -EAGAIN, "nothing yet");
	is(pillion_sys_timerfd_gettime(fd, &now), 0, "what is left");
	ok(now.it_value.tv_sec == 0 && now.it_value.tv_nsec <= 10000000, "is less");
	while (sum < 20 && readable(fd, 20000) == 1 && pillion_sys_read(fd, &n, 8) == 8)
		sum += n;
	took = now_ns() - begin;
	ok(sum >= 20 && took >= 47000000, "20 expirations in no less than 48 ms (%ld us)",
	    (long)took / 1000);
	ok(took < 20000000000ll, "and before long");
	memset(&its, 0, sizeof(its));
	pillion_sys_timerfd_settime(fd, 0, &its, NULL);
	is(pillion_sys_read(fd, &n, 8), -EAGAIN, "off");
	its.it_value.tv_nsec = 1;
	pillion_sys_timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL);
	is(readable(fd, 20000), 1, "an absolute time long past is due at once");
	pillion_sys_close(fd);
}

static void test_epoll(void)
{
	int ep = (int)pillion_sys_epoll_create1(0), a[2], b[2];
	struct epoll_event e = { .events = EPOLLIN }, got[8];
	char c;

	pillion_sys_pipe2(a, 0);
	pillion_sys_pipe2(b, 0);
	e.data.u64 = 0xa;
	is(pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, a[0], &e), 0, "epoll: add");
	is(pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, a[0], &e), -EEXIST, "once only");
	e.events = EPOLLIN | EPOLLET;
	e.data.u64 = 0x123456789abcdef;
	pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, b[0], &e);
	is(pillion_sys_epoll_pwait(ep, got, 8, 0, NULL, 0), 0, "nothing is ready");
	pillion_sys_write(a[1], "1", 1);
	pillion_sys_write(b[1], "1", 1);
	is(pillion_sys_epoll_pwait(ep, got, 8, 0, NULL, 0), 2, "two are");
	ok(got[0].data.u64 == 0xa && got[1].data.u64 == 0x123456789abcdef, "with their data");
	is(pillion_sys_epoll_pwait(ep, got, 8, 0, NULL, 0), 1, "the level-triggered one still is");
	pillion_sys_read(a[0], &c, 1);
	is(pillion_sys_epoll_pwait(ep, got, 8, 0, NULL, 0), 0, "until it is read");
	pillion_sys_write(b[1], "2", 1);
	is(pillion_sys_epoll_pwait(ep, got, 8, 0, NULL, 0), 1, "a new edge");
	pillion_sys_close(a[1]);
	is(pillion_sys_epoll_pwait(ep, got, 8, 20000, NULL, 0), 1, "a hang-up");
	ok(got[0].events & EPOLLHUP, "is told as such");
	is(pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e), -EINVAL, "not itself");
	is(pillion_sys_epoll_pwait(ep, got, 0, 0, NULL, 0), -EINVAL, "no room for events");
	pillion_sys_close(a[0]);
	pillion_sys_close(b[0]);
	pillion_sys_close(b[1]);
	pillion_sys_close(ep);
}

/* Several threads wait on one epoll for many pipes; each byte is seen exactly once. */
#define PIPES	32
#define WAITERS	4
static int many[PIPES][2], many_ep;
static _Atomic long seen_bytes;

static long drain(void *arg)
{
	struct epoll_event e[4];
	char buf[16];
	long n, k;

	(void)arg;
	for (;;) {
		n = pillion_sys_epoll_pwait(many_ep, e, 4, -1, NULL, 0);
		if (n < 0)
			return n == -EINTR ? 0 : n;
		for (long i = 0; i < n; i++)
			while ((k = pillion_sys_read((int)e[i].data.u32, buf, sizeof(buf))) > 0)
				seen_bytes += k;
	}
}

static void test_epoll_threads(void)
{
	struct worker w[WAITERS];
	long rounds = ROUNDS, good = 0;

	many_ep = (int)pillion_sys_epoll_create1(0);
	for (int i = 0; i < PIPES; i++) {
		struct epoll_event e = { .events = EPOLLIN | EPOLLET };

		pillion_sys_pipe2(many[i], O_NONBLOCK);
		e.data.u32 = (uint32_t)many[i][0];
		pillion_sys_epoll_ctl(many_ep, EPOLL_CTL_ADD, many[i][0], &e);
	}
	for (int i = 0; i < WAITERS; i++)
		worker_start(&w[i], 0, drain, NULL);
	for (long i = 0; i < rounds * 4; i++) {
		while (pillion_sys_write(many[i % PIPES][1], "x", 1) == -EAGAIN)
			pillion_sys_sched_yield();
	}
	for (int i = 0; i < 2000 && seen_bytes < rounds * 4; i++)
		pause_ms(10);
	is(seen_bytes, rounds * 4,
	    "%d threads on one epoll of %d pipes see each byte once", WAITERS, PIPES);
	for (int i = 0; i < WAITERS; i++) {
		worker_asleep(&w[i]);
		pillion_interrupt(w[i].task);
		good += worker_join(&w[i]) == 0;
	}
	is(good, WAITERS, "and end when interrupted");
	for (int i = 0; i < PIPES; i++) {
		pillion_sys_close(many[i][0]);
		pillion_sys_close(many[i][1]);
	}
	pillion_sys_close(many_ep);
}

static void test_poll_timeout(void)
{
	int fds[2];
	int64_t begin = now_ns(), took;

	pillion_sys_pipe2(fds, 0);
	is(readable(fds[0], 30), 0, "poll: nothing in 30 ms");
	took = now_ns() - begin;
	ok(took >= 29000000, "not earlier (%ld us)", (long)took / 1000);
	pillion_sys_close(fds[1]);
	is(readable(fds[0], 0), 1, "a closed other end is an event");
	pillion_sys_close(fds[0]);
	is(readable(fds[0], 0), 1, "a closed descriptor is told (POLLNVAL)");
}

static bool next_event(int fd, uint32_t mask, const char *name)
{
	static char buf[4096] __attribute__((aligned(8)));
	static long have, at;
	struct inotify_event *e;

	if (at >= have) {
		at = 0;
		have = pillion_sys_read(fd, buf, sizeof(buf));
		if (have <= 0)
			return false;
	}
	e = (void *)(buf + at);
	at += (long)(sizeof(*e) + e->len);
	if ((e->mask & mask) == mask && (!name || (e->len && !strcmp(e->name, name))))
		return true;
	diag("event %x of %s", e->mask, e->len ? e->name : "-");
	return false;
}

static void test_inotify(void)
{
	int fd = (int)pillion_sys_inotify_init1(O_NONBLOCK);
	long wd;

	pillion_sys_mkdirat(AT_FDCWD, "/watched", 0755);
	wd = pillion_sys_inotify_add_watch(fd, "/watched", IN_ALL_EVENTS & ~(IN_ACCESS | IN_OPEN));
	ok(wd > 0, "inotify: a watch");
	write_file("/watched/a", "1", 1);
	pillion_sys_renameat2(AT_FDCWD, "/watched/a", AT_FDCWD, "/watched/b", 0);
	pillion_sys_fchmodat(AT_FDCWD, "/watched/b", 0600);
	pillion_sys_unlinkat(AT_FDCWD, "/watched/b", 0);
	ok(next_event(fd, IN_CREATE, "a"), "create");
	ok(next_event(fd, IN_MODIFY, "a"), "modify");
	ok(next_event(fd, IN_CLOSE_WRITE, "a"), "close");
	ok(next_event(fd, IN_MOVED_FROM, "a") && next_event(fd, IN_MOVED_TO, "b"), "move");
	ok(next_event(fd, IN_ATTRIB, "b"), "mode");
	ok(next_event(fd, IN_DELETE, "b"), "delete");
	is(pillion_sys_inotify_rm_watch(fd, (int)wd), 0, "remove the watch");
	ok(next_event(fd, IN_IGNORED, NULL), "is told, too");
	is(readable(fd, 0), 0, "nothing more");
	pillion_sys_close(fd);
}

static long lock_wait(void *arg)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10 };
	int fd;
	long r;

	pillion_fork();		/* record locks are a process's */
	fd = (int)pillion_sys_openat(AT_FDCWD, "/locks", O_RDWR, 0);
	fl.l_start = (long)arg;
	r = pillion_sys_fcntl(fd, F_SETLKW, (unsigned long)&fl);
	pillion_sys_exit_group(0);
	return r;
}

static void test_locks(void)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 20 };
	int fd = (int)pillion_sys_openat(AT_FDCWD, "/locks", O_RDWR | O_CREAT, 0644), other, child;
	struct worker w;

	is(pillion_sys_fcntl(fd, F_SETLK, (unsigned long)&fl), 0, "a record lock");
	child = pillion_fork();
	other = (int)pillion_sys_openat(AT_FDCWD, "/locks", O_RDWR, 0);
	is(pillion_sys_fcntl(other, F_SETLK, (unsigned long)&fl), -EAGAIN,
	    "holds against another process");
	is(pillion_sys_fcntl(other, F_GETLK, (unsigned long)&fl), 0, "which can ask who has it");
	ok(fl.l_pid == 1 && fl.l_type == F_WRLCK, "process 1");
	pillion_sys_exit_group(0);
	pillion_sys_wait4(child, NULL, 0, NULL);
	worker_start(&w, 0, lock_wait, (void *)10);
	pause_ms(50);
	ok(!w.done, "another process waits for it");
	fl = (struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_len = 30 };
	pillion_sys_fcntl(fd, F_SETLK, (unsigned long)&fl);
	is(worker_join(&w), 0, "and gets it when it is let go");
	is(pillion_sys_flock(fd, LOCK_EX), 0, "flock");
	other = (int)pillion_sys_openat(AT_FDCWD, "/locks", O_RDWR, 0);
	is(pillion_sys_flock(other, LOCK_SH | LOCK_NB), -EAGAIN, "holds against another open of the file");
	is(pillion_sys_flock(fd, LOCK_SH), 0, "becomes shared");
	is(pillion_sys_flock(other, LOCK_SH | LOCK_NB), 0, "and is shared");
	pillion_sys_close(fd);
	is(pillion_sys_flock(other, LOCK_EX | LOCK_NB), 0, "close lets go");
	pillion_sys_close(other);
}

int main(void)
{
	tap_begin();
	boot(NULL);
	test_eventfd();
	test_eventfd_threads();
	test_timerfd();
	test_epoll();
	test_epoll_threads();
	test_poll_timeout();
	test_inotify();
	test_locks();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
