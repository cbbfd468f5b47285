/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program that both guests run, unmodified and the same file.
 *
 *	server serve		echo, web, sink, source and disk on the ports of ports.h
 *	server web		the web server only
 *	server call NAME	a system call's instructions: getpid, read, write
 *
 * Its first act is to print "main" and the time-stamp counter, which under QEMU's -icount shift=0
 * counts instructions. Static; a service is a process, so that it blocks as simple servers do.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports.h"

#define BULK		(128 << 10)
#define DIRECT		(1 << 20)
#define CALLS		20000		/* below the 65536 bytes that a pipe takes */

static char buf[DIRECT] __attribute__((aligned(4096)));

__attribute__((noreturn))
static void die(const char *what)
{
	printf("server: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static unsigned long long counter(void)
{
	unsigned lo, hi;

	__asm__ __volatile__("rdtsc" : "=a" (lo), "=d" (hi));
	return (unsigned long long)hi << 32 | lo;
}

static int listener(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 128))
		die("listen");
	return fd;
}

static int put(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = write(fd, p, n);

		if (r < 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

/* ---- the services ---- */

static void echo_one(int fd)
{
	ssize_t n = read(fd, buf, 4096);

	if (n <= 0 || put(fd, buf, (size_t)n))
		close(fd);
}

static void echo(int l)
{
	struct epoll_event ev[64] = { { .events = EPOLLIN, .data.fd = l } };
	int e = epoll_create1(EPOLL_CLOEXEC), on = 1;

	epoll_ctl(e, EPOLL_CTL_ADD, l, &ev[0]);
	for (;;) {
		int n = epoll_wait(e, ev, 64, -1);

		for (int i = 0; i < n; i++) {
			struct epoll_event add = { .events = EPOLLIN };

			if (ev[i].data.fd != l) {
				echo_one(ev[i].data.fd);
				continue;
			}
			add.data.fd = accept(l, NULL, NULL);
			setsockopt(add.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			epoll_ctl(e, EPOLL_CTL_ADD, add.data.fd, &add);
		}
	}
}

/* One request a connection: read it, answer, close. */
static void web(int l)
{
	static char page[WEB_BYTES + 128];
	int head = snprintf(page, sizeof(page), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"
	    "Content-Type: text/plain\r\nConnection: close\r\n\r\n", WEB_BYTES);

	memset(page + head, 'x', WEB_BYTES);
	for (;;) {
		int fd = accept(l, NULL, NULL);
		ssize_t n = 0, r;

		if (fd < 0)
			continue;
		do {
			r = read(fd, buf + n, 4096 - (size_t)n);
			n += r > 0 ? r : 0;
		} while (r > 0 && n < 4096 && !memmem(buf, (size_t)n, "\r\n\r\n", 4));
		if (r > 0)
			(void)put(fd, page, (size_t)head + WEB_BYTES);
		close(fd);
	}
}

/* Reads to the end, then answers with one byte. */
static void sink(int l)
{
	for (;;) {
		int fd = accept(l, NULL, NULL);

		while (fd >= 0 && read(fd, buf, BULK) > 0)
			;
		(void)put(fd, "x", 1);
		close(fd);
	}
}

/* Writes until the other end has enough. */
static void source(int l)
{
	for (;;) {
		int fd = accept(l, NULL, NULL);

		while (fd >= 0 && write(fd, buf, BULK) > 0)
			;
		close(fd);
	}
}

/* The first disk from its beginning to its end; the answer is the number of bytes. */
static void read_disk(int to, bool direct)
{
	int fd = open("/dev/vda", O_RDONLY | O_CLOEXEC | (direct ? O_DIRECT : 0));
	size_t size = direct ? DIRECT : BULK;
	char text[40];
	long long sum = 0;
	ssize_t n = -1;

	if (fd >= 0) {
		ioctl(fd, BLKFLSBUF);		/* the page cache is to be empty */
		while ((n = read(fd, buf, size)) > 0)
			sum += n;
		close(fd);
	}
	(void)put(to, text, (size_t)snprintf(text, sizeof(text), "%lld\n", n < 0 ? -1 : sum));
}

static void disk(int l)
{
	for (;;) {
		int fd = accept(l, NULL, NULL);
		char kind;

		if (read(fd, &kind, 1) == 1)
			read_disk(fd, kind == 'd');
		close(fd);
	}
}

static void service(int port, void (*run)(int l))
{
	int l = listener(port);
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		run(l);
	close(l);
}

/* ---- system calls ---- */

static long call(long nr, long a, long b, long c)
{
	long r;

	__asm__ __volatile__("syscall" : "=a" (r) : "0" (nr), "D" (a), "S" (b), "d" (c)
	    : "rcx", "r11", "memory");
	return r;
}

static int tmpfs_file(void)
{
	int fd;

	(void)mkdir("/t", 0755);
	if (mount("t", "/t", "tmpfs", 0, NULL))
		die("tmpfs");
	fd = open("/t/file", O_RDWR | O_CREAT, 0644);
	if (fd < 0 || put(fd, buf, 2 * CALLS) || lseek(fd, 0, SEEK_SET))
		die("/t/file");
	return fd;
}

static void time_call(const char *name)
{
	long nr = SYS_getpid, fd = 0, len = 0, sum = 0;
	unsigned long long begin = 0;
	int p[2];

	if (strcmp(name, "read") == 0) {
		nr = SYS_read, fd = tmpfs_file(), len = 1;
	} else if (strcmp(name, "write") == 0) {
		if (pipe(p))
			die("pipe");
		nr = SYS_write, fd = p[1], len = 1;
	}
	for (int i = 0; i < 2 * CALLS; i++) {
		if (i == CALLS)
			begin = counter();
		sum += call(nr, fd, (long)buf, len);
	}
	begin = counter() - begin;
	if (sum < 2 * CALLS)
		die(name);
	printf("figure %.1f\n", (double)begin / CALLS);
}

int main(int argc, char **argv)
{
	char text[40];

	(void)put(1, text, (size_t)snprintf(text, sizeof(text), "main %llu\n", counter()));
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "call") == 0) {
		time_call(argv[2]);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "web") == 0) {
		web(listener(PORT_WEB));
	} else if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		service(PORT_ECHO, echo);
		service(PORT_WEB, web);
		service(PORT_SINK, sink);
		service(PORT_SOURCE, source);
		service(PORT_DISK, disk);
		printf("ready\n");
		fflush(stdout);
		while (wait(NULL) > 0)
			;
	}
	printf("server: serve, web or call NAME\n");
	return 2;
}
