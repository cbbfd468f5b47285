/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The donor's network driver on a wire that is this test: the virtual-interface hypercalls are
 * replaced (by the linker's --wrap), so that packets come with metadata that no host would send,
 * go when and if the test wants, and no right is needed.
 *
 * Locking: lock protects the log of sent packets and the refusals; deliveries are made by a thread
 * of the test's that is no task of the donor, one at a time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <time.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>
#include <rump/rumpcomp_virtif.h>
#include <rump/rumperrno.h>
#include <rump/rumpext_virtif.h>
#include <rump/rumpuser_component.h>

#include "tap.h"
#include "frames.h"

#define FUZZ	200000

static struct frame_ends ends = {
	.from_mac = { 2, 0, 0, 0, 0, 1 }, .to4 = { 192, 0, 2, 2 }, .from4 = { 192, 0, 2, 1 },
	.to6 = { 0x20, 1, 0xd, 0xb8, [15] = 2 }, .from6 = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
	.port = 7777,
};

/* ---- the wire ---- */

static struct virtif_sc *wire_sc;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned arps, pongs, last_pong, datagrams, out_of_order, bad_checksums, refused;
static unsigned refuse_every;
static bool waiting;		/* a sender was refused and waits for txready */
static unsigned sends;
static unsigned sent_late;	/* when the interface was gone */

int __wrap_rumpcomp_virt_create(const char *, struct virtif_sc *, uint8_t *, struct virtif_user **);
int __wrap_rumpcomp_virt_dying(struct virtif_user *);
void __wrap_rumpcomp_virt_destroy(struct virtif_user *);
int __wrap_rumpext_virtif_features(struct virtif_user *, uint32_t, uint32_t *, uint32_t *);
int __wrap_rumpext_virtif_send(struct virtif_user *, const struct iovec *, size_t,
    const struct rumpext_pktmeta *);

int __wrap_rumpcomp_virt_create(const char *devstr, struct virtif_sc *sc, uint8_t *enaddr,
    struct virtif_user **viup)
{
	(void)devstr;
	wire_sc = sc;
	memcpy(ends.to_mac, enaddr, 6);
	*viup = (struct virtif_user *)&wire_sc;
	return 0;
}

int __wrap_rumpcomp_virt_dying(struct virtif_user *viu)
{
	(void)viu;
	return 0;
}

void __wrap_rumpcomp_virt_destroy(struct virtif_user *viu)
{
	struct timespec more_than_a_probe = { 1, 300000000 };
	void *cookie;

	(void)viu;
	pthread_mutex_lock(&lock);
	wire_sc = NULL;
	pthread_mutex_unlock(&lock);
	cookie = rumpuser_component_unschedule();
	nanosleep(&more_than_a_probe, NULL);
	rumpuser_component_schedule(cookie);
}

int __wrap_rumpext_virtif_features(struct virtif_user *viu, uint32_t want, uint32_t *got,
    uint32_t *mtu)
{
	(void)viu;
	*got = want & (RUMPEXT_VIRTIF_CSUM | RUMPEXT_VIRTIF_TSO4 | RUMPEXT_VIRTIF_TSO6);
	*mtu = 1500;
	return 0;
}

/* Count what is sent, and look whether it is right. Called under lock. */
static void look_at(const uint8_t *f, size_t len, const struct rumpext_pktmeta *meta)
{
	const uint8_t *ip = f + 14;

	if (len >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 2)
		arps++;
	if (len < 42 || f[12] != 8 || f[13] != 0 || ip[0] != 0x45)
		return;
	if (frame_sum(0, ip, 20) != 0xffff)
		bad_checksums++;
	if (ip[9] == 1 && ip[20] == 0 && ip[25] == 77) {
		pongs++;
		last_pong = (unsigned)(ip[26] << 8 | ip[27]);
		if (frame_sum(0, ip + 20, (size_t)(ip[2] << 8 | ip[3]) - 20) != 0xffff)
			bad_checksums++;
	}
	if (ip[9] == 17 && len >= 14 + 28 + 4 && ip[23] == 5) {	/* from us to port 5 */
		unsigned n;

		memcpy(&n, ip + 28, 4);
		out_of_order += n != datagrams;
		datagrams++;
		if (!meta || !(meta->pm_flags & 1) || meta->pm_csum_offset != 6)
			bad_checksums++;
	}
}

int __wrap_rumpext_virtif_send(struct virtif_user *viu, const struct iovec *iov, size_t n,
    const struct rumpext_pktmeta *meta)
{
	uint8_t f[FRAME_MAX];
	size_t len = 0;

	(void)viu;
	pthread_mutex_lock(&lock);
	if (!wire_sc)
		sent_late++;
	if (refuse_every && ++sends % refuse_every == 0) {
		refused++;
		waiting = true;
		pthread_mutex_unlock(&lock);
		return RUMP_EAGAIN;
	}
	for (size_t i = 0; i < n && len + iov[i].iov_len <= sizeof(f); i++) {
		memcpy(f + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	look_at(f, len, meta);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void deliver(const uint8_t *f, size_t len, const struct rumpext_pktmeta *meta)
{
	struct iovec iov = { (void *)(uintptr_t)f, len };

	rump_ext_virtif_deliver(wire_sc, &iov, 1, meta, 0);
}

/* Ping until the donor answers; it may be busy for a while. */
static bool alive(void)
{
	static const struct rumpext_pktmeta none;
	static uint16_t sequence;
	struct timespec ms = { 0, 2000000 };
	uint8_t f[FRAME_MAX];

	for (int i = 0; i < 500; i++) {
		size_t len = frame_ping(&ends, ++sequence, f);
		unsigned got;

		deliver(f, len, &none);
		pthread_mutex_lock(&lock);
		got = last_pong;
		pthread_mutex_unlock(&lock);
		if (got == sequence)
			return true;
		nanosleep(&ms, NULL);
	}
	return false;
}

/* ---- what the delivering thread does ---- */

static bool alive_first, alive_lengths, alive_fuzz = true;

/* Every length that is wrong, in pieces of every kind. */
static void lengths(void)
{
	static uint8_t huge[65536 + 200];
	static const struct rumpext_pktmeta none;
	struct iovec pieces[64];
	uint8_t f[FRAME_MAX];
	size_t len = frame_udp(&ends, "abcdefgh", 8, f);

	for (size_t n = 0; n <= len; n++) {
		deliver(f, n, &none);
		deliver(f, n, NULL);
	}
	memcpy(huge, f, len);
	for (size_t n = 60000; n <= sizeof(huge); n += 50) {
		huge[16] = (uint8_t)(n >> 8);
		deliver(huge, n, &none);
	}
	deliver(huge, sizeof(huge), &none);
	for (size_t n = 0; n < 64; n++)
		pieces[n] = (struct iovec){ f + (n < len ? n : len), n < len };
	for (size_t n = 0; n <= 64; n++)
		rump_ext_virtif_deliver(wire_sc, pieces, n, &none, n % 2);
	rump_ext_virtif_deliver(wire_sc, pieces, 0, NULL, 1);
}

/* Metadata: none, noise, or nearly right for the frame. */
static void spoil_meta(uint64_t *seed, size_t len, struct rumpext_pktmeta *m)
{
	static const uint8_t types[] = { 0, 1, 3, 4, 5, 0x81, 0x84, 0xff };
	uint64_t r = frame_random(seed);

	memset(m, 0, sizeof(*m));
	switch (r % 4) {
	case 0:
		return;
	case 1:
		for (size_t i = 0; i < sizeof(*m); i++)
			((uint8_t *)m)[i] = (uint8_t)(frame_random(seed) >> 16);
		return;
	default:
		m->pm_flags = (uint8_t)(r >> 8 & 3);
		m->pm_gso_type = types[r >> 16 & 7];
		m->pm_hdr_len = (uint16_t)(r >> 24 & 127);
		m->pm_gso_size = (uint16_t)(r >> 32 & (r % 4 == 2 ? 2047 : 3));
		m->pm_csum_start = (uint16_t)(r >> 44 & 1 ? 34 : (r >> 45) % (len + 2));
		m->pm_csum_offset = (uint16_t)(r >> 60 & 1 ? 6 : 16);
	}
}

static void *deliveries(void *arg)
{
	struct rumpext_pktmeta m;
	uint8_t f[FRAME_MAX];
	uint64_t seed = *(uint64_t *)arg;
	size_t len;

	memset(&m, 0, sizeof(m));
	len = frame_arp(&ends, f);
	deliver(f, len, &m);
	alive_first = alive();
	lengths();
	alive_lengths = alive();
	for (int i = 0; i < FUZZ; i++) {
		len = frame_any(&seed, &ends, f);
		spoil_meta(&seed, len, &m);
		deliver(f, len, &m);
		if (i % 20000 == 19999 && !alive())
			alive_fuzz = false;
	}
	return NULL;
}

/* ---- the donor's sockets ---- */

static int udp_socket(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(7777) };
	int fd = (int)pillion_sys_socket(AF_INET6, SOCK_DGRAM, 0);

	pillion_sys_bind(fd, (struct sockaddr *)&any, sizeof(any));
	return fd;
}

static void drain(int fd)
{
	char buf[2048];

	while (pillion_sys_recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL) >= 0)
		;
}

/* How a datagram with a checksum and metadata of the given kind fares. */
struct checksum_case {
	const char *name;
	bool right;
	struct rumpext_pktmeta meta;
	bool arrives;
};

static void *deliver_case(void *arg)
{
	const struct checksum_case *c = arg;
	uint8_t f[FRAME_MAX];
	size_t len = frame_udp(&ends, c->name, strlen(c->name), f);

	if (!c->right)
		f[14 + 20 + 6] ^= 0x55;
	deliver(f, len, &c->meta);
	return NULL;
}

static void checksums(int fd)
{
	static struct checksum_case cases[] = {
		{ "a right checksum", true, { 0 }, true },
		{ "a wrong one", false, { 0 }, false },
		{ "a wrong one that the platform vouches for", false, { .pm_flags = 2 }, true },
		{ "one to be made, from a host that says so", false,
		    { .pm_flags = 1, .pm_csum_start = 34, .pm_csum_offset = 6 }, true },
		{ "one to be made outside of the packet", false,
		    { .pm_flags = 1, .pm_csum_start = 2000, .pm_csum_offset = 6 }, false },
		{ "segments of no size", true, { .pm_gso_type = 1 }, false },
		{ "segments of no kind", true, { .pm_gso_type = 77, .pm_gso_size = 9 }, false },
	};
	char buf[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pthread_t t;
		long n;

		pthread_create(&t, NULL, deliver_case, &cases[i]);
		pthread_join(t, NULL);
		n = pillion_sys_recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL);
		is(n, cases[i].arrives ? (long)strlen(cases[i].name) : -EAGAIN, cases[i].name);
	}
}

/* A thread of the wire: it lets waiting senders go on, a moment later. */
static void *make_room(void *arg)
{
	struct timespec us = { 0, 20000 };
	bool wake;

	while (!__atomic_load_n((bool *)arg, __ATOMIC_RELAXED)) {
		nanosleep(&us, NULL);
		pthread_mutex_lock(&lock);
		wake = waiting;
		waiting = false;
		pthread_mutex_unlock(&lock);
		if (wake)
			rump_ext_virtif_txready(wire_sc);
	}
	return NULL;
}

static void back_pressure(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(5),
		.sin_addr.s_addr = htonl(0xc0000201) };
	int s = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM, 0);
	struct timespec ms = { 0, 1000000 };
	bool stop = false;
	pthread_t t;
	int wrong = 0;

	pthread_mutex_lock(&lock);
	refuse_every = 3;
	pthread_mutex_unlock(&lock);
	pthread_create(&t, NULL, make_room, &stop);
	for (unsigned i = 0; i < 2000; i++)
		wrong += pillion_sys_sendto(s, &i, sizeof(i), 0, (struct sockaddr *)&to,
		    sizeof(to)) != sizeof(i);
	for (int i = 0; i < 2000 && __atomic_load_n(&datagrams, __ATOMIC_RELAXED) < 2000; i++)
		nanosleep(&ms, NULL);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(t, NULL);
	pthread_mutex_lock(&lock);
	refuse_every = 0;
	pthread_mutex_unlock(&lock);
	ok(wrong == 0 && refused > 100, "%u times the wire is full, the senders wait", refused);
	is(datagrams, 2000, "every datagram goes, once");
	is(out_of_order, 0, "in order");
	pillion_sys_close(s);
}

