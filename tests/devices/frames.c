/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames SOCKET SEED COUNT: frames that no honest neighbour sends, to the network card behind a
 * socket of QEMU's filter-redirector, each after its length in four bytes; of a seed always the
 * same: truncated, too long, with wrong lengths and checksums, fragments that overlap, miss or
 * go beyond the end, options and extension headers of noise, bits turned over.
 *
 * They go to the guest's address and to broadcast, from neighbours that do not exist: nobody who
 * does is told of in them.
 *
 * Locking: none.
 */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tap.h"

#define MAX_FRAME	16384
#define ETH		14
#define SERVICE		7000	/* mover's port */
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static uint64_t state;
static uint8_t frame[MAX_FRAME];
static size_t len;

static unsigned below(unsigned n)
{
	return (unsigned)(rng_next(&state) % n);
}

static void put16(size_t at, unsigned v)
{
	frame[at] = (uint8_t)(v >> 8);
	frame[at + 1] = (uint8_t)v;
}

static void put32(size_t at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static void noise(size_t at, size_t n)
{
	while (n-- > 0)
		frame[at++] = (uint8_t)rng_next(&state);
}

static uint32_t sum(size_t at, size_t n, uint32_t start)
{
	for (; n > 1; n -= 2, at += 2)
		start += (uint32_t)frame[at] << 8 | frame[at + 1];
	return n ? start + ((uint32_t)frame[at] << 8) : start;
}

static unsigned fold(uint32_t s)
{
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

static void ethernet(unsigned type)
{
	static const uint8_t guest[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

	if (below(4) == 0)
		memset(frame, 0xff, 6);
	else
		memcpy(frame, guest, 6);
	noise(6, 6);
	frame[6] = 0x02;	/* locally administered, no group */
	put16(12, type);
}

static uint32_t stranger(void)
{
	return 0x0a000200 + 100 + below(100);	/* 10.0.2.100 and so on */
}

/* An IPv4 header of hlen bytes at ETH, and n bytes behind it. All of it is right so far. */
static void ipv4(unsigned proto, size_t hlen, size_t n)
{
	ethernet(0x0800);
	memset(frame + ETH, 0, hlen);
	frame[ETH] = (uint8_t)(0x40 | hlen / 4);
	put16(ETH + 2, (unsigned)(hlen + n));
	put16(ETH + 4, below(65536));
	frame[ETH + 8] = 64;
	frame[ETH + 9] = (uint8_t)proto;
	put32(ETH + 12, stranger());
	put32(ETH + 16, 0x0a00020f);
	noise(ETH + hlen, n);
	len = ETH + hlen + n;
}

static void ipv4_sum(void)
{
	size_t hlen = (frame[ETH] & 15u) * 4;

	put16(ETH + 10, 0);
	put16(ETH + 10, fold(sum(ETH, hlen, 0)));
}

static void l4_sum(size_t hlen, size_t field)
{
	size_t n = len - ETH - hlen;
	uint32_t pseudo = sum(ETH + 12, 8, frame[ETH + 9] + (uint32_t)n);

	put16(ETH + hlen + field, 0);
	put16(ETH + hlen + field, fold(sum(ETH + hlen, n, pseudo)));
}

/* TCP to the service: flags, sequence numbers and options of noise. */
static void tcp(void)
{
	ipv4(6, 20, 20 + below(1400));
	put16(ETH + 22, SERVICE);
	if (below(2))
		frame[ETH + 32] = (uint8_t)(below(11) + 5) << 4;
	if (below(2))
		frame[ETH + 33] = 2;	/* SYN */
	l4_sum(20, 16);
	ipv4_sum();
}

static void udp(void)
{
	ipv4(17, 20, 8 + below(1464));
	put16(ETH + 22, below(2) ? SERVICE : below(65536));
	put16(ETH + 24, below(2) ? (unsigned)(len - ETH - 20) : below(65536));
	l4_sum(20, 6);
	ipv4_sum();
}

static void icmp(void)
{
	ipv4(1, 20, 8 + below(1464));
	frame[ETH + 20] = (uint8_t)below(20);
	frame[ETH + 21] = (uint8_t)below(16);
	put16(ETH + 22, 0);
	put16(ETH + 22, fold(sum(ETH + 20, len - ETH - 20, 0)));
	ipv4_sum();
}

static void options(void)
{
	size_t hlen = 24 + 4 * below(10);

	ipv4(below(2) ? 17 : 6, hlen, below(600));
	noise(ETH + 20, hlen - 20);
	ipv4_sum();
}

static void fragment(void)
{
	static uint16_t id;

	ipv4(below(2) ? 17 : 1, 20, 8 * (1 + below(180)) + below(2) * below(8));
	if (below(3) == 0)
		id++;
	put16(ETH + 4, id);
	put32(ETH + 12, 0x0a000264);	/* one who sends pieces of one packet */
	put16(ETH + 6, (below(2) ? 0x2000 : 0) | (below(8) ? below(200) : below(8192)));
	ipv4_sum();
}

static void lengths(void)
{
	ipv4(below(2) ? 17 : 6, 20, below(1400));
	switch (below(3)) {
	case 0:
		put16(ETH + 2, below(65536));
		break;
	case 1:
		frame[ETH] = (uint8_t)below(256);
		break;
	default:
		len = ETH + below((unsigned)(len - ETH) + 1);
		break;
	}
	ipv4_sum();
}

static void checksums(void)
{
	if (below(2))
		tcp();
	else
		udp();
	frame[ETH + below((unsigned)(len - ETH))] ^= (uint8_t)(1u << below(8));
}

static void arp(void)
{
	size_t n = below(2) ? 28 : below(64);

	ethernet(0x0806);
	noise(ETH, 64);
	put16(ETH, 1);
	put16(ETH + 2, 0x0800);
	put16(ETH + 4, below(4) ? 0x0604 : below(65536));
	put16(ETH + 6, below(4));
	put32(ETH + 14, stranger());
	if (below(2))
		put32(ETH + 24, 0x0a00020f);
	len = ETH + n;
}

static void ipv6(void)
{
	static const uint8_t next[] = { 0, 6, 17, 43, 44, 58, 59, 60 };
	size_t n = 8 + below(1400);

	ethernet(0x86dd);
	noise(ETH, 40 + n);
	frame[ETH] = 0x60;
	put16(ETH + 4, below(4) ? (unsigned)n : below(65536));
	frame[ETH + 6] = next[below(ARRAY_SIZE(next))];
	frame[ETH + 7] = 255;
	put32(ETH + 8, 0xfe800000);
	put32(ETH + 12, 0);
	put32(ETH + 24, 0xff020000);		/* all nodes */
	memset(frame + ETH + 28, 0, 11);
	frame[ETH + 39] = 1;
	frame[ETH + 40] = next[below(ARRAY_SIZE(next))];
	frame[ETH + 41] = (uint8_t)below(4);
	len = ETH + 40 + n;
}

static void vlan(void)
{
	udp();
	memmove(frame + 16, frame + 12, len - 12);
	put16(12, below(2) ? 0x8100 : 0x88a8);
	put16(14, below(65536));
	len += 4;
}

static void sizes(void)
{
	ethernet(below(2) ? 0x0800 : below(65536));
	len = below(2) ? 1 + below(60) : 1515 + below(MAX_FRAME - 1515);
	if (len > ETH)
		noise(ETH, len - ETH);
	if (len > 1514 && below(2)) {
		ipv4(17, 20, len - ETH - 20);
		ipv4_sum();
	}
}

static void all_noise(void)
{
	ethernet(below(65536));
	len = ETH + below(1501);
	noise(ETH, len - ETH);
}

static void turn_bits(void)
{
	for (unsigned n = 1 + below(8); n > 0; n--)
		frame[ETH + below((unsigned)(len - ETH))] ^= (uint8_t)(1u << below(8));
	/* Nobody learns a wrong address of who is there. */
	if (frame[12] == 0x08 && frame[13] == 0x06 && len >= ETH + 18)
		put32(ETH + 14, stranger());
}

static void make(void)
{
	static void (*const kinds[])(void) = {
		tcp, udp, icmp, options, fragment, fragment, lengths, checksums, arp, ipv6, ipv6, vlan,
		sizes, all_noise,
	};

	kinds[below(ARRAY_SIZE(kinds))]();
	if (len > ETH && below(5) == 0)
		turn_bits();
}

int main(int argc, char **argv)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	uint32_t head;
	long n;

	if (argc != 4)
		return 2;
	strncpy(to.sun_path, argv[1], sizeof(to.sun_path) - 1);
	state = strtoul(argv[2], NULL, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		perror(argv[1]);
		return 1;
	}
	for (n = strtol(argv[3], NULL, 0); n > 0; n--) {
		make();
		head = htonl((uint32_t)len);
		if (send(fd, &head, 4, MSG_NOSIGNAL) != 4 ||
		    send(fd, frame, len, MSG_NOSIGNAL) != (ssize_t)len) {
			perror("send");
			return 1;
		}
	}
	return 0;
}
