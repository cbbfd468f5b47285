/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cost: what a program's calls cost, in nanoseconds, which under -icount shift=0 are instructions.
 * The bounds are wide: they notice when something takes another order of time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

static int file, pipes[2];
static const char *self;
static char *map;

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The least of several rounds: what comes in between is not the call's. */
static void cost(const char *what, long bound, int times, void (*fn)(void))
{
	long best = -1, start, each;
	int round, i;

	for (round = 0; round < 5; round++) {
		start = now();
		for (i = 0; i < times; i++)
			fn();
		each = (now() - start) / times;
		if (round && (best < 0 || each < best))
			best = each;
	}
	ok(best <= bound, "%s: %ld ns, at most %ld", what, best, bound);
}

static void do_getpid(void)
{
	syscall(SYS_getpid);
}

static void do_read(void)
{
	char c;

	if (pread(file, &c, 1, 0) != 1)
		bail("read");
}

static void do_pipe(void)
{
	if (write(pipes[1], "x", 1) != 1)
		bail("write");
}

static void do_clock(void)
{
	now();
}

static void do_fault(void)
{
	*map = 1;
	madvise(map, 4096, MADV_DONTNEED);
}

static void wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		bail("child");
}

static void do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	wait_for(pid);
}

static void do_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	wait_for(pid);
}

static void do_exec(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(self, self, "nothing", (char *)NULL);
		_exit(1);
	}
	wait_for(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return 0;
	self = argv[0];
	tap_begin();
	file = open("/tmp/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(file, "x", 1) != 1 || pipe2(pipes, O_NONBLOCK))
		bail("files");
	fcntl(pipes[1], F_SETPIPE_SZ, 65536);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cost("clock_gettime", 300, 200, do_clock);
	cost("getpid", 500, 200, do_getpid);
	cost("a byte of a file in memory", 1500, 200, do_read);
	cost("a byte to a pipe", 1500, 200, do_pipe);
	cost("a page that is touched and given back", 8000, 50, do_fault);
	cost("vfork, exit, wait", 60000, 10, do_vfork);
	cost("fork, exit, wait", 300000, 10, do_fork);
	cost("fork, exec, exit, wait", 600000, 10, do_exec);
	return tap_done();
}
