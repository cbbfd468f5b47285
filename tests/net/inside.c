/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets inside one donor, without any interface of the host's: TCP over lo between threads with
 * every byte checked, UDP, IPv6, UNIX sockets with descriptors passed, packet sockets that see it
 * all, a closed peer (EPIPE, a callback, no signal of the host's), an interrupted wait, many
 * connections at once, and addresses that are wrong.
 *
 * Locking: each thread has its sockets; what they count is atomic.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "tap.h"

#define STREAM	(64u << 20)
#define CHUNK	65536

static atomic_int donor_signals, host_signals, last_signal;

static void on_donor_signal(void *arg, int pid, int sig)
{
	(void)arg;
	(void)pid;
	last_signal = sig;
	donor_signals++;
}

static void on_host_signal(int sig)
{
	(void)sig;
	host_signals++;
}

static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* An address of 127.0.0.1 or ::1. */
static unsigned local(int family, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)family;
	if (family == AF_INET6) {
		v6->sin6_port = htons(port);
		v6->sin6_addr = in6addr_loopback;
		return sizeof(*v6);
	}
	v4->sin_port = htons(port);
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(*v4);
}

static int bound(int family, int type, uint16_t port)
{
	struct sockaddr_storage ss;
	unsigned len = local(family, port, &ss);
	long fd = pillion_sys_socket(family, type, 0), r;
	int one = 1;

	pillion_sys_setsockopt((int)fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	r = pillion_sys_bind((int)fd, (struct sockaddr *)&ss, len);
	if (!r && type == SOCK_STREAM)
		r = pillion_sys_listen((int)fd, 512);
	return r < 0 ? (int)r : (int)fd;
}

static int connected(int family, int type, uint16_t port)
{
	struct sockaddr_storage ss;
	unsigned len = local(family, port, &ss);
	long fd = pillion_sys_socket(family, type, 0);
	long r = pillion_sys_connect((int)fd, (struct sockaddr *)&ss, len);

	if (r < 0)
		pillion_sys_close((int)fd);
	return r < 0 ? (int)r : (int)fd;
}

/* ---- a stream between two threads ---- */

static void *stream_sender(void *arg)
{
	int fd = connected((int)(long)arg, SOCK_STREAM, 4000);
	uint64_t seed = 42, *buf = malloc(CHUNK);

	for (size_t sent = 0; fd >= 0 && sent < STREAM; sent += CHUNK) {
		for (size_t i = 0; i < CHUNK / 8; i++)
			buf[i] = next(&seed);
		for (long off = 0, n; off < CHUNK; off += n) {
			n = pillion_sys_write(fd, (char *)buf + off, (size_t)(CHUNK - off));
			if (n <= 0)
				goto out;
		}
	}
out:
	free(buf);
	pillion_sys_close(fd);
	return NULL;
}

static void stream(int family, const char *name)
{
	int s = bound(family, SOCK_STREAM, 4000), fd, wrong = 0;
	uint64_t seed = 42, *buf = malloc(CHUNK);
	struct timespec a, b;
	size_t got = 0;
	pthread_t t;
	double sec;

	clock_gettime(CLOCK_MONOTONIC, &a);
	pthread_create(&t, NULL, stream_sender, (void *)(long)family);
	fd = (int)pillion_sys_accept(s, NULL, NULL);
	for (;;) {
		long n = pillion_sys_recvfrom(fd, buf, CHUNK, MSG_WAITALL, NULL, NULL);

		if (n <= 0)
			break;
		for (long i = 0; i < n / 8; i++)
			wrong += buf[i] != next(&seed);
		got += (size_t)n;
	}
	pthread_join(t, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	sec = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	ok(got == STREAM && wrong == 0, "%s: 64 MB over lo, byte for byte", name);
	printf("# %.2f GB/s\n", STREAM / sec / 1e9);
	pillion_sys_close(fd);
	pillion_sys_close(s);
	free(buf);
}

/* ---- many connections at once, served with epoll ---- */

#define CLIENTS	8
#define ROUNDS	60

static atomic_int rounds_right;

static void *client(void *arg)
{
	uint64_t seed = 1000 + (uint64_t)(long)arg;
	char out[3000], in[3000];

	for (int i = 0; i < ROUNDS; i++) {
		int fd = connected(i % 2 ? AF_INET6 : AF_INET, SOCK_STREAM, 4001);
		size_t len = 1 + next(&seed) % sizeof(out);

		for (size_t j = 0; j < len; j++)
			out[j] = (char)next(&seed);
		pillion_sys_write(fd, out, len);
		if (pillion_sys_recvfrom(fd, in, len, MSG_WAITALL, NULL, NULL) == (long)len &&
		    !memcmp(in, out, len))
			rounds_right++;
		pillion_sys_close(fd);
	}
	return NULL;
}

static void serve_echo(int ep, int s)
{
	struct epoll_event ev[16], add = { .events = EPOLLIN };
	int ended = 0;
	char buf[4096];

	while (ended < CLIENTS * ROUNDS) {
		long n = pillion_sys_epoll_pwait(ep, ev, 16, 5000, NULL, 0);

		if (n <= 0)
			return;
		for (long i = 0; i < n; i++) {
			int fd = ev[i].data.fd;
			long r;

			if (fd == s) {
				add.data.fd = (int)pillion_sys_accept(s, NULL, NULL);
				pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, add.data.fd, &add);
				continue;
			}
			r = pillion_sys_read(fd, buf, sizeof(buf));
			if (r > 0) {
				pillion_sys_write(fd, buf, (size_t)r);
			} else {
				pillion_sys_close(fd);
				ended++;
			}
		}
	}
}

static void many(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(4001) };
	int s = (int)pillion_sys_socket(AF_INET6, SOCK_STREAM, 0);
	int ep = (int)pillion_sys_epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = s };
	pthread_t t[CLIENTS];

	pillion_sys_bind(s, (struct sockaddr *)&any, sizeof(any));
	pillion_sys_listen(s, 128);
	pillion_sys_epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev);
	for (long i = 0; i < CLIENTS; i++)
		pthread_create(&t[i], NULL, client, (void *)i);
	serve_echo(ep, s);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(t[i], NULL);
	is(rounds_right, CLIENTS * ROUNDS, "480 connections from 8 threads, an epoll server");
	pillion_sys_close(ep);
	pillion_sys_close(s);
}

