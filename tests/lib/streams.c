/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data through pipes and sockets under contention: every byte arrives, once, in order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "common.h"
#include "tap.h"

#define STREAM_BYTES	((4l << 20) * env_long("TEST_SCALE", 1))
#define SEED		(uint64_t)env_long("TEST_SEED", 1)

/* One direction of a stream: pieces of random size from a pattern. */
struct stream {
	int fd;
	uint64_t seed;
	long bytes;
};

static long sender(void *arg)
{
	struct stream *s = arg;
	uint64_t rng = s->seed;
	static _Thread_local char buf[20000];
	long at = 0, n, want;

	while (at < s->bytes) {
		want = (long)(rng_next(&rng) % sizeof(buf)) + 1;
		if (want > s->bytes - at)
			want = s->bytes - at;
		fill_pattern(buf, (size_t)want, s->seed, (uint64_t)at);
		n = pillion_sys_write(s->fd, buf, (size_t)want);
		if (n <= 0)
			return n ? n : -1;
		at += n;
	}
	return 0;
}

static long receiver(void *arg)
{
	struct stream *s = arg;
	uint64_t rng = s->seed + 99;
	static _Thread_local char buf[20000];
	long at = 0, n;

	while (at < s->bytes) {
		struct iovec v[2] = {
			{ buf, rng_next(&rng) % 9000 + 1 }, { buf + 10000, rng_next(&rng) % 9000 + 1 },
		};
		long first;

		n = pillion_sys_readv(s->fd, v, 2);
		if (n <= 0)
			return n ? n : -1;
		first = n < (long)v[0].iov_len ? n : (long)v[0].iov_len;
		if (!check_pattern(buf, (size_t)first, s->seed, (uint64_t)at) ||
		    !check_pattern(buf + 10000, (size_t)(n - first), s->seed, (uint64_t)(at + first)))
			return -2;
		at += n;
	}
	return 0;
}

static bool tcp_pair(int fds[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int len = sizeof(a), l = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0);

	fds[0] = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0);
	if (pillion_sys_bind(l, (void *)&a, sizeof(a)) || pillion_sys_listen(l, 1) ||
	    pillion_sys_getsockname(l, (void *)&a, (void *)&len) ||
	    pillion_sys_connect(fds[0], (void *)&a, sizeof(a)))
		return false;
	fds[1] = (int)pillion_sys_accept4(l, NULL, NULL, 0);
	pillion_sys_close(l);
	return fds[1] >= 0;
}

static void run_streams(const char *what, struct stream s[][2], int n)
{
	static struct worker w[16][2];
	int good = 1;

	for (int i = 0; i < n; i++) {
		worker_start(&w[i][0], 0, sender, &s[i][0]);
		worker_start(&w[i][1], 0, receiver, &s[i][1]);
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < 2; k++) {
			long r = worker_join(&w[i][k]);

			if (r)
				diag("stream %d, %s: %ld", i, k ? "receiver" : "sender", r);
			good &= r == 0;
		}
	ok(good, "%s: %d streams of %ld bytes at once", what, n, s[0][0].bytes);
	for (int i = 0; i < n; i++) {
		pillion_sys_close(s[i][0].fd);
		pillion_sys_close(s[i][1].fd);
	}
}

static void set_stream(struct stream s[2], int from, int to, uint64_t seed, long bytes)
{
	s[0] = (struct stream){ from, seed, bytes };
	s[1] = (struct stream){ to, seed, bytes };
}

static void test_streams(void)
{
	static struct stream s[16][2];
	long bytes = STREAM_BYTES;
	int fds[2];

	for (int i = 0; i < 6; i++) {
		pillion_sys_pipe2(fds, 0);
		set_stream(s[i], fds[1], fds[0], SEED + (uint64_t)i, bytes);
	}
	run_streams("pipes", s, 6);
	for (int i = 0; i < 6; i += 2) {
		pillion_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
		set_stream(s[i], fds[1], fds[0], SEED + 10 + (uint64_t)i, bytes);
		set_stream(s[i + 1], (int)pillion_sys_dup(fds[0]), (int)pillion_sys_dup(fds[1]),
		    SEED + 20 + (uint64_t)i, bytes);
	}
	run_streams("unix sockets, both ways", s, 6);
	for (int i = 0; i < 6; i += 2) {
		if (!tcp_pair(fds)) {
			ok(0, "TCP over the loopback interface");
			return;
		}
		set_stream(s[i], fds[1], fds[0], SEED + 30 + (uint64_t)i, bytes);
		set_stream(s[i + 1], (int)pillion_sys_dup(fds[0]), (int)pillion_sys_dup(fds[1]),
		    SEED + 40 + (uint64_t)i, bytes);
	}
	run_streams("TCP, both ways", s, 6);
}

