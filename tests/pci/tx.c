// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sending: the transmit ring, its legacy, data and context descriptors. Frames are gathered from
 * their descriptors and leave by tx_wire(), cut into segments where the descriptors ask for it.
 *
 * Interface: model.h. Locking: dev.lock is held, and dropped around the wire's callback. The frame
 * under construction belongs to the DMA thread.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define MAXDATA (256 * 1024) /* of one segmented send: the header and PAYLEN */

static struct {
	uint8_t data[MAXDATA];
	size_t len;
	unsigned popts, cmd;
	uint8_t cso, css;
	bool started;
	struct tx_context offload, tso;
} tx;

bool ring_base(uint32_t bal, uint32_t len, uint32_t *count, uint64_t *base)
{
	*base = (uint64_t)REG(bal + 4) << 32 | REG(bal);
	*count = REG(len) / 16;
	return *count != 0;
}

void tx_reset(void)
{
	tx.len = 0;
	tx.started = false;
}

static void count_tx(const uint8_t *frame, size_t len)
{
	len += 4;
	regs_count(S_GPTC, 1);
	regs_count(S_TPT, 1);
	regs_count64(S_GOTCL, len);
	regs_count64(S_TOTL, len);
	regs_count_size(S_PTC64, len);
	if (frame[0] & 1)
		regs_count(memcmp(frame, "\377\377\377\377\377\377", 6) ? S_MPTC : S_BPTC, 1);
	dev.counts.tx_frames++;
}

/* Out it goes. Too short ones are padded if TCTL says so. */
void tx_wire(uint8_t *frame, size_t len)
{
	if (len < 60 && (REG(R_TCTL) & TCTL_PSP)) {
		memset(frame + len, 0, 60 - len);
		len = 60;
	}
	if (len < 14 || len > E1000M_MAXFRAME) {
		e1000m_error("sending a frame of %zu bytes", len);
		return;
	}
	count_tx(frame, len);
	if (!(REG(R_STATUS) & STATUS_LU) || !dev.opt.tx)
		return;
	pthread_mutex_unlock(&dev.lock);
	dev.opt.tx(dev.opt.arg, frame, len);
	pthread_mutex_lock(&dev.lock);
}

/* The legacy way: sum from css on to the end of the frame, stored at cso. */
static void legacy_checksum(void)
{
	uint16_t sum;

	if (tx.css >= tx.len || tx.cso + 1u >= tx.len) {
		e1000m_error("legacy checksum at %u from %u of %zu", tx.cso, tx.css, tx.len);
		return;
	}
	sum = ~sum_fold(sum16(tx.data + tx.css, tx.len - tx.css, 0));
	tx.data[tx.cso] = sum >> 8;
	tx.data[tx.cso + 1] = (uint8_t)sum;
}

static void finish(bool legacy)
{
	size_t len = tx.len;

	tx.len = 0;
	tx.started = false;
	if (legacy) {
		tx.len = len;
		if (tx.cmd & TXC_IC)
			legacy_checksum();
		tx.len = 0;
		tx_wire(tx.data, len);
	} else if (tx.cmd & TXC_TSE) {
		if (len != (size_t)tx.tso.hdrlen + tx.tso.paylen)
			e1000m_error("segmented send of %zu bytes, announced %u + %u", len,
			    tx.tso.hdrlen, tx.tso.paylen);
		else
			tx_segment(tx.data, len, &tx.tso, tx.popts);
	} else {
		tx_checksums(tx.data, len, &tx.offload, tx.popts);
		tx_wire(tx.data, len);
	}
}

static void context(const uint32_t *d)
{
	struct tx_context c = {
		.ipcss = d[0] & 0xff,
		.ipcso = d[0] >> 8 & 0xff,
		.ipcse = d[0] >> 16,
		.tucss = d[1] & 0xff,
		.tucso = d[1] >> 8 & 0xff,
		.tucse = d[1] >> 16,
		.paylen = d[2] & 0xfffff,
		.tucmd = d[2] >> 24,
		.hdrlen = d[3] >> 8 & 0xff,
		.mss = d[3] >> 16,
	};

	if (tx.started)
		e1000m_error("context descriptor in the middle of a frame");
	if (c.tucmd & TXC_TSE) {
		if (!c.mss || !c.hdrlen || c.hdrlen + c.paylen > MAXDATA)
			e1000m_error(
			    "context: mss %u, header %u, payload %u", c.mss, c.hdrlen, c.paylen);
		tx.tso = c;
	} else {
		tx.offload = c;
	}
}

static void data(const uint32_t *d, bool legacy)
{
	uint64_t addr = (uint64_t)d[1] << 32 | d[0];
	size_t len = legacy ? d[2] & 0xffff : d[2] & 0xfffff;
	unsigned cmd = d[2] >> 24;
	const void *p;

	if (!tx.started) {
		tx.started = true;
		tx.cmd = cmd;
		tx.popts = legacy ? 0 : d[3] >> 8 & 0xff; /* counts in the first one only */
		tx.cso = d[2] >> 16 & 0xff;
		tx.css = d[3] >> 8 & 0xff;
	}
	if (len > MAXDATA - tx.len) {
		e1000m_error("frame of more than %zu bytes", tx.len + len);
		len = 0;
	}
	p = len ? dma_ptr(addr, len, "transmit buffer") : NULL;
	if (p) {
		memcpy(tx.data + tx.len, p, len);
		tx.len += len;
	}
	if (cmd & TXC_EOP) {
		if (!(cmd & TXC_IFCS))
			e1000m_error("frame without a CRC");
		finish(legacy);
	}
}

bool tx_step(void)
{
	uint32_t count, head = REG(R_TDH), *d, cmd;
	uint64_t base;

	if (!(REG(R_TCTL) & TCTL_EN) || head == REG(R_TDT) || dev.gone ||
	    !ring_base(R_TDBAL, R_TDLEN, &count, &base) || head >= count)
		return false;
	d = dma_ptr(base + 16ull * head, 16, "transmit descriptor");
	if (!d) {
		REG(R_TDH) = REG(R_TDT); /* or it would be tried for ever */
		return false;
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	cmd = d[2] >> 24;
	if (!(cmd & TXC_DEXT))
		data(d, true);
	else if ((d[2] >> 20 & 15) == DTYP_CONTEXT)
		context(d);
	else if ((d[2] >> 20 & 15) == DTYP_DATA)
		data(d, false);
	else
		e1000m_error("transmit descriptor of type %u", d[2] >> 20 & 15);
	/* A reset may have come while the wire had the frame. */
	if (!(REG(R_TCTL) & TCTL_EN) || REG(R_TDH) != head || !dev.master)
		return true;
	if (cmd & TXC_RS)
		__atomic_store_n(&d[3], d[3] | TXS_DD, __ATOMIC_RELEASE);
	REG(R_TDH) = (head + 1) % count;
	regs_cause((cmd & TXC_RS ? ICR_TXDW : 0) | (REG(R_TDH) == REG(R_TDT) ? ICR_TXQE : 0));
	return true;
}
