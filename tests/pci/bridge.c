// SPDX-License-Identifier: BSD-2-Clause
/*
 * The card's wire is a tap of the host, so that the host's own stack checks what the driver and the
 * donor's stack send: checksums, segments, lengths. In the donor runs a small web server: GET /N
 * gives N bytes of a pattern, PUT keeps what comes and GET /kept gives it back.
 *
 * At the end, when standard input does, the card's counts are printed as name=value.
 *
 * Locking: none; two threads move frames, the main one serves.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/if_tun.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "node.h"
#include "peer.h"

static int tap_fd;
static uint8_t *kept;
static size_t nkept;
static uint8_t buffer[1 << 16];

static void to_host(void *arg, const uint8_t *frame, size_t len)
{
	(void)arg;
	peer_check(frame, len);
	while (write(tap_fd, frame, len) < 0)
		; /* the queue is full for a moment */
}

static void *from_host(void *arg)
{
	uint8_t frame[E1000M_MAXFRAME];
	ssize_t n;

	(void)arg;
	while ((n = read(tap_fd, frame, sizeof(frame))) > 0) {
		if (n < 60) {
			memset(frame + n, 0, (size_t)(60 - n));
			n = 60;
		}
		e1000m_receive(frame, (size_t)n, true);
	}
	return NULL;
}

static bool send_all(int fd, const uint8_t *p, size_t len)
{
	long n;

	for (; len; p += n, len -= (size_t)n) {
		n = pillion_sys_write(fd, p, len);
		if (n <= 0)
			return false;
	}
	return true;
}

static void send_header(int fd, size_t len)
{
	char head[128];
	int n = snprintf(head, sizeof(head), "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", len);

	send_all(fd, (uint8_t *)head, (size_t)n);
}

static void give_pattern(int fd, size_t len)
{
	size_t off, n, i;

	send_header(fd, len);
	for (off = 0; off < len; off += n) {
		n = len - off < sizeof(buffer) ? len - off : sizeof(buffer);
		for (i = 0; i < n; i++)
			buffer[i] = (uint8_t)('a' + (off + i) % 23);
		if (!send_all(fd, buffer, n))
			return;
	}
}

/* The request's head is in buffer, n bytes with what came behind it. */
static void keep(int fd, size_t n)
{
	char *body = strstr((char *)buffer, "\r\n\r\n"),
	     *length = strcasestr((char *)buffer, "content-length:");
	size_t total = length ? strtoull(length + 15, NULL, 10) : 0, have;
	long got;

	if (!body || total > 64u << 20)
		return;
	if (strcasestr((char *)buffer, "100-continue"))
		send_all(fd, (const uint8_t *)"HTTP/1.1 100 Continue\r\n\r\n", 25);
	free(kept);
	kept = malloc(total + 1);
	have = n - (size_t)(body + 4 - (char *)buffer);
	memcpy(kept, body + 4, have);
	while (have < total) {
		got = pillion_sys_read(fd, kept + have, total - have);
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	nkept = have;
	send_header(fd, 0);
}

static void serve(int fd)
{
	size_t have = 0;
	long n;

	do {
		n = pillion_sys_read(fd, buffer + have, sizeof(buffer) - 1 - have);
		if (n <= 0)
			return;
		have += (size_t)n;
		buffer[have] = 0;
	} while (!strstr((char *)buffer, "\r\n\r\n") && have < sizeof(buffer) - 1);
	if (!strncmp((char *)buffer, "PUT ", 4)) {
		keep(fd, have);
	} else if (!strncmp((char *)buffer, "GET /kept", 9)) {
		send_header(fd, nkept);
		send_all(fd, kept, nkept);
	} else {
		give_pattern(fd, strtoull((char *)buffer + 5, NULL, 10));
	}
}

static void *serve_all(void *arg)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(80) };
	int fd = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0), one = 1;
	struct timeval tv = { .tv_usec = 200000 };
	const volatile bool *over = arg;
	long conn;

	pillion_sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	pillion_sys_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (pillion_sys_bind(fd, (struct sockaddr *)&me, sizeof(me)) || pillion_sys_listen(fd, 16))
		return NULL;
	while (!*over) {
		conn = pillion_sys_accept4(fd, NULL, NULL, 0);
		if (conn < 0)
			continue;
		tv = (struct timeval) { .tv_sec = 20 };
		pillion_sys_setsockopt((int)conn, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		serve((int)conn);
		pillion_sys_close((int)conn);
	}
	pillion_sys_close(fd);
	return NULL;
}

static int open_tap(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &ifr) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int bridge_main(const char *tap)
{
	struct e1000m_options opt = { .tx = to_host };
	pthread_t server, pump;
	volatile bool over = false;
	struct e1000m_counts c;
	char line[16];

	tap_fd = open_tap(tap);
	if (tap_fd < 0) {
		perror(tap);
		return 1;
	}
	if (!node_boot(&opt) || pthread_create(&pump, NULL, from_host, NULL) || !node_up("eth0") ||
	    pthread_create(&server, NULL, serve_all, (void *)&over))
		return 1;
	pthread_detach(pump);
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	over = true;
	pthread_join(server, NULL);
	e1000m_counts(&c);
	node_end();
	printf("tso_frames=%llu\ncsum_frames=%llu\ntx_frames=%llu\nrx_missed=%llu\nerrors=%u\nbad=%"
	       "u\n",
	    (unsigned long long)c.tso_frames, (unsigned long long)c.csum_frames,
	    (unsigned long long)c.tx_frames, (unsigned long long)c.rx_missed, e1000m_errors(),
	    peer_bad());
	return 0;
}
