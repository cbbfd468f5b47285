/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface: flow.h. Locking: the two threads of a workload share only sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow.h"

#define WARMUP 200		/* round trips before the clock starts */

struct peer {
	const struct stack *s;
	int fd;
	double seconds;
	long error;
};

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static void nodelay(const struct stack *s, int fd)
{
	int on = 1;

	(void)s->setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* A listening socket, or -errno. */
static int listener(const struct stack *s, uint32_t host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int on = 1;
	long fd = s->socket(AF_INET, SOCK_STREAM, 0), r;

	if (fd < 0)
		return (int)fd;
	a.sin_addr.s_addr = htonl(host);
	(void)s->setsockopt((int)fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	r = s->bind((int)fd, (struct sockaddr *)&a, sizeof(a));
	if (r >= 0)
		r = s->listen((int)fd, 8);
	if (r < 0) {
		s->close((int)fd);
		return (int)r;
	}
	return (int)fd;
}

static int dial(const struct stack *s, const struct sockaddr_in *to)
{
	long fd = s->socket(AF_INET, SOCK_STREAM, 0), r;

	if (fd < 0)
		return (int)fd;
	nodelay(s, (int)fd);
	r = s->connect((int)fd, (const struct sockaddr *)to, sizeof(*to));
	if (r < 0) {
		s->close((int)fd);
		return (int)r;
	}
	return (int)fd;
}

/* A connection of this process to itself. */
static int pair(const struct stack *s, int *client, int *server)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int l = listener(s, INADDR_LOOPBACK, 0);
	long r;

	if (l < 0)
		return l;
	r = s->getsockname(l, (struct sockaddr *)&a, &len);
	if (r >= 0)
		r = *client = dial(s, &a);
	if (r >= 0)
		r = *server = (int)s->accept(l);
	s->close(l);
	if (r < 0)
		return (int)r;
	nodelay(s, *server);
	return 0;
}

static void *echo(void *arg)
{
	struct peer *p = arg;
	char c;

	while ((p->error = p->s->read(p->fd, &c, 1)) == 1)
		if (p->s->write(p->fd, &c, 1) != 1)
			break;
	p->s->close(p->fd);
	return NULL;
}

static int turns(const struct stack *s, int fd, long n)
{
	char c = 'x';
	long r;

	while (n-- > 0) {
		if ((r = s->write(fd, &c, 1)) != 1 || (r = s->read(fd, &c, 1)) != 1)
			return r < 0 ? (int)r : -EPIPE;
	}
	return 0;
}

int flow_rr(const struct stack *s, double seconds, double *us)
{
	struct peer p = { .s = s };
	double begin, end;
	pthread_t thread;
	long n = 0;
	int client, error = pair(s, &client, &p.fd);

	if (error)
		return error;
	error = -pthread_create(&thread, NULL, echo, &p);
	if (error)
		return error;
	error = turns(s, client, WARMUP);
	begin = end = now();
	for (; !error && end - begin < seconds; n += 100) {
		error = turns(s, client, 100);
		end = now();
	}
	s->close(client);
	pthread_join(thread, NULL);
	*us = n ? 1e6 * (end - begin) / (double)n : 0;
	return error;
}

static int drain(const struct stack *s, int fd, double *rate)
{
	char *buf = malloc(FLOW_CHUNK);
	double begin = 0, end, total = 0;
	long r;

	if (!buf)
		return -ENOMEM;
	while ((r = s->read(fd, buf, FLOW_CHUNK)) > 0) {
		if (begin == 0)
			begin = now();
		else
			total += (double)r;
	}
	end = now();
	free(buf);
	*rate = end > begin && begin > 0 ? total / (end - begin) : 0;
	return (int)r;
}

static int pour(const struct stack *s, int fd, double seconds)
{
	char *buf = malloc(FLOW_CHUNK);
	double end = now() + seconds;
	long r = 0;

	if (!buf)
		return -ENOMEM;
	memset(buf, 'x', FLOW_CHUNK);
	while (r >= 0 && now() < end)
		r = s->write(fd, buf, FLOW_CHUNK);
	free(buf);
	s->close(fd);
	return r < 0 ? (int)r : 0;
}

static void *pour_thread(void *arg)
{
	struct peer *p = arg;

	p->error = pour(p->s, p->fd, p->seconds);
	return NULL;
}

int flow_bulk(const struct stack *s, double seconds, double *gbytes)
{
	struct peer p = { .s = s, .seconds = seconds };
	pthread_t thread;
	int server, error = pair(s, &p.fd, &server);

	if (error)
		return error;
	error = -pthread_create(&thread, NULL, pour_thread, &p);
	if (error)
		return error;
	error = drain(s, server, gbytes);
	*gbytes /= 1e9;
	pthread_join(thread, NULL);
	s->close(server);
	return error ? error : (int)p.error;
}

int flow_sink(const struct stack *s, int port, double *gbits)
{
	int l = listener(s, INADDR_ANY, port), error;
	long fd;

	if (l < 0)
		return l;
	puts("ready");
	fflush(stdout);
	fd = s->accept(l);
	s->close(l);
	if (fd < 0)
		return (int)fd;
	error = drain(s, (int)fd, gbits);
	*gbits *= 8e-9;
	s->close((int)fd);
	return error;
}

int flow_source(const struct stack *s, const char *host, int port, double seconds)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd;

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		return -EINVAL;
	fd = dial(s, &to);
	if (fd < 0)
		return fd;
	return pour(s, fd, seconds);
}
