// SPDX-License-Identifier: BSD-2-Clause
/*
 * The 82540EM's registers: which there are and how they may be accessed, interrupt causes, reset,
 * statistics.
 *
 * Interface: model.h. Locking: dev.lock is held.
 */
#include <string.h>

#include "model.h"

enum { RO = 1, WO = 2, RW = RO | WO, RC = 4 | RO };

static const struct range {
	uint32_t first, last;
	int access;
} ranges[] = {
	{ R_CTRL, R_CTRL_DUP, RW },
	{ R_STATUS, R_STATUS, RO },
	{ R_EECD, R_CTRL_EXT, RW },
	{ R_MDIC, R_MDIC, RW },
	{ R_FCAL, R_VET, RW },
	{ R_ICR, R_ICR, RW },
	{ R_ITR, R_ITR, RW },
	{ R_ICS, R_ICS, WO },
	{ R_IMS, R_IMS, RW },
	{ R_IMC, R_IMC, WO },
	{ R_RCTL, R_RCTL, RW },
	{ R_FCTTV, R_FCTTV, RW },
	{ R_TXCW, R_TXCW, RW },
	{ R_RXCW, R_RXCW, RO },
	{ R_TCTL, R_TCTL, RW },
	{ R_TIPG, R_TIPG, RW },
	{ R_AIFS, R_AIFS, RW },
	{ R_LEDCTL, R_LEDCTL, RW },
	{ R_PBA, R_PBA, RW },
	{ R_FCRTL, R_FCRTL, RW },
	{ R_FCRTH, R_FCRTH, RW },
	{ R_RDFH, R_RDFPC, RW },
	{ R_RDBAL, R_RDLEN, RW },
	{ R_RDH, R_RDH, RW },
	{ R_RDT, R_RDT, RW },
	{ R_RDTR, R_RDTR, RW },
	{ R_RXDCTL, R_RADV, RW },
	{ R_RSRPD, R_RSRPD, RW },
	{ R_TDFH, R_TDFPC, RW },
	{ R_TDBAL, R_TDLEN, RW },
	{ R_TDH, R_TDH, RW },
	{ R_TDT, R_TDT, RW },
	{ R_TIDV, R_TIDV, RW },
	{ R_TXDCTL, R_TSPMT, RW },
	{ S_FIRST, S_LAST, RC },
	{ R_RXCSUM, R_RXCSUM, RW },
	{ R_MTA, R_MTA + 127 * 4, RW },
	{ R_RAL, R_RAL + 31 * 4, RW },
	{ R_VFTA, R_VFTA + 127 * 4, RW },
	{ R_WUC, R_WUC, RW },
	{ R_WUFC, R_WUFC, RW },
	{ R_WUS, R_WUS, RW },
	{ R_MANC, R_MANC, RW },
	{ R_IPAV, R_IPAV, RW },
	{ R_IP4AT, R_IP4AT + 28, RW },
	{ R_IP6AT, R_IP6AT + 12, RW },
	{ R_WUPL, R_WUPL, RW },
};

static int access_of(uint32_t off)
{
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (off >= ranges[i].first && off <= ranges[i].last)
			return ranges[i].access;
	return 0;
}

/* ---- interrupts ---- */

void regs_cause(uint32_t causes)
{
	REG(R_ICR) |= causes & ICR_ALL;
	bus_line_changed();
}

/* ---- reset ---- */

void regs_link(void)
{
	if (phy_link() && (REG(R_CTRL) & CTRL_SLU))
		REG(R_STATUS) |= STATUS_LU | STATUS_FD | STATUS_SPEED1000 | STATUS_ASDV1000;
	else
		REG(R_STATUS) &= ~STATUS_LU;
}

void regs_reset(bool power_on)
{
	uint32_t ral = dev.eeprom[0] | (uint32_t)dev.eeprom[1] << 16;

	memset(dev.reg, 0, sizeof(dev.reg));
	REG(R_CTRL) = CTRL_FD | 0x00000200u;
	REG(R_STATUS) = STATUS_FD | STATUS_SPEED1000;
	REG(R_PBA) = 0x00100030u; /* KB for sending, for receiving */
	REG(R_LEDCTL) = 0x07068302u;
	REG(R_RAL) = ral;
	REG(R_RAL + 4) = dev.eeprom[2] | RAH_AV;
	REG(R_RXCSUM) = 0;
	memset(&dev.mw, 0, sizeof(dev.mw));
	tx_reset();
	if (power_on)
		phy_reset();
	bus_line_changed();
}

/* ---- statistics: they stick at their maximum ---- */

void regs_count(uint32_t off, uint32_t n) { REG(off) = REG(off) + n < n ? ~0u : REG(off) + n; }

