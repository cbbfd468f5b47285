/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of the tests that are part of the image, in the place of platform/nucleus/image/run.c:
 * the first argument names one. They make the donor's system calls as functions.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <nucleus/clock.h>
#include <nucleus/console.h>
#include <nucleus/page.h>
#include <nucleus/thread.h>

#include <rump/rumpext_user.h>
#include <rump/rumpuser.h>

#include <stdlib.h>

#include "image.h"

static char buf[65536];

static void say(const char *fmt, ...) PRINTF(1, 2);

static void say(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_write(line, strlen(line));
}

/* The files that follow, on the console. */
static int cat(char **argv)
{
	int n;

	for (; *argv != NULL; argv++) {
		n = file_read(*argv, buf, sizeof(buf));
		if (n < 0) {
			say("%s: %s\n", *argv, error_name(-n));
			return 1;
		}
		console_write(buf, (size_t)n);
	}
	return 0;
}

/* What there is: "PATH MODE SIZE UID:GID" each, and of a directory the time. */
static int look(char **argv)
{
	struct stat st;
	long error;

	for (; *argv != NULL; argv++) {
		error = pillion_sys_newfstatat(AT_FDCWD, *argv, &st, AT_SYMLINK_NOFOLLOW);
		if (error != 0)
			say("%s %s\n", *argv, error_name((int)-error));
		else if (S_ISDIR(st.st_mode))
			say("%s %o %ld\n", *argv, st.st_mode, (long)st.st_mtime);
		else
			say("%s %o %ld %u:%u\n", *argv, st.st_mode, (long)st.st_size, st.st_uid, st.st_gid);
	}
	return 0;
}

/* Write a file of a pattern, read it back after dropping the caches: FILE KILOBYTES. */
static int storage(char **argv)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, argv[0], O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *end;
	unsigned long left = strtoul(argv[1], &end, 10) * 1024, sum[2] = { 0, 0 };
	unsigned long long total = left;
	uint32_t seed = 1;
	long n;

	for (; fd >= 0 && left > 0; left -= MIN(left, sizeof(buf))) {
		for (size_t i = 0; i < sizeof(buf); i += 4) {
			seed = seed * 1664525u + 1013904223u;
			memcpy(buf + i, &seed, 4);
			sum[0] += seed;
		}
		n = pillion_sys_write(fd, buf, sizeof(buf));
		if (n != (long)sizeof(buf)) {
			say("write: %ld\n", n);
			return 1;
		}
	}
	n = pillion_sys_fsync(fd);
	(void)file_write("/proc/sys/vm/drop_caches", "3\n");
	pillion_sys_lseek(fd, 0, SEEK_SET);
	while (n == 0 && (n = pillion_sys_read(fd, buf, sizeof(buf))) > 0) {
		for (long i = 0; i < n; i += 4) {
			memcpy(&seed, buf + i, 4);
			sum[1] += seed;
		}
		n = 0;
	}
	say("storage %s: %llu bytes, %s, last %ld\n", argv[0], total,
	    sum[0] == sum[1] ? "the same" : "different", n);
	return n == 0 && sum[0] == sum[1] ? 0 : 1;
}

/* ---- a small HTTP server ---- */

static void answer(int fd, const char *status, const char *body, size_t len)
{
	char head[128];
	int n = format(head, sizeof(head), "HTTP/1.0 %s\r\nContent-Length: %zu\r\n\r\n", status, len);

	(void)pillion_sys_write(fd, head, (size_t)n);
	while (len > 0) {
		long sent = pillion_sys_write(fd, body, len);

		if (sent <= 0)
			return;
		body += sent;
		len -= (size_t)sent;
	}
}

/* GET /proc/version, any file; /bulk/N: N times 64 KiB; /end: the last. False: end. */
static bool serve(int fd)
{
	char request[1024], *path = request + 4, *end;
	long n = pillion_sys_read(fd, request, sizeof(request) - 1);
	int len;

	if (n < 16 || memcmp(request, "GET ", 4) != 0)
		return true;
	request[n] = '\0';
	end = strchr(path, ' ');
	if (end == NULL)
		return true;
	*end = '\0';
	if (strncmp(path, "/bulk/", 6) == 0) {
		unsigned long count = strtoul(path + 6, &end, 10);

		n = format(request, sizeof(request), "HTTP/1.0 200 OK\r\nContent-Length: %lu\r\n\r\n",
		    count * sizeof(buf));
		(void)pillion_sys_write(fd, request, (size_t)n);
		for (; count > 0; count--)
			for (size_t at = 0; at < sizeof(buf); at += (size_t)n) {
				n = pillion_sys_write(fd, buf + at, sizeof(buf) - at);
				if (n <= 0)
					return true;
			}
		return true;
	}
	if (strcmp(path, "/end") == 0) {
		answer(fd, "200 OK", "end\n", 4);
		return false;
	}
	len = file_read(path, buf, sizeof(buf));
	if (len >= 0)
		answer(fd, "200 OK", buf, (size_t)len);
	else
		answer(fd, "404 Not Found", "none\n", 5);
	return true;
}

