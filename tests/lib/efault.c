/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bad pointers in system calls. First, calls of which it is known what they do with a pointer:
 * EFAULT. Then every number with a bad address in each place: never a crash, never a hang, and
 * not one byte of the donor's changed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "common.h"
#include "efault.h"
#include "regions.h"
#include "tap.h"

static struct bad bad[MAX_BAD];
static int nbad;
static char good[65536] __attribute__((aligned(4096)));
static char log_text[1 << 16];
static size_t logged;

static void keep_log(void *arg, const char *text, size_t len)
{
	(void)arg;
	if (len > sizeof(log_text) - 1 - logged)
		len = sizeof(log_text) - 1 - logged;
	memcpy(log_text + logged, text, len);
	logged += len;
}

static void move(long fd, int to)
{
	if (pillion_sys_dup3((int)fd, to, 0) != to)
		bail("descriptor %d: %ld", to, fd);
	pillion_sys_close((int)fd);
}

static void make_descriptors(void)
{
	int fds[2];

	write_file("/file", good, 8192);
	move(pillion_sys_openat(AT_FDCWD, "/file", O_RDWR, 0), FD_FILE);
	pillion_sys_pipe2(fds, O_NONBLOCK);
	pillion_sys_write(fds[1], good, 4096);
	move(fds[0], FD_PIPE_IN);
	pillion_sys_pipe2(fds, O_NONBLOCK);
	move(fds[0], FD_PIPE_IN + 50);
	move(fds[1], FD_PIPE_OUT);
	pillion_sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
	pillion_sys_write(fds[1], good, 4096);
	move(fds[0], FD_SOCKET);
	move(fds[1], FD_SOCKET + 50);
	move(pillion_sys_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), FD_UDP);
	move(pillion_sys_epoll_create1(0), FD_EPOLL);
	move(pillion_sys_timerfd_create(CLOCK_MONOTONIC, O_NONBLOCK), FD_TIMER);
	move(pillion_sys_eventfd2(1, O_NONBLOCK), FD_EVENT);
	move(pillion_sys_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0), FD_DIR);
	move(pillion_sys_inotify_init1(O_NONBLOCK), FD_INOTIFY);
}

static const char *const places[] = { "first", "second", "third", "fourth", "fifth", "sixth" };