void regs_count64(uint32_t low, uint64_t n)
{
	uint64_t v = (uint64_t)REG(low + 4) << 32 | REG(low);

	v += n;
	REG(low) = (uint32_t)v;
	REG(low + 4) = (uint32_t)(v >> 32);
}

/* Frame of len bytes, CRC included, in the six counters by size from base on. */
void regs_count_size(uint32_t base, size_t len)
{
	static const size_t limit[] = { 64, 127, 255, 511, 1023 };
	unsigned i = 0;

	while (i < 5 && len > limit[i])
		i++;
	regs_count(base + 4 * i, 1);
}

/* Reading clears; a 64-bit one as a whole when its high half is read. */
static void stat_read(uint32_t off)
{
	switch (off) {
	case S_GORCL:
	case S_GOTCL:
	case S_TORL:
	case S_TOTL: return;
	case S_GORCL + 4:
	case S_GOTCL + 4:
	case S_TORL + 4:
	case S_TOTL + 4: REG(off - 4) = 0;
	}
	REG(off) = 0;
}

/* ---- access ---- */

static uint32_t read_special(uint32_t off)
{
	uint32_t v = REG(off);

	switch (off) {
	case R_ICR:
		REG(R_ICR) = 0;
		bus_line_changed();
		return v;
	case R_EECD: return eecd_read();
	case R_CTRL_DUP: return REG(R_CTRL);
	}
	return v;
}

uint32_t regs_read(uint32_t off)
{
	int access = access_of(off);
	uint32_t v;

	if (!(access & RO)) {
		e1000m_error("read of %s register %#x", access ? "write-only" : "undefined", off);
		return 0;
	}
	v = read_special(off);
	if (access == RC)
		stat_read(off);
	return v;
}

static void write_ctrl(uint32_t v)
{
	bool link = REG(R_STATUS) & STATUS_LU;

	if (v & CTRL_RST) {
		regs_reset(false);
		return;
	}
	if (v & CTRL_PHY_RST)
		phy_reset();
	REG(R_CTRL) = v & ~(CTRL_RST | CTRL_PHY_RST);
	regs_link();
	if (!link != !(REG(R_STATUS) & STATUS_LU))
		regs_cause(ICR_LSC);
}

/* A ring's registers: 16-byte aligned, a multiple of 128 bytes, head and tail inside. */
static void check_ring(uint32_t off, uint32_t v, uint32_t len)
{
	if (off == R_RDBAL || off == R_TDBAL) {
		if (v & 15)
			e1000m_error("ring base %#x is not aligned", v);
	} else if (off == R_RDLEN || off == R_TDLEN) {
		if ((v & 127) || v > 0xfff80)
			e1000m_error("ring length %#x", v);
	} else if (v && v >= len / 16) {
		e1000m_error("index %u of a ring of %u (%#x)", v, len / 16, off);
	}
}

static void write_ring(uint32_t off, uint32_t v)
{
	bool rx = off < R_TDFH, enabled = REG(rx ? R_RCTL : R_TCTL) & RCTL_EN;

	check_ring(off, v, REG(rx ? R_RDLEN : R_TDLEN));
	if (enabled && off != R_RDT && off != R_TDT && off != R_RDTR)
		e1000m_error("write to %#x while the ring is in use", off);
	REG(off) = v;
	if (off == R_RDT || off == R_TDT)
		pthread_cond_signal(&dev.work);
}

void regs_write(uint32_t off, uint32_t v)
{
	int access = access_of(off);

	if (!(access & WO)) {
		e1000m_error(
		    "write of %#x to %s register %#x", v, access ? "read-only" : "undefined", off);
		return;
	}
	switch (off) {
	case R_CTRL:
	case R_CTRL_DUP: write_ctrl(v); break;
	case R_EECD: eecd_write(v); break;
	case R_EERD: eerd_write(v); break;
	case R_MDIC: mdic_write(v); break;
	case R_ICR: /* writing ones clears */
		REG(R_ICR) &= ~v;
		bus_line_changed();
		break;
	case R_ICS: regs_cause(v); break;
	case R_IMS:
		REG(R_IMS) |= v & ICR_ALL;
		bus_line_changed();
		break;
	case R_IMC:
		REG(R_IMS) &= ~v;
		bus_line_changed();
		break;
	case R_RDBAL:
	case R_RDBAH:
	case R_RDLEN:
	case R_RDH:
	case R_RDT:
	case R_TDBAL:
	case R_TDBAH:
	case R_TDLEN:
	case R_TDH:
	case R_TDT: write_ring(off, v); break;
	default:
		REG(off) = v;
		if (off == R_RCTL || off == R_TCTL)
			pthread_cond_signal(&dev.work);
	}
}
