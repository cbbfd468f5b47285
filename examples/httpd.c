/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * httpd: a web server whose TCP/IP stack and file system are the donor's, in this process.
 *
 *	ip tuntap add pil0 mode tap && ip addr add 192.0.2.1/24 dev pil0 && ip link set pil0 up
 *	httpd --tap pil0 --address 192.0.2.2/24 --disk site.img
 *	curl http://192.0.2.2/
 *
 * One thread does it all, waiting with epoll. Another one waits for SIGINT and SIGTERM and
 * writes to an eventfd of the donor, so that the end is a clean one. http.c has the protocol.
 *
 * Locking: the connections belong to the main thread; stop_fd is set before the other one starts.
 */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>

#include <pillion/net.h>
#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "http.h"

#define MAX_ADDRS	8
#define MAX_CONNS	480	/* each may have a file open, too: 1024 descriptors */
#define IDLE_SECONDS	30

struct server {
	const char *tap, *disk, *root;
	const char *address[MAX_ADDRS], *gateway[MAX_ADDRS];
	unsigned naddresses, port, memory, partition;
	bool dhcp;
	int epoll, listener, stop_fd, root_fd;
	struct http_conn *conns;
	unsigned nconns;
	bool paused;		/* too many connections: none is accepted for now */
};

static struct server server = { .port = 80, .memory = 64 };

static const struct argp_option options[] = {
	{ "tap", 't', "NAME", 0, "attach the tap interface NAME of the host", 0 },
	{ "address", 'a', "ADDR/PREFIX", 0, "an address, IPv4 or IPv6 (may be repeated)", 0 },
	{ "gateway", 'g', "ADDR", 0, "the gateway for the address before it", 0 },
	{ "dhcp", 'd', NULL, 0, "get an IPv4 address by DHCP", 0 },
	{ "disk", 'D', "IMAGE", 0, "serve the file system in IMAGE, which stays as it is", 0 },
	{ "partition", 'P', "N", 0, "partition N of the image", 0 },
	{ "root", 'r', "DIR", 0, "serve this directory (of the donor)", 0 },
	{ "port", 'p', "PORT", 0, "listen here (80)", 0 },
	{ "memory", 'm', "MIB", 0, "memory of the donor (64)", 0 },
	{ 0 }
};

static unsigned parse_number(struct argp_state *state, const char *arg, unsigned max)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || n == 0 || n > max)
		argp_error(state, "not a number from 1 to %u: %s", max, arg);
	return (unsigned)n;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct server *s = state->input;

	switch (key) {
	case 't':
		s->tap = arg;
		break;
	case 'a':
		if (s->naddresses == MAX_ADDRS)
			argp_error(state, "too many addresses");
		s->address[s->naddresses++] = arg;
		break;
	case 'g':
		if (!s->naddresses || s->gateway[s->naddresses - 1])
			argp_error(state, "--gateway stands after the --address it is for");
		s->gateway[s->naddresses - 1] = arg;
		break;
	case 'd':
		s->dhcp = true;
		break;
	case 'D':
		s->disk = arg;
		break;
	case 'P':
		s->partition = parse_number(state, arg, 128);
		break;
	case 'r':
		s->root = arg;
		break;
	case 'p':
		s->port = parse_number(state, arg, 65535);
		break;
	case 'm':
		s->memory = parse_number(state, arg, 65536);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void check(long r, const char *what, const char *name)
{
	if (r >= 0)
		return;
	fprintf(stderr, "httpd: %s%s%s: %s\n", what, name ? " " : "", name ? name : "",
	    strerror((int)-r));
	exit(1);
}

/* ---- setting up ---- */

/*
 * Mount the device with whatever file system of the donor takes it. ext4 comes first: ext2 and ext3
 * are it, too, and would only say what they lack.
 */
static long mount_any(const char *device, const char *dir)
{
	char list[2048], *save = NULL;
	long fd, n, error = pillion_sys_mount(device, dir, "ext4", MS_RDONLY | MS_NOSUID, NULL);

	if (error != -EINVAL)
		return error;
	fd = pillion_sys_openat(AT_FDCWD, "/proc/filesystems", O_RDONLY, 0);
	n = fd < 0 ? fd : pillion_sys_read((int)fd, list, sizeof(list) - 1);
	if (fd >= 0)
		pillion_sys_close((int)fd);
	if (n < 0)
		return n;
	list[n] = '\0';
	for (char *line = strtok_r(list, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (*line != '\t')
			continue;	/* "nodev" */
		error = pillion_sys_mount(device, dir, line + 1, MS_RDONLY | MS_NOSUID, NULL);
		if (error != -EINVAL && error != -EUCLEAN)
			break;
	}
	return error;
}

static void open_disk(struct server *s)
{
	char name[32], device[64];

	/* An overlay, so that the donor may recover a journal, and the image stays as it is. */
	check(pillion_disk_path(s->disk, PILLION_DISK_OVERLAY, name), "cannot open", s->disk);
	if (s->partition)
		snprintf(device, sizeof(device), "/dev/%s%u", name, s->partition);
	else
		snprintf(device, sizeof(device), "/dev/%s", name);
	pillion_sys_mkdirat(AT_FDCWD, "/site", 0755);
	check(mount_any(device, "/site"), "cannot mount", s->disk);
	if (!s->root)
		s->root = "/site";
}

static void open_network(struct server *s)
{
	struct pillion_lease lease;
	char name[32];

	check(pillion_net_up("lo"), "lo", NULL);
	if (!s->tap)
		return;
	check(pillion_net_tap(s->tap, name), "cannot attach", s->tap);
	check(pillion_net_up(name), "cannot bring up", name);
	for (unsigned i = 0; i < s->naddresses; i++)
		check(pillion_net_address(name, s->address[i], s->gateway[i]), "cannot set address",
		    s->address[i]);
	if (s->dhcp) {
		check(pillion_net_lease(name, 30000, &lease), "no DHCP lease on", s->tap);
		printf("%s has %s for %u seconds\n", name, lease.address, lease.seconds);
	}
}

static void watch(struct server *s, int op, int fd, unsigned events, void *what)
{
	struct epoll_event ev = { .events = events, .data.ptr = what };

	check(pillion_sys_epoll_ctl(s->epoll, op, fd, &ev), "epoll", NULL);
}

static void open_sockets(struct server *s)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)s->port) };
	int one = 1;

	s->listener = (int)pillion_sys_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	check(s->listener, "socket", NULL);
	pillion_sys_setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	check(pillion_sys_bind(s->listener, (struct sockaddr *)&any, sizeof(any)), "bind", NULL);
	check(pillion_sys_listen(s->listener, 512), "listen", NULL);
	s->epoll = (int)pillion_sys_epoll_create1(EPOLL_CLOEXEC);
	check(s->epoll, "epoll", NULL);
	watch(s, EPOLL_CTL_ADD, s->listener, EPOLLIN, &s->listener);
	watch(s, EPOLL_CTL_ADD, s->stop_fd, EPOLLIN, &s->stop_fd);
}

