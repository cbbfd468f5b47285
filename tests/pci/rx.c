// SPDX-License-Identifier: BSD-2-Clause
/*
 * Receiving: the address filter, the packet buffer (a FIFO whose frames wait for descriptors, and
 * which is what overruns), the receive ring, checksum verification.
 *
 * Interface: e1000_model.h, model.h. Locking: dev.lock.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* Does the address filter let it through? */
static bool wanted(const uint8_t *frame)
{
	static const uint8_t shift[] = { 4, 3, 2, 0 };
	uint32_t rctl = REG(R_RCTL), lo, hi, hash, i;

	lo = frame[0] | frame[1] << 8 | frame[2] << 16 | (uint32_t)frame[3] << 24;
	hi = frame[4] | frame[5] << 8;
	for (i = 0; i < 16; i++)
		if ((REG(R_RAL + 8 * i + 4) & (RAH_AV | 0xffff)) == (RAH_AV | hi) &&
		    REG(R_RAL + 8 * i) == lo)
			return true;
	if (!(frame[0] & 1))
		return rctl & RCTL_UPE;
	if (lo == ~0u && hi == 0xffff)
		return rctl & (RCTL_BAM | RCTL_MPE);
	if (rctl & RCTL_MPE)
		return true;
	hash = (frame[4] >> shift[rctl >> 12 & 3] | frame[5] << (8 - shift[rctl >> 12 & 3])) &
	    0xfff;
	return REG(R_MTA + 4 * (hash >> 5)) >> (hash & 31) & 1;
}

static void count_rx(const uint8_t *frame, size_t len)
{
	regs_count(S_GPRC, 1);
	regs_count64(S_GORCL, len);
	regs_count_size(S_PRC64, len);
	if (frame[0] & 1)
		regs_count(memcmp(frame, "\377\377\377\377\377\377", 6) ? S_MPRC : S_BPRC, 1);
}

/* Status and errors of the last descriptor: IPv4's header, and TCP or UDP over it when not a
 * fragment. */
static void verify(const uint8_t *f, size_t len, unsigned *status, unsigned *errors)
{
	uint32_t rxcsum = REG(R_RXCSUM), hl, total, sum;

	if (!(rxcsum & (RXCSUM_IPOFL | RXCSUM_TUOFL)) || len < 34 || f[12] != 8 || f[13] ||
	    f[14] >> 4 != 4) {
		*status |= RXS_IXSM;
		return;
	}
	hl = (f[14] & 15) * 4;
	total = (uint32_t)f[16] << 8 | f[17];
	if (hl < 20 || total < hl || 14 + total > len) {
		*status |= RXS_IXSM;
		return;
	}
	if (rxcsum & RXCSUM_IPOFL) {
		*status |= RXS_IPCS;
		if (sum_fold(sum16(f + 14, hl, 0)) != 0xffff)
			*errors |= RXE_IPE;
	}
	if (!(rxcsum & RXCSUM_TUOFL) || (f[20] & 0x3f) || f[21] || (f[23] != 6 && f[23] != 17))
		return;
	if (f[23] == 17 && !f[14 + hl + 6] && !f[14 + hl + 7])
		return; /* none was sent */
	*status |= RXS_TCPCS;
	sum = sum16(f + 26, 8, f[23] + total - hl);
	if (sum_fold(sum16(f + 14 + hl, total - hl, sum)) != 0xffff)
		*errors |= RXE_TCPE;
}

static size_t buffer_size(void)
{
	uint32_t rctl = REG(R_RCTL), bsize = rctl >> 16 & 3;

	if (!(rctl & RCTL_BSEX))
		return 2048u >> bsize;
	if (!bsize)
		e1000m_error("receive buffer size is reserved: RCTL %#x", rctl);
	return bsize ? 32768u >> bsize : 2048;
}

static bool queue(const uint8_t *frame, size_t len)
{
	struct fifo_frame *f = malloc(sizeof(*f) + len + 4);
	uint32_t crc = ether_crc(frame, len);

	if (!f)
		return false;
	f->next = NULL;
	f->len = len + 4;
	memcpy(f->data, frame, len);
	memcpy(f->data + len, &crc, 4); /* least significant byte first */
	*dev.rx_tail = f;
	dev.rx_tail = &f->next;
	dev.fifo_used += f->len;
	pthread_cond_signal(&dev.work);
	return true;
}

