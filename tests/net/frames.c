/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that are nearly right; see frames.h. Numbers go in byte by byte, in network order. */
#include <string.h>

#include "frames.h"

enum { ETH = 14, IP4 = 20, IP6 = 40 };
enum { ICMP = 1, IGMP = 2, TCP = 6, UDP = 17, ICMP6 = 58 };

uint64_t frame_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static unsigned below(uint64_t *s, unsigned n)
{
	return (unsigned)((frame_random(s) >> 20) % n);
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

uint16_t frame_sum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len % 2)
		sum += (uint32_t)(p[len - 1] << 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The checksum of what IP carries: protocol proto, pseudo header of addrs. */
static void transport_checksum(unsigned proto, const uint8_t *addrs, size_t addrs_len, uint8_t *p,
    size_t len)
{
	size_t at = proto == TCP ? 16 : proto == UDP ? 6 : 2;
	uint32_t sum = 0;

	if (at + 2 > len)
		return;
	if (proto != ICMP && proto != IGMP)
		sum = frame_sum(0, addrs, addrs_len) + proto + (uint32_t)len;
	put16(p + at, 0);
	put16(p + at, (uint16_t)~frame_sum(sum, p, len));
}

void frame_checksums(uint8_t *f, size_t len)
{
	uint8_t *ip = f + ETH;
	size_t hlen, tlen;

	if (len >= ETH + IP4 && f[12] == 8 && f[13] == 0) {
		hlen = (size_t)(ip[0] & 15) * 4;
		tlen = (size_t)(ip[2] << 8 | ip[3]);
		if (hlen < IP4 || ETH + hlen > len)
			return;
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~frame_sum(0, ip, hlen));
		if (tlen >= hlen && ETH + tlen <= len)
			transport_checksum(ip[9], ip + 12, 8, ip + hlen, tlen - hlen);
	} else if (len >= ETH + IP6 && f[12] == 0x86 && f[13] == 0xdd) {
		tlen = (size_t)(ip[4] << 8 | ip[5]);
		if (ETH + IP6 + tlen <= len)
			transport_checksum(ip[6], ip + 8, 32, ip + IP6, tlen);
	}
}

static void ethernet(const struct frame_ends *e, unsigned type, uint8_t *f)
{
	memcpy(f, e->to_mac, 6);
	memcpy(f + 6, e->from_mac, 6);
	put16(f + 12, type);
}

/* The headers for len bytes of protocol proto, which are there already at f + ETH + IP4 or IP6. */
static size_t ip4(const struct frame_ends *e, unsigned proto, size_t len, uint8_t *f)
{
	uint8_t *ip = f + ETH;

	ethernet(e, 0x0800, f);
	memset(ip, 0, IP4);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(IP4 + len));
	ip[8] = 64;
	ip[9] = (uint8_t)proto;
	memcpy(ip + 12, e->from4, 4);
	memcpy(ip + 16, e->to4, 4);
	frame_checksums(f, ETH + IP4 + len);
	return ETH + IP4 + len;
}

static size_t ip6(const struct frame_ends *e, unsigned proto, size_t len, uint8_t *f)
{
	uint8_t *ip = f + ETH;

	ethernet(e, 0x86dd, f);
	memset(ip, 0, IP6);
	ip[0] = 0x60;
	put16(ip + 4, (unsigned)len);
	ip[6] = (uint8_t)proto;
	ip[7] = 255;
	memcpy(ip + 8, e->from6, 16);
	memcpy(ip + 24, e->to6, 16);
	frame_checksums(f, ETH + IP6 + len);
	return ETH + IP6 + len;
}

size_t frame_arp(const struct frame_ends *e, uint8_t *f)
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	ethernet(e, 0x0806, f);
	memset(f, 0xff, 6);
	memcpy(f + ETH, head, 8);
	memcpy(f + ETH + 8, e->from_mac, 6);
	memcpy(f + ETH + 14, e->from4, 4);
	memset(f + ETH + 18, 0, 6);
	memcpy(f + ETH + 24, e->to4, 4);
	return ETH + 28;
}

size_t frame_ping(const struct frame_ends *e, uint16_t sequence, uint8_t *f)
{
	uint8_t *p = f + ETH + IP4;

	memset(p, 0x55, 40);
	p[0] = 8;
	p[1] = 0;
	put16(p + 4, 77);
	put16(p + 6, sequence);
	return ip4(e, ICMP, 40, f);
}

static void udp(const struct frame_ends *e, size_t len, uint8_t *p)
{
	put16(p, 9999);
	put16(p + 2, e->port);
	put16(p + 4, (unsigned)(8 + len));
}

