/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load on a guest, from the host's side of its network. Prints one figure.
 *
 *	load echo ADDRESS CONNECTIONS SECONDS	64 bytes there and back: answers a second
 *	load web ADDRESS CONNECTIONS SECONDS	a connection a request: answers a second
 *	load to ADDRESS SECONDS			bulk to the guest: Gbit/s
 *	load from ADDRESS SECONDS		bulk from the guest: Gbit/s
 *	load disk ADDRESS d|b			the guest reads its disk, direct or buffered: MB/s
 *	load answer ADDRESS SECONDS		the first answer of the web server: when, by the
 *						host's monotonic clock, in seconds
 *	load requests ADDRESS NUMBER SECONDS	so many answers within that time: 1
 *
 * MB are 1,000,000 bytes, Gbit 1,000,000,000 bits. One thread; connections are driven by epoll.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../guest/ports.h"

#define MESSAGE		64
#define CHUNK		(128 << 10)
#define MAX_CONNECTIONS	64
#define WARMUP		0.2		/* seconds before what counts */
#define PATIENCE	5000		/* ms without an answer */
#define TRY_MS		5		/* of a connection to a guest that may not be there yet */

static struct sockaddr_in guest = { .sin_family = AF_INET };
static char buf[CHUNK];
static const char request[] = "GET / HTTP/1.1\r\nHost: guest\r\nConnection: close\r\n\r\n";

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

__attribute__((noreturn))
static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int dial(int port, int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), on = 1;

	guest.sin_port = htons((uint16_t)port);
	if (fd < 0)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&guest, sizeof(guest)) && errno != EINPROGRESS)
		die("connect");
	return fd;
}

/* ---- requests by epoll: a connection's state is how much of the answer is there ---- */

struct load {
	int port;
	const char *send;
	size_t send_len, want;		/* want 0: until the other end closes */
	bool again;			/* on the same connection */
};

struct connection {
	int fd;
	size_t got;
};

static void begin(const struct load *l, struct connection *c, int e)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	if (c->fd < 0) {
		c->fd = dial(l->port, 0);
		epoll_ctl(e, EPOLL_CTL_ADD, c->fd, &ev);
	}
	c->got = 0;
	if (send(c->fd, l->send, l->send_len, MSG_NOSIGNAL) != (ssize_t)l->send_len)
		die("send");
}

/* True when the answer is complete. */
static bool proceed(const struct load *l, struct connection *c)
{
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n < 0)
		die("recv");
	c->got += (size_t)n;
	if (l->want ? c->got < l->want : n > 0) {
		if (n == 0)
			errno = EPIPE, die("recv");
		return false;
	}
	if (!l->want && c->got <= WEB_BYTES)
		errno = EPROTO, die("answer");
	if (!l->again) {
		close(c->fd);
		c->fd = -1;
	}
	return true;
}

static long run_until(const struct load *l, struct connection *c, int e, double end, long most)
{
	struct epoll_event ev[MAX_CONNECTIONS];
	long done = 0;

	while (done < most && now() < end) {
		int n = epoll_wait(e, ev, MAX_CONNECTIONS, PATIENCE);

		if (n <= 0)
			errno = n ? errno : ETIMEDOUT, die("no answer");
		for (int i = 0; i < n; i++) {
			c = ev[i].data.ptr;
			if (proceed(l, c)) {
				done++;
				begin(l, c, e);
			}
		}
	}
	return done;
}

static double requests(const struct load *l, int connections, double seconds)
{
	static struct connection c[MAX_CONNECTIONS];
	int e = epoll_create1(EPOLL_CLOEXEC);
	double start;
	long done;

	if (connections < 1 || connections > MAX_CONNECTIONS)
		errno = EINVAL, die("connections");
	for (int i = 0; i < connections; i++) {
		c[i].fd = -1;
		begin(l, &c[i], e);
	}
	run_until(l, c, e, now() + WARMUP, 1L << 40);
	start = now();
	done = run_until(l, c, e, start + seconds, 1L << 40);
	return (double)done / (now() - start);
}

static const struct load echo = { .port = PORT_ECHO, .send = buf, .send_len = MESSAGE,
	.want = MESSAGE, .again = true };