static int http(char **argv)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = 80 << 8 };
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0), one = 1, conn;
	long error;
	bool more = true;

	(void)argv;
	(void)pillion_sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	error = pillion_sys_bind(fd, (struct sockaddr *)&any, sizeof(any));
	if (error == 0)
		error = pillion_sys_listen(fd, 16);
	if (error != 0) {
		say("listen: %s\n", error_name((int)-error));
		return 1;
	}
	say("listening\n");
	while (more && (conn = (int)pillion_sys_accept4(fd, NULL, NULL, 0)) >= 0) {
		more = serve(conn);
		(void)pillion_sys_shutdown(conn, SHUT_WR);
		while (pillion_sys_read(conn, buf, sizeof(buf)) > 0)
			;
		pillion_sys_close(conn);
	}
	return 0;
}

/* What is typed, until the end of input, in capitals. */
static int echo(char **argv)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, TERMINAL, O_RDWR, 0);
	long n;

	(void)argv;
	say("ready\n");
	while ((n = pillion_sys_read(fd, buf, sizeof(buf))) > 0) {
		for (long i = 0; i < n; i++)
			if (buf[i] >= 'a' && buf[i] <= 'z')
				buf[i] -= 32;
		(void)pillion_sys_write(fd, buf, (size_t)n);
	}
	return n == 0 ? 0 : 1;
}

static int status(char **argv)
{
	char *end;

	return (int)strtoul(argv[0], &end, 10);
}

/* A bug in the kernel's own mode. */
static int crash(char **argv)
{
	(void)argv;
	*(volatile int *)8 = 1;
	return 0;
}

/* A bug in the donor, or of who calls it. */
static int donorcrash(char **argv)
{
	const size_t *volatile nowhere = (const size_t *)8;

	(void)argv;
	rump_ext_pages_give(1, nowhere);
	return 0;
}

static unsigned __attribute__((__noinline__)) dig(unsigned n)
{
	char room[1024];

	__asm__ volatile("" :: "r"(room) : "memory");
	return n == 0 ? 0 : dig(n - 1) + (unsigned)room[0];
}

/* A clock that uses up the stack of a task of the donor's that is not a thread of the nucleus. */
static uint64_t digging_clock(void)
{
	const struct thread *t = thread_self();
	vaddr_t sp = (vaddr_t)cpu_frame();

	if (cpu_irqs_on() && sp >= KVA_BASE && sp < KVA_END && t->stack != 0 &&
	    sp - t->stack >= t->stack_size)
		(void)dig(1000);
	return cpu_counter();
}

static int overflow(char **argv)
{
	/* The rate does not matter. */
	(void)argv;
	clock_source_set(&(struct clock_source) { "test", digging_clock, NSEC_PER_SEC,
	    clock_params()->start, CLOCK_COUNTER_NONE });
	for (;;) {
		pillion_sys_sync();
		sleep_until(clock_now() + NSEC_PER_MSEC);
	}
	return 0;
}

static int memory(char **argv)
{
	struct page_stats st;

	(void)argv;
	page_stats(&st);
	say("nucleus: %zu KiB free\n", st.free * PAGE_SIZE / KIB);
	return cat((char *[]) { "/proc/meminfo", NULL });
}

/* All memory is gone, the donor's too: what the donor cannot do without can be made still. */
static int exhaust(char **argv)
{
	static struct rumpuser_mtx *mtx[100];
	static struct rumpuser_cv *cv[ARRAY_SIZE(mtx)];
	void *first = NULL, *p;
	size_t n = 0;

	(void)argv;
	for (size_t size = 64 * KIB; size >= 16; size /= 2) {
		while (rumpuser_malloc(size, 16, &p) == 0) {
			*(void **)p = first;
			first = p;
			n++;
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(mtx); i++) {
		rumpuser_mutex_init(&mtx[i], RUMPUSER_MTX_SPIN);
		rumpuser_cv_init(&cv[i]);
	}
	for (; first != NULL; first = p) {
		p = *(void **)first;
		rumpuser_free(first, 0);
	}
	say("%zu blocks, %zu mutexes and condition variables\n", n, ARRAY_SIZE(mtx));
	return 0;
}

/* What a program may be given as device memory: not RAM, nor what wraps around. */
static int device(char **argv)
{
	static const uint64_t at[] = { 0, 2 * MIB, 0xfee00000, -(uint64_t)PAGE_SIZE };
	struct rumpext_space *s;

	(void)argv;
	if (rumpext_space_create(&s) != 0)
		return 1;
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
		say("%d\n", rumpext_space_map(s, 16 * MIB, PAGE_SIZE, at[i],
		    RUMPEXT_SPACE_READ | RUMPEXT_SPACE_DEVICE));
	rumpext_space_destroy(s);
	return 0;
}

static int nothing(char **argv)
{
	(void)argv;
	return 0;
}

int image_run(const struct config *c)
{
	static const struct {
		const char	*name;
		int		(*fn)(char **argv);
	} programs[] = {
		{ "cat", cat }, { "look", look }, { "storage", storage }, { "http", http },
		{ "echo", echo }, { "status", status }, { "crash", crash }, { "memory", memory },
		{ "nothing", nothing }, { "exhaust", exhaust },
		{ "device", device },
		{ "donorcrash", donorcrash }, { "overflow", overflow },
	};

	if (c->program == NULL)
		return cat((char *[]) { "/proc/version", NULL });
	record_phase("program");
	terminal_input();
	for (unsigned i = 0; i < ARRAY_SIZE(programs); i++)
		if (strcmp(c->argv[0], programs[i].name) == 0)
			return programs[i].fn(c->argv + 1);
	return -ENOENT;
}