size_t frame_udp(const struct frame_ends *e, const void *data, size_t len, uint8_t *f)
{
	uint8_t *p = f + ETH + IP4;

	memcpy(p + 8, data, len);
	udp(e, len, p);
	return ip4(e, UDP, 8 + len, f);
}

static void noise(uint64_t *s, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(frame_random(s) >> 24);
}

/* What a transport protocol's message begins with, the rest being noise. Returns its length. */
static size_t message(uint64_t *s, const struct frame_ends *e, unsigned proto, uint8_t *p)
{
	static const uint8_t icmp4[] = { 0, 3, 4, 5, 8, 11, 12, 13, 17 };
	static const uint8_t icmp6[] = { 1, 2, 3, 4, 128, 130, 131, 132, 133, 134, 135, 136, 137, 143 };
	size_t len = 8 + below(s, below(s, 4) ? 120 : 1400);

	noise(s, p, len);
	switch (proto) {
	case TCP:
		len += 20;
		put16(p, 1024 + below(s, 4));
		put16(p + 2, e->port);
		p[12] = (uint8_t)((5 + below(s, below(s, 3) ? 3 : 11)) << 4);
		p[13] = below(s, 2) ? 0x02 : (uint8_t)below(s, 256);	/* SYN */
		for (size_t i = 20; i < (size_t)(p[12] >> 4) * 4 && i < len; i += 1 + below(s, 6))
			p[i] = (uint8_t)below(s, 35);			/* kinds of options */
		break;
	case UDP:
		udp(e, len - 8, p);
		break;
	case ICMP:
		p[0] = icmp4[below(s, sizeof(icmp4))];
		p[1] = (uint8_t)below(s, 16);
		if (p[0] != 8 && p[0] != 0 && len >= 36) {	/* an error: what it is about */
			p[8] = 0x45;
			p[17] = below(s, 2) ? TCP : UDP;
			memcpy(p + 20, e->to4, 4);
			memcpy(p + 24, e->from4, 4);
		}
		break;
	case ICMP6:
		p[0] = icmp6[below(s, sizeof(icmp6))];
		p[1] = (uint8_t)below(s, 3);
		if (p[0] >= 135 && p[0] <= 136 && len >= 24)
			memcpy(p + 8, below(s, 2) ? e->to6 : e->from6, 16);
		break;
	case IGMP:
		p[0] = (uint8_t)(0x11 + below(s, 0x12));
		break;
	}
	return len;
}

static size_t good(uint64_t *s, const struct frame_ends *e, uint8_t *f)
{
	static const uint8_t protos4[] = { TCP, TCP, UDP, ICMP, IGMP, 4, 41, 47, 50, 132 };
	static const uint8_t protos6[] = { TCP, TCP, UDP, ICMP6, ICMP6, 0, 43, 44, 60, 41 };
	unsigned kind = below(s, 16), proto;
	size_t len;

	switch (kind) {
	case 0:
		len = frame_arp(e, f);
		f[ETH + 7] = (uint8_t)(1 + below(s, 4));
		return len;
	case 1:
		len = ETH + below(s, 1500);
		ethernet(e, below(s, 2) ? below(s, 65536) : 0x8100, f);
		noise(s, f + ETH, len - ETH);
		return len;
	case 2: case 3: case 4: case 5: case 6: case 7: case 8:
		proto = protos4[below(s, sizeof(protos4))];
		len = ip4(e, proto, message(s, e, proto, f + ETH + IP4), f);
		if (!below(s, 6))
			put16(f + ETH + 6, below(s, 2) ? 0x2000 : below(s, 0x4000));	/* a fragment */
		return len;
	default:
		proto = protos6[below(s, sizeof(protos6))];
		len = ip6(e, proto, message(s, e, proto, f + ETH + IP6), f);
		if (proto < TCP || proto > UDP) {	/* extension headers: a next one, a length */
			f[ETH + IP6] = protos6[below(s, sizeof(protos6))];
			f[ETH + IP6 + 1] = (uint8_t)below(s, 4);
		}
		return len;
	}
}

size_t frame_any(uint64_t *s, const struct frame_ends *e, uint8_t *f)
{
	size_t len = good(s, e, f), before = len;

	for (unsigned n = below(s, 4); n > 0 && len > ETH; n--)
		f[ETH + below(s, (unsigned)(len - ETH < 80 ? len - ETH : 80))] = (uint8_t)below(s, 256);
	switch (below(s, 8)) {
	case 0:
		len = below(s, (unsigned)len + 1);
		break;
	case 1:
		len += below(s, (unsigned)(FRAME_MAX - len));
		noise(s, f + before, len - before);
		break;
	case 2:
		f[below(s, ETH)] ^= (uint8_t)(1 << below(s, 8));
		break;
	}
	if (below(s, 2))
		frame_checksums(f, len);
	return len;
}