static const struct load web = { .port = PORT_WEB, .send = request,
	.send_len = sizeof(request) - 1 };

/* ---- bulk ---- */

static double bulk_to(double seconds)
{
	int fd = dial(PORT_SINK, 0);
	double start = now(), sum = 0;

	while (now() - start < seconds) {
		ssize_t n = send(fd, buf, CHUNK, MSG_NOSIGNAL);

		if (n < 0)
			die("send");
		sum += (double)n;
	}
	shutdown(fd, SHUT_WR);
	if (recv(fd, buf, 1, 0) != 1)
		die("recv");
	return 8e-9 * sum / (now() - start);
}

static double bulk_from(double seconds)
{
	int fd = dial(PORT_SOURCE, 0);
	double start = 0, sum = 0, t;

	do {
		ssize_t n = recv(fd, buf, CHUNK, 0);

		if (n <= 0)
			die("recv");
		t = now();
		if (start == 0)
			start = t;
		else
			sum += (double)n;
	} while (t - start < seconds);
	close(fd);
	return 8e-9 * sum / (t - start);
}

static double disk(const char *kind)
{
	int fd = dial(PORT_DISK, 0);
	double start = now(), bytes;
	size_t n = 0;
	ssize_t r;

	if (send(fd, kind, 1, MSG_NOSIGNAL) != 1)
		die("send");
	while (n < 64 && (r = recv(fd, buf + n, 64 - n, 0)) > 0)
		n += (size_t)r;
	buf[n] = '\0';
	bytes = strtod(buf, NULL);
	if (bytes <= 0)
		errno = EIO, die("the guest's disk");
	return 1e-6 * bytes / (now() - start);
}

/* ---- a guest that has yet to come up ---- */

static bool ready(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) == 1 && (p.revents & events);
}

/* One try: a connection, a request, the first bytes of an answer. */
static bool try_answer(double until)
{
	int fd = dial(PORT_WEB, SOCK_NONBLOCK), error = 0;
	socklen_t len = sizeof(error);
	bool got = false;

	if (ready(fd, POLLOUT, TRY_MS) && !getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) &&
	    !error && send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0)
		got = ready(fd, POLLIN, (int)(1e3 * (until - now())) + 1) &&
		    recv(fd, buf, sizeof(buf), 0) > 12 && memcmp(buf, "HTTP/1.1 200", 12) == 0;
	close(fd);
	return got;
}

static double first_answer(double seconds)
{
	double start = now();
	struct timespec pause = { .tv_nsec = 1000000 };

	while (!try_answer(start + seconds)) {
		if (now() - start > seconds)
			errno = ETIMEDOUT, die("no answer");
		nanosleep(&pause, NULL);
	}
	return now();
}

static double answers(long number, double seconds)
{
	double end = now() + seconds;
	int e = epoll_create1(EPOLL_CLOEXEC);
	struct connection c = { .fd = -1 };

	first_answer(seconds);
	begin(&web, &c, e);
	if (run_until(&web, &c, e, end, number) < number)
		errno = ETIMEDOUT, die("too few answers");
	return 1;
}

static double run(int argc, char **argv)
{
	double last = strtod(argv[argc - 1], NULL);

	if (argc == 5 && strcmp(argv[1], "echo") == 0)
		return requests(&echo, atoi(argv[3]), last);
	if (argc == 5 && strcmp(argv[1], "web") == 0)
		return requests(&web, atoi(argv[3]), last);
	if (argc == 5 && strcmp(argv[1], "requests") == 0)
		return answers(atol(argv[3]), last);
	if (argc == 4 && strcmp(argv[1], "to") == 0)
		return bulk_to(last);
	if (argc == 4 && strcmp(argv[1], "from") == 0)
		return bulk_from(last);
	if (argc == 4 && strcmp(argv[1], "disk") == 0)
		return disk(argv[3]);
	if (argc == 4 && strcmp(argv[1], "answer") == 0)
		return first_answer(last);
	fprintf(stderr, "load: see the top of load.c\n");
	exit(2);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc < 4 || inet_pton(AF_INET, argv[2], &guest.sin_addr) != 1) {
		fprintf(stderr, "usage: load WHAT ADDRESS ...\n");
		return 2;
	}
	printf("%.12g\n", run(argc, argv));
	return 0;
}
