/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flow: streams of bytes that are checked where they arrive, over the host's stack or a donor's.
 *
 *	flow [options] listen PORT		until it is killed
 *	flow [options] send ADDR PORT BYTES	connect and send; the other end checks
 *	flow [options] recv ADDR PORT BYTES	connect and receive; this end checks
 *	flow [options] echo ADDR PORT COUNT	UDP datagrams there and back
 *
 *	-t TAP		use a donor, with this tap; without it the host's stack
 *	-a ADDR/LEN	its address (may be repeated), -g GATEWAY
 *	-d		its address by DHCP, which is printed
 *	-f		open the tap here and hand the descriptor over; -F: one without the packet header
 *	-o		no offload: the donor makes all checksums and segments
 *	-s		say the rate
 *
 * A connection begins with a request of 16 bytes, 'S' or 'R' (what the server does) and the count.
 * The bytes are those of a generator with a fixed seed. The receiver of a stream answers with one
 * byte when all was right. The same code serves both stacks: a call is a number and arguments.
 *
 * Locking: none; a thread for each connection, with its own state.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#define CHUNK	(256 * 1024)

static long host_call(long nr, long a, long b, long c, long d, long e, long f)
{
	long r = syscall(nr, a, b, c, d, e, f);

	return r == -1 ? -errno : r;
}

static long (*call)(long, long, long, long, long, long, long) = host_call;
#define CALL(n, a, b, c, d, e, f) \
	call(SYS_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

struct request {
	char what;
	char pad[7];
	uint64_t count;
};

static _Noreturn void fail(const char *what, long r)
{
	fprintf(stderr, "flow: %s: %s\n", what, r < 0 ? strerror((int)-r) : "wrong");
	exit(1);
}

/* The stream: each 8 bytes are the next number of an xorshift generator. */
static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static long send_stream(int fd, uint64_t count)
{
	uint64_t seed = 88172645463325252u;
	uint64_t *buf = malloc(CHUNK);
	long r = 0;

	while (count > 0 && r >= 0) {
		size_t len = count < CHUNK ? (size_t)count : CHUNK;

		for (size_t i = 0; i < CHUNK / 8; i++)
			buf[i] = next(&seed);
		for (size_t off = 0; off < len && r >= 0; off += (size_t)r)
			r = CALL(sendto, fd, (char *)buf + off, len - off, MSG_NOSIGNAL, 0, 0);
		count -= len;
	}
	free(buf);
	return r < 0 ? r : 0;
}

static long recv_stream(int fd, uint64_t count)
{
	uint64_t seed = 88172645463325252u;
	uint64_t *buf = malloc(CHUNK);
	long r = 0;

	while (count > 0) {
		size_t len = count < CHUNK ? (size_t)count : CHUNK, off, i;

		for (off = 0; off < len; off += (size_t)r) {
			r = CALL(recvfrom, fd, (char *)buf + off, len - off, MSG_WAITALL, 0, 0);
			if (r <= 0)
				goto out;
		}
		for (i = 0; i < len / 8; i++)
			if (buf[i] != next(&seed))
				goto wrong;
		/* only the last chunk has an odd end */
		for (uint64_t last = len % 8 ? next(&seed) : 0, o = i * 8; o < len; o++, last >>= 8)
			if (((uint8_t *)buf)[o] != (uint8_t)last)
				goto wrong;
		count -= len;
	}
	free(buf);
	return 0;
wrong:
	r = -EBADMSG;
out:
	free(buf);
	return r < 0 ? r : -EPIPE;
}

/* ---- server ---- */

static void *serve_one(void *arg)
{
	int fd = (int)(long)arg;
	struct request req;
	long r = CALL(recvfrom, fd, &req, sizeof(req), MSG_WAITALL, 0, 0);

	if (r == sizeof(req) && req.what == 'S')
		r = send_stream(fd, req.count);
	else if (r == sizeof(req) && req.what == 'R')
		r = recv_stream(fd, req.count);
	else
		r = -EPROTO;
	if (r == 0 && req.what == 'R')
		CALL(sendto, fd, "k", 1, MSG_NOSIGNAL, 0, 0);
	if (r < 0 && r != -EPROTO)
		fprintf(stderr, "flow: stream: %s\n", strerror((int)-r));
	CALL(close, fd, 0, 0, 0, 0, 0);
	return NULL;
}

static int open_server(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int one = 1;
	long fd = CALL(socket, AF_INET6, type, 0, 0, 0, 0), r;

	if (fd < 0)
		fail("socket", fd);
	CALL(setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one), 0);
	r = CALL(bind, fd, &any, sizeof(any), 0, 0, 0);
	if (r < 0)
		fail("bind", r);
	return (int)fd;
}