/* What the MAC throws away, and which counter knows. */
static bool acceptable(const uint8_t *frame, size_t len)
{
	regs_count(S_TPR, 1);
	regs_count64(S_TORL, len + 4);
	if (len + 4 < 64) {
		regs_count(S_RUC, 1);
		return false;
	}
	if (len > E1000M_MAXFRAME || (len + 4 > 1522 && !(REG(R_RCTL) & RCTL_LPE))) {
		regs_count(S_ROC, 1);
		return false;
	}
	return wanted(frame);
}

bool e1000m_receive(const uint8_t *frame, size_t len, bool wait)
{
	bool ok = false;

	pthread_mutex_lock(&dev.lock);
	while (wait && !dev.gone && !dev.stopping && dev.fifo_used + len + 4 > FIFO_BYTES)
		pthread_cond_wait(&dev.room, &dev.lock);
	if (dev.gone || dev.stopping || !(REG(R_STATUS) & STATUS_LU) || !(REG(R_RCTL) & RCTL_EN))
		goto out;
	if (!acceptable(frame, len))
		goto out;
	if (dev.fifo_used + len + 4 > FIFO_BYTES) {
		regs_count(S_MPC, 1);
		dev.counts.rx_missed++;
		regs_cause(ICR_RXO);
		goto out;
	}
	ok = queue(frame, len);
out:
	pthread_mutex_unlock(&dev.lock);
	return ok;
}

/* One descriptor; errors and checks only in the last of a frame. */
static bool fill(uint64_t desc, const struct fifo_frame *f, size_t off, size_t n, bool last)
{
	uint32_t *d = dma_ptr(desc, 16, "receive descriptor");
	unsigned status = RXS_DD | (last ? RXS_EOP : 0), errors = 0;
	size_t room = buffer_size();
	void *p;

	if (!d)
		return false;
	p = dma_ptr((uint64_t)d[1] << 32 | d[0], room, "receive buffer");
	if (!p)
		return false;
	memcpy(p, f->data + off, n);
	if (last)
		verify(f->data, f->len - 4, &status, &errors);
	d[2] = (uint32_t)n;
	__atomic_store_n(&d[3], status | errors << 8, __ATOMIC_RELEASE);
	return true;
}

static void take(struct fifo_frame *f)
{
	dev.rx_head = f->next;
	if (!dev.rx_head)
		dev.rx_tail = &dev.rx_head;
	dev.fifo_used -= f->len;
	pthread_cond_broadcast(&dev.room);
	free(f);
}

bool rx_step(void)
{
	uint32_t count, head = REG(R_RDH), avail, need, i, causes = ICR_RXT0;
	struct fifo_frame *f = dev.rx_head;
	size_t room, len;
	uint64_t base;

	if (!f)
		return false;
	if (dev.gone || !(REG(R_RCTL) & RCTL_EN)) {
		take(f); /* what was in flight when receiving was turned off */
		return true;
	}
	if (!ring_base(R_RDBAL, R_RDLEN, &count, &base) || head >= count)
		return false;
	room = buffer_size();
	len = f->len - (REG(R_RCTL) & RCTL_SECRC ? 4 : 0);
	need = (uint32_t)((len + room - 1) / room);
	avail = (REG(R_RDT) + count - head) % count;
	if (avail < need)
		return false; /* it waits in the packet buffer */
	for (i = 0; i < need; i++, head = (head + 1) % count)
		if (!fill(base + 16ull * head, f, i * room, i + 1 < need ? room : len - i * room,
			i + 1 == need))
			break;
	REG(R_RDH) = i == need ? head : REG(R_RDT);
	count_rx(f->data, f->len);
	dev.counts.rx_frames++;
	take(f);
	avail = (REG(R_RDT) + count - REG(R_RDH)) % count;
	if (avail <= count >> (1 + (REG(R_RCTL) >> 8 & 3)))
		causes |= ICR_RXDMT0;
	regs_cause(causes);
	return true;
}