/* ---- UNIX sockets ---- */

static void unix_sockets(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/tmp-socket" };
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct iovec iov = { (char *)"fd", 2 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ctl, .msg_controllen = sizeof(ctl),
	};
	int s = (int)pillion_sys_socket(AF_UNIX, SOCK_SEQPACKET, 0), c, a, p[2], got = -1;
	char buf[16];

	is(pillion_sys_bind(s, (struct sockaddr *)&un, sizeof(un)), 0, "bind a UNIX socket");
	pillion_sys_listen(s, 1);
	c = (int)pillion_sys_socket(AF_UNIX, SOCK_SEQPACKET, 0);
	is(pillion_sys_connect(c, (struct sockaddr *)&un, sizeof(un)), 0, "connect to it");
	a = (int)pillion_sys_accept(s, NULL, NULL);
	pillion_sys_pipe2(p, 0);
	memset(&ctl, 0, sizeof(ctl));
	ctl.h.cmsg_level = SOL_SOCKET;
	ctl.h.cmsg_type = SCM_RIGHTS;
	ctl.h.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&ctl.h), &p[1], sizeof(int));
	is(pillion_sys_sendmsg(c, &msg, 0), 2, "send a descriptor");
	memset(&ctl, 0, sizeof(ctl));
	iov.iov_base = buf;
	is(pillion_sys_recvmsg(a, &msg, 0), 2, "receive it");
	memcpy(&got, CMSG_DATA(&ctl.h), sizeof(int));
	pillion_sys_close(p[1]);
	pillion_sys_write(got, "through", 7);
	ok(pillion_sys_read(p[0], buf, sizeof(buf)) == 7 && !memcmp(buf, "through", 7),
	    "what arrived is the pipe");
	pillion_sys_close(got);
	pillion_sys_close(p[0]);
	pillion_sys_close(a);
	pillion_sys_close(c);
	pillion_sys_close(s);
	is(pillion_sys_unlinkat(AT_FDCWD, un.sun_path, 0), 0, "the name is a file");
}