/* Somebody who does not answer is asked for once a second, also when the socket is closed. */
static void ask_nobody(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(5),
		.sin_addr.s_addr = htonl(0xc000024d) };
	int s = (int)pillion_sys_socket(AF_INET, SOCK_DGRAM, 0);

	pillion_sys_sendto(s, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	pillion_sys_close(s);
}

static unsigned long memory_free(void)
{
	struct sysinfo si;

	pillion_sys_sysinfo(&si);
	return (si.freeram + si.bufferram) * si.mem_unit;
}

int main(int argc, char **argv)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 3 };
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(7777) };
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) | 1 : 0x9e3779b97f4a7c15u;
	unsigned long before, after;
	char name[32];
	pthread_t t;
	int udp, tcp;

	is(pillion_boot(&opt), 0, "boot");
	is(pillion_net_tap("wire", name), 0, "attach");
	is(pillion_net_address(name, "192.0.2.2/24", NULL), 0, "an address");
	is(pillion_net_address(name, "2001:db8::2/64", NULL), 0, "an IPv6 address");
	udp = udp_socket();
	tcp = (int)pillion_sys_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	pillion_sys_bind(tcp, (struct sockaddr *)&any, sizeof(any));
	pillion_sys_listen(tcp, 64);
	checksums(udp);
	before = memory_free();
	printf("# seed %#llx\n", (unsigned long long)seed);
	pthread_create(&t, NULL, deliveries, &seed);
	/* The donor's readers are at work meanwhile. */
	for (struct timespec ms = { 0, 1000000 }; pthread_tryjoin_np(t, NULL); nanosleep(&ms, NULL)) {
		long fd = pillion_sys_accept4(tcp, NULL, NULL, 0);

		drain(udp);
		if (fd >= 0)
			pillion_sys_close((int)fd);
	}
	ok(alive_first && arps > 0, "ARP and ping are answered");
	ok(alive_lengths, "and after frames of every wrong length");
	ok(alive_fuzz, "and after %d frames that are nearly right", FUZZ);
	drain(udp);
	after = memory_free();
	ok(after + (16u << 20) > before, "memory has not leaked: %lu KiB less", (before - after) >> 10);
	back_pressure();
	is(bad_checksums, 0, "checksums of what it sent");
	pillion_sys_close(tcp);
	pillion_sys_close(udp);
	ask_nobody();
	is(pillion_shutdown(), 0, "shutdown");
	is(sent_late, 0, "nothing is sent on an interface that is gone");
	return tap_done();
}