static long with_pointer(const struct call *c, uintptr_t addr, int *place)
{
	long a[6];

	for (int i = 0; i < 6; i++) {
		a[i] = c->args[i];
		if (a[i] == BAD) {
			a[i] = (long)addr;
			*place = i;
		} else if (a[i] == GOOD) {
			memset(good, 0, 4096);
			a[i] = (long)good;
		} else if (a[i] == PATH) {
			a[i] = (long)"/file";
		}
	}
	return pillion_syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void test_known(const struct call *c)
{
	int wrong = 0, place = 0;
	const char *changed;
	long r;

	for (int i = 0; i < nbad; i++) {
		const struct bad *b = &bad[i];

		if ((b->kind == BAD_TO_WRITE && !(c->flags & OUT)) ||
		    (b->kind == BAD_BEHIND && !(c->flags & WHOLE)))
			continue;
		r = with_pointer(c, b->addr, &place);
		if (r != -EFAULT && !(c->flags & MAYBE && r < 0)) {
			diag("%s, %s: %ld", c->name, b->name, r);
			wrong++;
		}
	}
	changed = regions_changed(bad, nbad);
	if (changed)
		diag("changed: %s", changed);
	ok(!wrong && !changed, "%s: a bad %s argument is EFAULT", c->name, places[place]);
}

/* ---- every number ---- */

static atomic_long step, current_nr, interrupts;
static struct pillion_task *_Atomic caller;
static atomic_bool finished;
static atomic_long blocked[MAX_NR];

/* Interrupts what blocks; says which call it was that does not come back at all. */
static void *watchdog(void *arg)
{
	long last = -1, same = 0;

	while (!finished) {
		pause_ms(10);
		if (step != last) {
			last = step;
			same = 0;
			continue;
		}
		if (++same % 2 == 0) {
			pillion_interrupt(caller);
			if (atomic_fetch_add(&blocked[current_nr], 1) == 20)
				diag("call %ld blocks often", (long)current_nr);
			atomic_fetch_add(&interrupts, 1);
		}
		if (same == 3000)
			bail("system call %ld does not come back", (long)current_nr);
	}
	return arg;
}

static void one_call(long nr, int place, uintptr_t addr, int filler)
{
	static const long ints[6] = { FD_FILE, 1, 1, 1, 1, 1 };
	long a[6];

	for (int i = 0; i < 6; i++) {
		if (filler == 0)
			a[i] = i ? 0 : FD_FILE;
		else if (filler == 1)
			a[i] = ints[i];
		else
			a[i] = i ? (long)good + 4096 * i : FD_SOCKET;
	}
	a[place] = (long)addr;
	current_nr = nr;
	pillion_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	atomic_fetch_add(&step, 1);
}

static long sweep(void *arg)
{
	long calls = 0, fillers = (long)arg;

	/* In a process of its own: what calls do to it ends with it. */
	pillion_fork();
	caller = pillion_self();
	for (long nr = 0; nr < MAX_NR; nr++) {
		if (efault_skip(nr))
			continue;
		for (int place = 0; place < 6; place++)
			for (int i = 0; i < nbad; i++)
				for (int filler = 0; filler < fillers; filler++, calls++)
					one_call(nr, place, bad[i].addr, filler);
		if (regions_changed(bad, nbad)) {
			diag("call %ld changed %s", nr, regions_changed(bad, nbad));
			return -1;
		}
		pillion_sys_close_range(0, ~0u, 0);
		make_descriptors();
		memset(good, 0, sizeof(good));
	}
	return calls;
}

static void test_sweep(void)
{
	struct worker w;
	pthread_t t;
	long r;

	worker_start(&w, 0, sweep, (void *)env_long("TEST_FILLERS", 3));
	while (!caller && !w.done)
		pause_ms(1);
	pthread_create(&t, NULL, watchdog, NULL);
	r = worker_join(&w);
	finished = true;
	pthread_join(t, NULL);
	ok(r > 0, "%ld calls with bad pointers in every place leave the donor as it is", r);
	diag("%ld interrupted", (long)interrupts);
}

static long healthy(void *arg)
{
	int pid, fds[2];
	char buf[16];

	(void)arg;
	pid = pillion_fork();
	if (pid < 0 || write_file("/after", "fine", 4) != 4 ||
	    read_file("/after", buf, sizeof(buf)) != 4 ||
	    pillion_sys_pipe2(fds, 0) || pillion_sys_write(fds[1], "x", 1) != 1 ||
	    pillion_sys_read(fds[0], buf, 1) != 1)
		return -1;
	pillion_sys_exit_group(0);
	return pillion_sys_wait4(pid, NULL, 0, NULL) == pid ? 0 : -2;
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 5, .log = keep_log };
	static const char *const alarms[] = { "BUG", "WARNING", "Oops", "Call Trace", "corrupt" };
	struct worker w;

	tap_begin();
	boot(&opt);
	nbad = regions_find(bad);
	ok(nbad >= 25, "bad addresses of %d kinds, the donor's own among them", nbad);
	make_descriptors();
	regions_watch(bad, nbad);
	for (const struct call *c = efault_calls; c->name; c++)
		test_known(c);
	test_sweep();
	worker_start(&w, 0, healthy, NULL);
	is(worker_join(&w), 0, "the donor is well after it");
	for (size_t i = 0; i < sizeof(alarms) / sizeof(alarms[0]); i++)
		ok(!strstr(log_text, alarms[i]), "no \"%s\" in its log", alarms[i]);
	ok(pillion_shutdown() == 0, "shutdown");
	if (tap_failed)
		printf("# log: %.4000s\n", log_text);
	return tap_done();
}