/* ---- serving ---- */

static int64_t now(void)
{
	struct timespec ts;

	pillion_sys_clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void drop(struct server *s, struct http_conn *c)
{
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	http_fini(c);	/* a closed descriptor leaves the epoll set by itself */
	free(c);
	s->nconns--;
	if (s->paused) {
		watch(s, EPOLL_CTL_MOD, s->listener, EPOLLIN, &s->listener);
		s->paused = false;
	}
}

static void drive(struct server *s, struct http_conn *c)
{
	enum http_state state = http_drive(c, s->root_fd);

	c->active = now();
	if (state == HTTP_DONE)
		drop(s, c);
	else
		watch(s, EPOLL_CTL_MOD, c->fd, state == HTTP_WRITE ? EPOLLOUT : EPOLLIN, c);
}

static void accept_all(struct server *s)
{
	struct http_conn *c;
	long fd;

	while (s->nconns < MAX_CONNS) {
		fd = pillion_sys_accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -ECONNABORTED || fd == -EINTR)
			continue;
		if (fd < 0 && fd != -EAGAIN)
			break;
		if (fd < 0)
			return;
		c = malloc(sizeof(*c));
		if (!c) {
			pillion_sys_close((int)fd);
			return;
		}
		http_init(c, (int)fd);
		c->active = now();
		c->next = s->conns;
		c->prev = &s->conns;
		if (c->next)
			c->next->prev = &c->next;
		s->conns = c;
		s->nconns++;
		watch(s, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
	}
	/* Enough, or no descriptors: when one connection ends another may begin. */
	s->paused = s->nconns > 0;
	if (s->paused)
		watch(s, EPOLL_CTL_MOD, s->listener, 0, &s->listener);
}

static void drop_idle(struct server *s)
{
	int64_t limit = now() - IDLE_SECONDS;
	struct http_conn *c, *next;

	for (c = s->conns; c; c = next) {
		next = c->next;
		if (c->active < limit)
			drop(s, c);
	}
}

static void serve(struct server *s)
{
	struct epoll_event ev[64];
	int64_t swept = now();
	long n;

	for (;;) {
		n = pillion_sys_epoll_pwait(s->epoll, ev, 64, 1000 * IDLE_SECONDS, NULL, 0);
		if (n < 0 && n != -EINTR)
			check(n, "epoll", NULL);
		for (long i = 0; i < n; i++) {
			if (ev[i].data.ptr == &s->stop_fd)
				return;
			if (ev[i].data.ptr == &s->listener)
				accept_all(s);
			else
				drive(s, ev[i].data.ptr);
		}
		if (now() - swept >= IDLE_SECONDS / 2) {
			drop_idle(s);
			swept = now();
		}
	}
}

/* The thread that waits for the end. */
static void *wait_for_signal(void *arg)
{
	uint64_t one = 1;
	int sig;

	sigwait(arg, &sig);
	pillion_sys_write(server.stop_fd, &one, sizeof(one));
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, NULL,
		"Serve files over HTTP with a TCP/IP stack and a file system of this process's own.",
		NULL, NULL, NULL };
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 4 };
	struct server *s = &server;
	pthread_t waiter;
	sigset_t set;

	argp_parse(&argp, argc, argv, 0, NULL, s);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	opt.memory = (size_t)s->memory << 20;
	check(pillion_boot(&opt), "cannot boot", NULL);
	s->stop_fd = (int)pillion_sys_eventfd2(0, 0);
	check(s->stop_fd, "eventfd", NULL);
	if (s->disk)
		open_disk(s);
	if (!s->root)
		s->root = "/";
	s->root_fd = (int)pillion_sys_openat(AT_FDCWD, s->root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	check(s->root_fd, "cannot open", s->root);
	open_network(s);
	open_sockets(s);
	check(-pthread_create(&waiter, NULL, wait_for_signal, &set), "thread", NULL);
	printf("httpd: listening on port %u\n", s->port);
	fflush(stdout);
	serve(s);
	pthread_join(waiter, NULL);
	while (s->conns)
		drop(s, s->conns);
	pillion_sys_close(s->root_fd);
	check(pillion_shutdown(), "shutdown", NULL);
	return 0;
}