static void *echo_server(void *arg)
{
	int fd = open_server(SOCK_DGRAM, (int)(long)arg);
	struct sockaddr_in6 from;
	unsigned len;
	char *buf = malloc(65536);
	long n;

	for (;;) {
		len = sizeof(from);
		n = CALL(recvfrom, fd, buf, 65536, 0, &from, &len);
		if (n >= 0)
			CALL(sendto, fd, buf, n, 0, &from, len);
	}
	return NULL;
}

static void listen_forever(int port)
{
	int s = open_server(SOCK_STREAM, port);
	pthread_t t;
	long fd = CALL(listen, s, 128, 0, 0, 0, 0);

	if (fd < 0)
		fail("listen", fd);
	pthread_create(&t, NULL, echo_server, (void *)(long)port);
	printf("listening\n");
	fflush(stdout);
	for (;;) {
		fd = CALL(accept4, s, 0, 0, 0, 0, 0);
		if (fd < 0)
			fail("accept", fd);
		if (pthread_create(&t, NULL, serve_one, (void *)fd) == 0)
			pthread_detach(t);
	}
}

/* ---- client ---- */

static int open_client(int type, const char *addr, int port)
{
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to;
	int v6 = strchr(addr, ':') != NULL;
	long fd, r;

	memset(&to, 0, sizeof(to));
	if (v6) {
		to.v6.sin6_family = AF_INET6;
		to.v6.sin6_port = htons((uint16_t)port);
	} else {
		to.v4.sin_family = AF_INET;
		to.v4.sin_port = htons((uint16_t)port);
	}
	if (inet_pton(v6 ? AF_INET6 : AF_INET, addr, v6 ? (void *)&to.v6.sin6_addr :
	    (void *)&to.v4.sin_addr) != 1)
		fail("address", -EINVAL);
	fd = CALL(socket, v6 ? AF_INET6 : AF_INET, type, 0, 0, 0, 0);
	if (fd < 0)
		fail("socket", fd);
	r = CALL(connect, fd, &to, v6 ? sizeof(to.v6) : sizeof(to.v4), 0, 0, 0);
	if (r < 0)
		fail("connect", r);
	return (int)fd;
}

static void transfer(bool sending, const char *addr, int port, uint64_t count, bool say)
{
	struct request req = { .what = sending ? 'R' : 'S', .count = count };
	int fd = open_client(SOCK_STREAM, addr, port);
	struct timespec a, b;
	double s;
	char k;
	long r;

	clock_gettime(CLOCK_MONOTONIC, &a);
	CALL(sendto, fd, &req, sizeof(req), MSG_NOSIGNAL, 0, 0);
	r = sending ? send_stream(fd, count) : recv_stream(fd, count);
	if (r)
		fail("stream", r);
	if (sending && (r = CALL(recvfrom, fd, &k, 1, MSG_WAITALL, 0, 0)) != 1)
		fail("the other end's check", r);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CALL(close, fd, 0, 0, 0, 0, 0);
	s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	if (say)
		printf("%s %.2f Gbit/s\n", sending ? "send" : "recv", (double)count * 8 / s / 1e9);
}

static long await(struct pollfd *p, int seconds)
{
	struct timespec ts = { seconds, 0 };

	return CALL(ppoll, p, 1, &ts, 0, 8, 0);
}

