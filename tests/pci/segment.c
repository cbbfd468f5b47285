// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checksum insertion and TCP segmentation, as the context descriptor says.
 *
 * The driver leaves the pseudo header's sum in the checksum field, without the length where the
 * frame is to be segmented. Segmentation repeats the header and changes in it: the IP length and
 * identification, the TCP sequence number, and FIN and PSH, which only the last segment carries.
 *
 * Interface: model.h. Locking: dev.lock is held, and dropped by tx_wire().
 */
#include <string.h>

#include "model.h"

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

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

/* Sum of [start, end] (0: to the frame's end) stored at off, which may hold the sum of a pseudo
 * header. */
static void insert(
    uint8_t *frame, size_t len, size_t start, size_t off, size_t end, const char *what)
{
	uint16_t sum;

	if (end == 0 || end >= len)
		end = len - 1;
	if (start > end || off + 2 > len || off < start) {
		e1000m_error(
		    "%s checksum at %zu over %zu to %zu of %zu", what, off, start, end, len);
		return;
	}
	sum = ~sum_fold(sum16(frame + start, end + 1 - start, 0));
	put16(frame + off, sum ? sum : 0xffff);
}

void tx_checksums(uint8_t *frame, size_t len, const struct tx_context *c, unsigned popts)
{
	if (popts & POPTS_IXSM) {
		put16(frame + c->ipcso, 0);
		insert(frame, len, c->ipcss, c->ipcso, c->ipcse, "IP");
	}
	if (popts & POPTS_TXSM)
		insert(frame, len, c->tucss, c->tucso, c->tucse, "TCP/UDP");
	if (popts)
		dev.counts.csum_frames++;
}

/* The header of segment number i, whose payload is n bytes from byte off of the whole. */
static void fix_header(
    uint8_t *seg, const struct tx_context *c, uint32_t i, uint32_t off, uint32_t n, bool last)
{
	uint8_t *ip = seg + c->ipcss, *tcp = seg + c->tucss;
	uint32_t tcplen = c->hdrlen - c->tucss + n, seq;

	if (c->tucmd & TUCMD_IP) {
		put16(ip + 2, c->hdrlen - c->ipcss + n);
		put16(ip + 4, get16(ip + 4) + i);
	} else {
		put16(ip + 4, c->hdrlen - c->ipcss - 40 + n);
	}
	if (!(c->tucmd & TUCMD_TCP)) {
		put16(tcp + 4, tcplen);
	} else {
		seq = (get16(tcp + 4) << 16 | get16(tcp + 6)) + off;
		put32(tcp + 4, seq);
		if (!last)
			tcp[13] &= ~0x09;
	}
	/* The pseudo header's length, which was left out. */
	put16(seg + c->tucso, sum_fold(get16(seg + c->tucso) + tcplen));
}

void tx_segment(const uint8_t *frame, size_t len, const struct tx_context *c, unsigned popts)
{
	uint8_t seg[E1000M_MAXFRAME];
	struct tx_context ctx = *c;
	uint32_t off, n, i = 0;

	if (ctx.hdrlen + ctx.mss > sizeof(seg) || ctx.tucss + 20u > ctx.hdrlen ||
	    ctx.ipcss + 20u > ctx.tucss) {
		e1000m_error("segmentation: header %u, mss %u, IP at %u, TCP at %u", ctx.hdrlen,
		    ctx.mss, ctx.ipcss, ctx.tucss);
		return;
	}
	for (off = 0; off < ctx.paylen; off += n, i++) {
		n = ctx.paylen - off < ctx.mss ? ctx.paylen - off : ctx.mss;
		memcpy(seg, frame, ctx.hdrlen);
		memcpy(seg + ctx.hdrlen, frame + ctx.hdrlen + off, n);
		fix_header(seg, &ctx, i, off, n, off + n == ctx.paylen);
		tx_checksums(seg, ctx.hdrlen + n, &ctx, popts);
		dev.counts.tso_frames++;
		tx_wire(seg, ctx.hdrlen + n);
	}
	regs_count(S_TSCTC, 1);
	(void)len;
}
