// SPDX-License-Identifier: BSD-2-Clause
/* Interface: peer.h. Locking: counters are atomic; the rest is on the stack. */
#include <string.h>

#include "e1000_model.h"
#include "model.h"
#include "peer.h"
#include "tap.h"

const uint8_t peer_mac[6] = { 0x02, 0x50, 0x49, 0x4c, 0x00, 0x01 };
static unsigned nbad;
static struct peer_counts counts;

#define INC(x) __atomic_add_fetch(&(x), 1, __ATOMIC_RELAXED)

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return get16(p) << 16 | get16(p + 2); }

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

unsigned peer_bad(void) { return __atomic_load_n(&nbad, __ATOMIC_RELAXED); }

void peer_counts(struct peer_counts *c) { *c = counts; }

static int wrong(const char *what, size_t len)
{
	if (INC(nbad) < 10)
		tap_note("a frame of %zu bytes: %s", len, what);
	return 0;
}

/* ---- checks ---- */

static uint32_t pseudo(const uint8_t *ip, uint32_t len) { return sum16(ip + 12, 8, ip[9] + len); }

static int check_payload(const uint8_t *ip, uint32_t hl, uint32_t total)
{
	const uint8_t *p = ip + hl;
	uint32_t len = total - hl;

	switch (ip[9]) {
	case 1:
		return len >= 8 && sum_fold(sum16(p, len, 0)) == 0xffff
		    ? 1
		    : wrong("ICMP checksum", len);
	case 6:
		return len >= 20 && sum_fold(sum16(p, len, pseudo(ip, len))) == 0xffff
		    ? 1
		    : wrong("TCP checksum", len);
	case 17:
		if (len < 8 || get16(p + 4) != len)
			return wrong("UDP length", len);
		return !get16(p + 6) || sum_fold(sum16(p, len, pseudo(ip, len))) == 0xffff
		    ? 1
		    : wrong("UDP checksum", len);
	}
	return 1;
}

int peer_check(const uint8_t *f, size_t len)
{
	const uint8_t *ip = f + 14;
	uint32_t hl, total;

	if (len < 60)
		return wrong("shorter than Ethernet's least", len);
	if (get16(f + 12) != 0x0800)
		return 1;
	hl = (ip[0] & 15) * 4;
	total = get16(ip + 2);
	if (ip[0] >> 4 != 4 || hl < 20 || total < hl || total > len - 14)
		return wrong("IP header", len);
	if (sum_fold(sum16(ip, hl, 0)) != 0xffff)
		return wrong("IP checksum", len);
	if (get16(ip + 6) & 0x3fff)
		return 1; /* a fragment */
	return check_payload(ip, hl, total);
}

/* ---- frames ---- */

static void ether(uint8_t *f, const uint8_t dmac[6], uint32_t type)
{
	memcpy(f, dmac, 6);
	memcpy(f + 6, peer_mac, 6);
	put16(f + 12, type);
}

static void ip_header(uint8_t *ip, uint32_t daddr, unsigned proto, size_t payload)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(20 + payload));
	ip[8] = 64;
	ip[9] = (uint8_t)proto;
	put32(ip + 12, PEER_ADDR);
	put32(ip + 16, daddr);
	put16(ip + 10, (uint16_t)~sum_fold(sum16(ip, 20, 0)));
}

static size_t pad(uint8_t *f, size_t len)
{
	if (len < 60) {
		memset(f + len, 0, 60 - len);
		len = 60;
	}
	return len;
}

size_t peer_udp(uint8_t *f, const uint8_t dmac[6], uint32_t daddr, uint16_t sport, uint16_t dport,
    const void *data, size_t len)
{
	uint8_t *udp = f + 34;
	uint16_t sum;

	ether(f, dmac, 0x0800);
	ip_header(f + 14, daddr, 17, 8 + len);
	put16(udp, sport);
	put16(udp + 2, dport);
	put16(udp + 4, (uint32_t)(8 + len));
	put16(udp + 6, 0);
	memcpy(udp + 8, data, len);
	sum = ~sum_fold(sum16(udp, 8 + len, pseudo(f + 14, (uint32_t)(8 + len))));
	put16(udp + 6, sum ? sum : 0xffff);
	return pad(f, 42 + len);
}

size_t peer_ping(uint8_t *f, const uint8_t dmac[6], uint16_t id, uint16_t seq, size_t len)
{
	uint8_t *icmp = f + 34;
	size_t i;

	ether(f, dmac, 0x0800);
	ip_header(f + 14, DONOR_ADDR, 1, 8 + len);
	memset(icmp, 0, 8);
	icmp[0] = 8;
	put16(icmp + 4, id);
	put16(icmp + 6, seq);
	for (i = 0; i < len; i++)
		icmp[8 + i] = (uint8_t)i;
	put16(icmp + 2, (uint16_t)~sum_fold(sum16(icmp, 8 + len, 0)));
	return pad(f, 42 + len);
}

/* ---- answers ---- */

static void answer_arp(const uint8_t *f)
{
	uint8_t reply[60] = { 0 };

	if (get16(f + 20) != 1 || get32(f + 38) != PEER_ADDR)
		return;
	INC(counts.arp);
	ether(reply, f + 6, 0x0806);
	memcpy(reply + 14, f + 14, 6); /* hardware, protocol, their lengths */
	put16(reply + 20, 2);
	memcpy(reply + 22, peer_mac, 6);
	put32(reply + 28, PEER_ADDR);
	memcpy(reply + 32, f + 22, 10); /* who asked */
	e1000m_receive(reply, sizeof(reply), false);
}

static void answer_icmp(const uint8_t *f, uint32_t hl, uint32_t total)
{
	uint8_t reply[E1000M_MAXFRAME];
	uint8_t *icmp = reply + 14 + 20;
	size_t len = total - hl;

	if (f[14 + hl] == 0)
		INC(counts.echo_replies);
	if (f[14 + hl] != 8)
		return;
	INC(counts.echo_requests);
	ether(reply, f + 6, 0x0800);
	ip_header(reply + 14, get32(f + 26), 1, len);
	memcpy(icmp, f + 14 + hl, len);
	icmp[0] = 0;
	put16(icmp + 2, 0);
	put16(icmp + 2, (uint16_t)~sum_fold(sum16(icmp, len, 0)));
	e1000m_receive(reply, pad(reply, 34 + len), false);
}

static void answer_udp(const uint8_t *f, uint32_t hl)
{
	const uint8_t *udp = f + 14 + hl;
	uint8_t reply[E1000M_MAXFRAME];

	INC(counts.udp);
	if (get16(udp + 2) == PEER_ECHO_PORT)
		e1000m_receive(reply,
		    peer_udp(reply, f + 6, get32(f + 26), PEER_ECHO_PORT, (uint16_t)get16(udp),
			udp + 8, get16(udp + 4) - 8),
		    false);
}

void peer_frame(void *arg, const uint8_t *f, size_t len)
{
	uint32_t hl = (f[14] & 15) * 4;

	(void)arg;
	if (len > counts.largest)
		counts.largest = len;
	if (!peer_check(f, len))
		return;
	if (get16(f + 12) == 0x0806)
		answer_arp(f);
	else if (get16(f + 12) != 0x0800 || get32(f + 30) != PEER_ADDR || (get16(f + 20) & 0x3fff))
		INC(counts.other);
	else if (f[23] == 1)
		answer_icmp(f, hl, get16(f + 16));
	else if (f[23] == 17)
		answer_udp(f, hl);
	else
		INC(counts.other);
}