/* Each of count datagrams, of sizes up to what IP carries, comes back as it was. */
static void echo(const char *addr, int port, int count)
{
	int fd = open_client(SOCK_DGRAM, addr, port), lost = 0;
	uint8_t *buf = malloc(65536), *back = malloc(65536);
	uint64_t seed = 1;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < count; i++) {
		size_t len = i == 0 ? 0 : i == 1 ? 60000 : next(&seed) % (i % 8 ? 1400 : 20000);
		long r;

		for (size_t j = 0; j < len; j++)
			buf[j] = (uint8_t)next(&seed);
		r = CALL(sendto, fd, buf, len, 0, 0, 0);
		if (r != (long)len)
			fail("send", r);
		r = await(&p, 1);
		if (r == 0) {
			r = await(&p, 5);
			fprintf(stderr, "flow: datagram %d, %zu bytes: %s\n", i, len,
			    r ? "late by a second or more" : "lost");
			if (r == 0) {
				lost++;
				continue;
			}
		}
		r = CALL(recvfrom, fd, back, 65536, 0, 0, 0);
		if (r != (long)len || memcmp(buf, back, len))
			fail("echo", r < 0 ? r : -EBADMSG);
	}
	if (lost)
		fail("datagrams lost", -ETIMEDOUT);
	free(buf);
	free(back);
}

/* ---- the donor's side ---- */

static void no_offload(const char *name)
{
	struct ethtool_value v = { .cmd = ETHTOOL_STXCSUM, .data = 0 };
	struct ifreq ifr;
	long fd = pillion_sys_socket(AF_INET, SOCK_DGRAM, 0), r;

	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	ifr.ifr_data = (void *)&v;
	r = pillion_sys_ioctl((int)fd, SIOCETHTOOL, (unsigned long)&ifr);
	if (r == 0) {
		v.cmd = ETHTOOL_SGSO;
		r = pillion_sys_ioctl((int)fd, SIOCETHTOOL, (unsigned long)&ifr);
	}
	if (r < 0)
		fail("no offload", r);
	pillion_sys_close((int)fd);
}

struct donor {
	const char *tap, *addr[4], *gateway;
	unsigned naddr;
	bool dhcp, plain;
	bool byfd, nohdr;
};

static int attach_fd(const struct donor *d, char *name)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC), r;
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, d->tap, strnlen(d->tap, IFNAMSIZ - 1));
	ifr.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | (d->nohdr ? 0 : IFF_VNET_HDR));
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		fail("/dev/net/tun", -errno);
	r = pillion_net_tap_fd(fd, name);
	close(fd);	/* the library has a duplicate */
	return r;
}

static void start_donor(const struct donor *d)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 4 };
	char name[32], addr[64];
	int r = pillion_boot(&opt);

	if (!r)
		r = d->byfd ? attach_fd(d, name) : pillion_net_tap(d->tap, name);
	if (!r && d->plain)
		no_offload(name);
	for (unsigned i = 0; i < d->naddr && !r; i++)
		r = pillion_net_address(name, d->addr[i], i ? NULL : d->gateway);
	if (!r && d->dhcp)
		r = pillion_net_dhcp(name, 10000, addr);
	if (r)
		fail("donor", r);
	if (d->dhcp)
		printf("%s\n", addr);
	fflush(stdout);
	call = pillion_syscall;
}

int main(int argc, char **argv)
{
	struct donor d = { 0 };
	bool say = false;
	int c;

	while ((c = getopt(argc, argv, "t:a:g:dfFos")) != -1)
		switch (c) {
		case 't':
			d.tap = optarg;
			break;
		case 'a':
			if (d.naddr < 4)
				d.addr[d.naddr++] = optarg;
			break;
		case 'g':
			d.gateway = optarg;
			break;
		case 'd':
			d.dhcp = true;
			break;
		case 'F':
			d.nohdr = true;
			/* fall through */
		case 'f':
			d.byfd = true;
			break;
		case 'o':
			d.plain = true;
			break;
		case 's':
			say = true;
			break;
		default:
			return 2;
		}
	argc -= optind;
	argv += optind;
	if (d.tap)
		start_donor(&d);
	if (argc == 2 && !strcmp(argv[0], "listen"))
		listen_forever(atoi(argv[1]));
	else if (argc == 4 && !strcmp(argv[0], "echo"))
		echo(argv[1], atoi(argv[2]), atoi(argv[3]));
	else if (argc == 4 && (!strcmp(argv[0], "send") || !strcmp(argv[0], "recv")))
		transfer(argv[0][0] == 's', argv[1], atoi(argv[2]), strtoull(argv[3], NULL, 10), say);
	else
		return 2;
	if (d.tap) {
		c = pillion_shutdown();
		if (c)
			fail("shutdown", c);
	}
	return 0;
}