/* ---- datagrams, and a packet socket that watches ---- */

static int find_packet(int fd, const char *text)
{
	unsigned char frame[2048];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		struct timespec ts = { 1, 0 };
		long n = pillion_sys_ppoll(&p, 1, &ts, NULL, 0);

		if (n <= 0)
			return 0;
		n = pillion_sys_read(fd, frame, sizeof(frame));
		if (n >= 14 + 20 + 8 && frame[12] == 8 && frame[14] == 0x45 && frame[23] == 17 &&
		    n >= 42 + (long)strlen(text) && !memcmp(frame + 42, text, strlen(text)))
			return 1;
	}
}

static void datagrams(void)
{
	int s = bound(AF_INET, SOCK_DGRAM, 4002), c = connected(AF_INET, SOCK_DGRAM, 4002);
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = 1 };
	int p = (int)pillion_sys_socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	char *big = calloc(1, 65507), buf[64];

	is(pillion_sys_bind(p, (struct sockaddr *)&ll, sizeof(ll)), 0, "a packet socket on lo");
	is(pillion_sys_write(c, "watched", 7), 7, "send a datagram");
	is(pillion_sys_read(s, buf, sizeof(buf)), 7, "receive it");
	ok(find_packet(p, "watched"), "the packet socket has seen it");
	is(pillion_sys_write(c, big, 65507), 65507, "the longest datagram");
	is(pillion_sys_recvfrom(s, big, 65507, 0, NULL, NULL), 65507, "arrives whole");
	is(pillion_sys_write(c, big, 65508), -EMSGSIZE, "one byte more does not go");
	pillion_sys_close(s);
	is(pillion_sys_write(c, "x", 1), 1, "send to nobody");
	is(pillion_sys_read(c, buf, sizeof(buf)), -ECONNREFUSED, "ICMP says so");
	pillion_sys_close(c);
	pillion_sys_close(p);
	free(big);
}

/* ---- the ends of things ---- */

static struct pillion_task *_Atomic waiter_task;

static void *waiter(void *arg)
{
	int s = (int)(long)arg;

	pillion_sys_getpid();
	waiter_task = pillion_self();
	return (void *)pillion_sys_accept(s, NULL, NULL);
}

static void ends(void)
{
	int s = bound(AF_INET, SOCK_STREAM, 4003), c, a;
	struct timespec ms = { 0, 50000000 };
	struct sockaddr_storage ss;
	unsigned len;
	void *result;
	pthread_t t;
	char buf[4];

	is(connected(AF_INET, SOCK_STREAM, 4999), -ECONNREFUSED, "nobody listens");
	c = connected(AF_INET, SOCK_STREAM, 4003);
	a = (int)pillion_sys_accept(s, NULL, NULL);
	pillion_sys_close(a);
	is(pillion_sys_read(c, buf, sizeof(buf)), 0, "end of file from a closed peer");
	pillion_sys_write(c, "x", 1);
	nanosleep(&ms, NULL);
	donor_signals = last_signal = 0;
	is(pillion_sys_write(c, "x", 1), -EPIPE, "write to it: -EPIPE");
	is(last_signal, SIGPIPE, "and a donor's SIGPIPE, to the callback");
	is(pillion_sys_sendto(c, "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE, "send without a signal");
	is(donor_signals, 1, "calls nobody");
	is(host_signals, 0, "the host has seen no signal");
	pillion_sys_close(c);

	pthread_create(&t, NULL, waiter, (void *)(long)s);
	while (!waiter_task)
		sched_yield();
	nanosleep(&ms, NULL);
	is(pillion_interrupt(waiter_task), 0, "interrupt a thread that accepts");
	pthread_join(t, &result);
	is((long)result, -EINTR, "its call ends with EINTR");
	pillion_sys_close(s);

	c = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0);
	len = local(AF_INET, 1, &ss);
	is(pillion_sys_connect(c, (struct sockaddr *)8, len), -EFAULT, "a bad address pointer");
	is(pillion_sys_connect(c, (struct sockaddr *)&ss, 4), -EINVAL, "a short address");
	is(pillion_sys_getsockname(c, (struct sockaddr *)&ss, (unsigned *)8), -EFAULT,
	    "a bad length pointer");
	is(pillion_sys_sendto(c, "x", 1, 0, NULL, 0), -EPIPE, "not connected");
	is(pillion_sys_socket(77, SOCK_STREAM, 0), -EAFNOSUPPORT, "no such family");
	pillion_sys_close(c);
}

/* Whether the donor has this address. */
static int bound_to(const char *addr)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	long fd = pillion_sys_socket(AF_INET, SOCK_DGRAM, 0), r;

	inet_pton(AF_INET, addr, &sin.sin_addr);
	r = pillion_sys_bind((int)fd, (struct sockaddr *)&sin, sizeof(sin));
	pillion_sys_close((int)fd);
	return r == 0;
}