/* Many write records into one pipe; writes up to PIPE_BUF are not torn apart. */
#define WRITERS	8
#define RECORDS	2000
static int shared[2];

static long record_writer(void *arg)
{
	char rec[64];

	memset(rec, 'a' + (int)(long)arg, sizeof(rec));
	for (int i = 0; i < RECORDS; i++) {
		memcpy(rec, &i, sizeof(i));
		if (pillion_sys_write(shared[1], rec, sizeof(rec)) != sizeof(rec))
			return -1;
	}
	return 0;
}

static void test_records(void)
{
	struct worker w[WRITERS];
	int next[WRITERS] = { 0 }, torn = 0, n;
	char rec[64];

	pillion_sys_pipe2(shared, 0);
	for (long i = 0; i < WRITERS; i++)
		worker_start(&w[i], 0, record_writer, (void *)i);
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		int who;

		if (pillion_sys_read(shared[0], rec, sizeof(rec)) != sizeof(rec))
			break;
		memcpy(&n, rec, sizeof(n));
		who = rec[10] - 'a';
		for (size_t k = sizeof(n); k < sizeof(rec); k++)
			torn += rec[k] != rec[10];
		if (who < 0 || who >= WRITERS || next[who]++ != n)
			torn++;
	}
	is(torn, 0, "%d writers of one pipe: records whole and in order", WRITERS);
	for (int i = 0; i < WRITERS; i++)
		torn += worker_join(&w[i]) != 0;
	is(torn, 0, "all are written");
	pillion_sys_close(shared[0]);
	pillion_sys_close(shared[1]);
}

/* Datagrams keep their borders; descriptors travel; credentials are told. */
static void test_unix(void)
{
	int fds[2], pass[2], got;
	char c = 'x', control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &c, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/sock" };
	struct ucred cred;
	unsigned len = sizeof(cred);

	pillion_sys_socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	pillion_sys_pipe2(pass, 0);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &pass[1], sizeof(int));
	is(pillion_sys_sendmsg(fds[0], &m, 0), 1, "send a descriptor");
	pillion_sys_close(pass[1]);
	memset(control, 0, sizeof(control));
	is(pillion_sys_recvmsg(fds[1], &m, 0), 1, "receive it");
	memcpy(&got, CMSG_DATA(h), sizeof(int));
	is(pillion_sys_write(got, "hello", 5), 5, "and write to it");
	ok(pillion_sys_read(pass[0], control, 16) == 5, "which arrives");
	is(pillion_sys_getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &cred, (void *)&len), 0, "credentials");
	ok(cred.pid == 1 && cred.uid == 0, "of the other end");
	pillion_sys_write(fds[0], "abc", 3);
	pillion_sys_write(fds[0], "defg", 4);
	is(pillion_sys_read(fds[1], control, 16), 3, "records keep their borders");
	is(pillion_sys_read(fds[1], control, 2), 2, "and are cut where the buffer ends");
	got = (int)pillion_sys_socket(AF_UNIX, SOCK_STREAM, 0);
	is(pillion_sys_connect(got, (void *)&name, sizeof(name)), -ENOENT, "connect to no name");
	is(pillion_sys_bind(got, (void *)&name, sizeof(name)), 0, "bind a name");
	pass[0] = (int)pillion_sys_socket(AF_UNIX, SOCK_STREAM, 0);
	is(pillion_sys_bind(pass[0], (void *)&name, sizeof(name)), -EADDRINUSE, "once");
}

int main(void)
{
	tap_begin();
	boot(NULL);
	test_streams();
	test_records();
	test_unix();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
