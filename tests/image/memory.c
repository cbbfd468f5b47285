/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that wants all the memory there is, in many ways: its first argument says which. An
 * ordinary program of this machine's. Locking: none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "meminfo.h"
#include "tap.h"

#define MIB	(1ul << 20)
#define PAGE	4096

static void write_to(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		bail("%s: %s", path, strerror(errno));
}

/* KiB that nobody uses, caches given up; what the nucleus has taken is not in it. */
static long free_now(void)
{
	write_to("/proc/sys/vm/drop_caches", "3\n");
	return meminfo("MemFree:");
}

/* The pool moves pages a while after they have become free. */
static long free_settled(long want)
{
	long now = free_now();

	for (int i = 0; i < 100 && now < want; i++) {
		usleep(50000);
		now = free_now();
	}
	return now;
}

static void is_back(long before, const char *what)
{
	long want = before - 2048, now = free_settled(want);

	if (!ok(now >= want, "%s: %ld KiB free before, %ld after", what, before, now))
		diag("%ld KiB in all, slabs %ld", meminfo("MemTotal:"), meminfo("Slab:"));
}

/* fn in a child, which is the first to go when there is no memory: its wait status. */
static int in_child(int (*fn)(size_t), size_t arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		write_to("/proc/self/oom_score_adj", "500\n");
		_exit(fn(arg));
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);		/* what it left behind */
	return status;
}

static int killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* ---- one pool ---- */

static int take_all(size_t mib)
{
	char *p = malloc(mib * MIB);

	if (!p)
		return 1;
	for (size_t i = 0; i < mib * MIB; i += PAGE)
		p[i] = (char)(i >> 12);
	for (size_t i = 0; i < mib * MIB; i += PAGE)
		if (p[i] != (char)(i >> 12))
			return 2;
	return 0;
}

/* Sectors that were read of the disk so far. */
static long sectors_read(void)
{
	FILE *f = fopen("/sys/block/vda/stat", "r");
	long ios, merged, sectors = -1;

	if (!f || fscanf(f, "%ld %ld %ld", &ios, &merged, &sectors) != 3)
		bail("/sys/block/vda/stat");
	fclose(f);
	return sectors;
}

static int read_file(const char *path, size_t mib)
{
	static char buf[256 << 10];
	int fd = open(path, O_RDONLY);
	size_t all = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		all += (size_t)n;
	close(fd);
	return all == mib * MIB;
}

/*
 * The same, of what is in memory only. The disk's own count would not do: ext4 reads its bitmaps
 * ahead in a thread of its own, at any time.
 */
static int read_cached(const char *path, size_t mib)
{
	static char buf[256 << 10];
	struct iovec iov = { buf, sizeof(buf) };
	int fd = open(path, O_RDONLY);
	size_t all = 0;
	ssize_t n;

	while (fd >= 0 && (n = syscall(SYS_preadv2, fd, &iov, 1, all, 0, RWF_NOWAIT)) > 0)
		all += (size_t)n;
	close(fd);
	return all == mib * MIB;
}

/* In turns a program's memory and a file's data, each mib MiB. */
static void turns(size_t mib, int rounds)
{
	long before = free_now(), first, second;
	int status;

	for (int i = 0; i < rounds; i++) {
		status = in_child(take_all, mib);
		is(status, 0, "a program has %zu MiB", mib);
		ok(!read_cached("/mnt/file", mib), "not all of a file is cached");
		first = sectors_read();
		ok(read_file("/mnt/file", mib), "a file of %zu MiB is read", mib);
		second = sectors_read();
		ok(i == 0 || second - first >= (long)(mib * MIB / 512 / 2),
		   "from the disk: %ld sectors", second - first);
		ok(meminfo("Cached:") >= (long)(mib << 10), "all of it is cached");
		ok(read_cached("/mnt/file", mib), "it is read again, without the disk");
	}
	is_back(before, "all is back");
}

/* ---- no more ---- */

static int limited(size_t mib)
{
	struct rlimit rl = { mib * MIB, mib * MIB };
	void *p;

	setrlimit(RLIMIT_AS, &rl);
	for (int i = 0; i < 100000; i++) {
		p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return errno == ENOMEM ? 0 : 1;
		memset(p, 1, MIB);
	}
	return 2;
}

/* With overcommit off malloc() says so before there is none. */
static int strict(size_t mib)
{
	(void)mib;
	for (int i = 0; i < 1000000; i++) {
		char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return errno == ENOMEM ? 0 : 1;
		memset(p, 1, MIB);
	}
	return 2;
}

static int endless(size_t unused)
{
	(void)unused;
	for (;;) {
		char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return 3;
		memset(p, 1, MIB);
	}
}

/* A page of data in each table of page tables, of the donor's and of the nucleus's. */
static int tables(size_t step)
{
	char *p = (char *)0x100000000;

	for (size_t i = 0; i < 1000000; i++, p += step) {
		if (mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == MAP_FAILED)
			return errno == ENOMEM ? 3 : 1;
		*p = 1;
	}
	return 2;
}