static void addresses(void)
{
	is(pillion_net_address("lo", "10.9.8.7/24", NULL), 0, "another address for lo");
	is(pillion_net_address("lo", "fd00::7/64", NULL), 0, "and an IPv6 one");
	is(pillion_net_address("lo", "10.9.8.7/24", NULL), 0, "the same again");
	is(pillion_net_address("nil0", "10.9.8.7/24", NULL), -ENODEV, "no such interface");
	is(pillion_net_address("lo", "10.9.8.7", NULL), -EINVAL, "no prefix");
	is(pillion_net_address("lo", "10.9.8.7/33", NULL), -EINVAL, "too long a prefix");
	is(pillion_net_address("lo", "10.9.8.7/-1", NULL), -EINVAL, "a negative one");
	is(pillion_net_address("lo", "10.9.8/24", NULL), -EINVAL, "not an address");
	is(pillion_net_address("lo", "fd00::7::/64", NULL), -EINVAL, "not an IPv6 address");
	is(pillion_net_address("lo", "10.9.8.8/24", "fd00::1"), -EINVAL, "a gateway of the other kind");
	is(pillion_net_address("lo", "10.66.0.8/32", "10.77.0.1"), -ENETUNREACH,
	    "a gateway that cannot be reached");
	is(pillion_net_address("lo", "10.9.8.7/24", "10.77.0.1"), -ENETUNREACH,
	    "the same for an address that is there already");
	ok(bound_to("10.9.8.7") && !bound_to("10.66.0.8"),
	    "what was there stays, what was added for it goes");
	is(pillion_net_up("nil0"), -ENODEV, "bring up no such interface");
	is(pillion_net_up(""), -EINVAL, "or none");
	is(pillion_net_up("a-name-that-is-too-long"), -EINVAL, "or too long a name");
	is(pillion_net_dhcp("lo", 100, (char[64]){ "" }), -EINVAL, "DHCP on lo");
	is(pillion_net_tap("a-name-that-is-too-long", (char[32]){ "" }), -EINVAL, "no tap's name");
	is(pillion_net_tap_fd(-1, (char[32]){ "" }), -EBADF, "a closed descriptor for a tap");
	is(pillion_net_tap_fd(0, (char[32]){ "" }), -EINVAL, "something else for a tap");
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 3,
		.signal = on_donor_signal };

	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != SIGSEGV && sig != SIGBUS)
			signal(sig, on_host_signal);
	is(pillion_net_up("lo"), -ENODEV, "nothing before boot");
	is(pillion_boot(&opt), 0, "boot");
	pillion_net_up("lo");
	stream(AF_INET, "IPv4");
	stream(AF_INET6, "IPv6");
	many();
	unix_sockets();
	datagrams();
	ends();
	addresses();
	is(pillion_shutdown(), 0, "shutdown");
	return tap_done();
}