/* The same, by reading a page of which there is one: all goes to tables. */
static int zero_tables(size_t step)
{
	size_t len = 1ul << 45;
	char *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return 3;
	for (size_t i = 0; i < len; i += step)
		(void)*(volatile char *)(p + i);
	return 2;
}

static void *sleeper(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

/* As many as there can be, at most n. */
static int threads(size_t n)
{
	pthread_attr_t attr;
	pthread_t t;
	size_t i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < n; i++)
		if (pthread_create(&t, &attr, sleeper, NULL))
			break;
	diag("%zu threads", i);
	return i == n ? 4 : i > 10 ? 0 : 5;
}

static int forks(size_t n)
{
	size_t i;
	pid_t pid = 0;

	for (i = 0; i < n; i++) {
		pid = fork();
		if (pid == 0)
			sleeper(NULL);
		if (pid < 0)
			break;
	}
	diag("%zu processes, %s", i, pid < 0 ? strerror(errno) : "all of them");
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return i == n ? 4 : i > 10 ? 0 : 5;
}

/* The kernel's own: pipes that are full. */
static int pipes(size_t n)
{
	static char buf[65536];
	struct rlimit rl = { 4096, 4096 };
	int p[2];
	size_t i;

	setrlimit(RLIMIT_NOFILE, &rl);
	for (i = 0; i < n; i++) {
		if (pipe2(p, O_NONBLOCK))
			return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? 0 : 1;
		if (write(p[1], buf, sizeof(buf)) < 0 && errno != EAGAIN && errno != ENOMEM)
			return 1;
	}
	return 0;
}

/* A file in memory that wants all; the file system's own limit is half of it. */
static int file_in_memory(size_t mib)
{
	static char buf[65536];
	int fd = open("/tmp/large", O_CREAT | O_WRONLY, 0600), error = 0;

	/* One that is cut short says nothing; the next one does. */
	for (size_t i = 0; i < mib * 16 && !error; i++)
		if (write(fd, buf, sizeof(buf)) < 0)
			error = errno;
	close(fd);
	unlink("/tmp/large");
	return error == ENOSPC || error == ENOMEM ? 0 : 1;
}

/* Another process that goes on all the time. */
static pid_t worker(int *fds)
{
	pid_t pid;
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		bail("socketpair");
	pid = fork();
	if (pid == 0) {
		while (read(fds[1], &c, 1) == 1 && write(fds[1], &c, 1) == 1)
			;
		_exit(0);
	}
	return pid;
}

static void lives(int fd, const char *after)
{
	char c = 'x';

	ok(write(fd, &c, 1) == 1 && read(fd, &c, 1) == 1 && c == 'x', "another process goes on %s",
	   after);
}

static void lack(void)
{
	int fds[2], status;
	long before;

	write_to("/proc/sys/kernel/threads-max", "30000\n");	/* memory is to be the limit */
	worker(fds);
	/* Stacks, records and slabs are kept for the next. */
	in_child(threads, 20000);
	in_child(forks, 20000);
	before = free_settled(meminfo("MemTotal:"));
	is(in_child(limited, 16), 0, "RLIMIT_AS: ENOMEM");
	write_to("/proc/sys/vm/overcommit_memory", "2\n");
	is(in_child(strict, 0), 0, "overcommit off: ENOMEM");
	write_to("/proc/sys/vm/overcommit_memory", "0\n");
	is_back(before, "what was allocated");

	ok(killed(in_child(endless, 0)), "without end: SIGKILL");
	lives(fds[0], "after it");
	is_back(before, "what was allocated");

	status = in_child(tables, 2 * MIB);
	ok(killed(status) || status == 3 << 8, "a page in each table: SIGKILL or ENOMEM (%#x)", status);
	lives(fds[0], "after it");
	is_back(before, "pages and tables");

	status = in_child(zero_tables, 2 * MIB);
	ok(killed(status), "nothing but tables: SIGKILL (%#x)", status);
	lives(fds[0], "after it");
	is_back(before, "tables");

	status = in_child(threads, 20000);
	ok(status == 0 || killed(status), "threads without end: EAGAIN or SIGKILL (%#x)", status);
	lives(fds[0], "after it");
	is_back(before, "threads");

	status = in_child(forks, 20000);
	ok(status == 0 || killed(status), "processes without end: EAGAIN or SIGKILL (%#x)", status);
	lives(fds[0], "after it");
	is_back(before, "processes");

	status = in_child(pipes, 4000);
	ok(status == 0 || killed(status), "pipes without end: an error or SIGKILL (%#x)", status);
	status = in_child(file_in_memory, 1024);
	ok(status == 0 || killed(status), "a file without end: ENOSPC or SIGKILL (%#x)", status);
	lives(fds[0], "after it");
	is_back(before, "files and pipes");
}

int main(int argc, char **argv)
{
	tap_begin();
	if (argc == 4 && !strcmp(argv[1], "turns")) {
		turns((size_t)atoi(argv[2]), atoi(argv[3]));
		return tap_done();
	}
	if (argc == 2 && !strcmp(argv[1], "lack")) {
		lack();
		return tap_done();
	}
	if (argc == 2 && !strcmp(argv[1], "endless"))
		return endless(0);
	return 2;
}
