// SPDX-License-Identifier: BSD-2-Clause
/*
 * What hangs on the 82540EM: its EEPROM (64 words, read by EERD or as a microwire part by EECD's
 * pins) and its PHY, a Marvell 88E1011 behind MDIC.
 *
 * Interface: model.h. Locking: dev.lock is held.
 */
#include <string.h>

#include "model.h"

/* ---- EEPROM ---- */

#define EEPROM_SUM	0xbaba /* of words 0 to 3f */
#define MW_ADDRESS_BITS 6
#define MW_READ		2 /* of the two opcode bits behind the start bit */

void eeprom_init(void)
{
	const uint8_t *mac = dev.opt.mac;
	uint16_t sum = 0;
	unsigned i;

	memset(dev.eeprom, 0, sizeof(dev.eeprom));
	for (i = 0; i < 3; i++)
		dev.eeprom[i] = mac[2 * i] | mac[2 * i + 1] << 8;
	dev.eeprom[0x08] = 0x1234; /* board number */
	dev.eeprom[0x09] = 0x5678;
	dev.eeprom[0x0a] = 0x64c8; /* initialization control 1 */
	dev.eeprom[0x0b] = 0x001e; /* subsystem, its vendor, device, vendor */
	dev.eeprom[0x0c] = 0x8086;
	dev.eeprom[0x0d] = 0x100e;
	dev.eeprom[0x0e] = 0x8086;
	dev.eeprom[0x0f] = 0x3040; /* initialization control 2 */
	for (i = 0; i < EEPROM_WORDS - 1; i++)
		sum += dev.eeprom[i];
	dev.eeprom[EEPROM_WORDS - 1] = EEPROM_SUM - sum + (dev.opt.bad_checksum ? 1 : 0);
}

uint32_t eecd_read(void)
{
	uint32_t v = REG(R_EECD) & (EECD_SK | EECD_CS | EECD_DI | EECD_FWE | EECD_REQ);

	v |= EECD_PRES;
	if (v & EECD_REQ)
		v |= EECD_GNT;
	/* Data out: what the part drives, or high (ready) when it drives nothing. */
	if (!(dev.mw.state == 2 && !(dev.mw.out & 0x8000)))
		v |= EECD_DO;
	return v;
}

/*
 * The part sees a rising clock with chip select: it takes one bit in, or puts one out. States: 0
 * waiting for the start bit, 1 taking opcode and address, 2 giving data. A dummy 0 comes before the
 * first data bit.
 */
static void microwire_clock(bool di)
{
	struct microwire *mw = &dev.mw;

	switch (mw->state) {
	case 0:
		if (di) {
			mw->state = 1;
			mw->shift = mw->count = 0;
		}
		break;
	case 1:
		mw->shift = mw->shift << 1 | di;
		if (++mw->count < 2 + MW_ADDRESS_BITS)
			break;
		if (mw->shift >> MW_ADDRESS_BITS != MW_READ) {
			e1000m_error("EEPROM command %#x", mw->shift);
			mw->state = 0;
			break;
		}
		mw->addr = mw->shift & (EEPROM_WORDS - 1);
		mw->state = 2;
		mw->count = 0;
		mw->out = 0; /* the dummy bit */
		break;
	case 2:
		if (mw->count++ % 16 == 0)
			mw->out = dev.eeprom[mw->addr++ % EEPROM_WORDS];
		else
			mw->out <<= 1;
		break;
	}
}

void eecd_write(uint32_t v)
{
	uint32_t old = REG(R_EECD);

	if ((v & (EECD_SK | EECD_CS)) && !(v & EECD_REQ))
		e1000m_error("EEPROM pins moved without a grant");
	REG(R_EECD) = v;
	if (!(v & EECD_CS))
		dev.mw.state = 0;
	else if ((v & EECD_SK) && !(old & EECD_SK))
		microwire_clock(v & EECD_DI);
}

void eerd_write(uint32_t v)
{
	unsigned addr = v >> 8 & 0xff;

	if (!(v & EERD_START))
		return;
	if (addr >= EEPROM_WORDS)
		e1000m_error("EEPROM word %u", addr);
	REG(R_EERD) = (uint32_t)dev.eeprom[addr % EEPROM_WORDS] << 16 | addr << 8 | EERD_DONE;
}

/* ---- PHY ---- */

void phy_reset(void)
{
	memset(dev.phy, 0, sizeof(dev.phy));
	dev.phy[PHY_CTRL] = 0x1140;   /* negotiate, full duplex, 1000 */
	dev.phy[PHY_STATUS] = 0x7949; /* all of 10 and 100, extended status, can negotiate */
	dev.phy[PHY_ID1] = 0x0141;
	dev.phy[PHY_ID2] = 0x0c20;
	dev.phy[PHY_ANAR] = 0x0de1;
	dev.phy[PHY_1000CTRL] = 0x0e00;
	dev.phy[PHY_EXTSTATUS] = 0x3000;
	dev.phy[PHY_PSCR] = 0x0068;
	dev.phy[PHY_EPSCR] = 0x0d60;
}

bool phy_link(void)
{
	return dev.cable && !(dev.phy[PHY_CTRL] & (PHY_CTRL_RESET | PHY_CTRL_POWERDOWN));
}

/* What the registers say follows the cable; negotiation takes no time. */
static uint16_t phy_read(unsigned reg)
{
	bool link = phy_link();

	switch (reg) {
	case PHY_STATUS: return dev.phy[reg] | (link ? 0x0024 : 0); /* link, negotiation done */
	case PHY_LPAR: return link ? 0x45e1 : 0;
	case PHY_ANER: return link ? 0x0001 : 0;
	case PHY_1000STATUS: return link ? 0x7c00 : 0;
	case PHY_PSSR: return link ? 0xac04 : 0; /* 1000, full duplex, resolved, link */
	}
	return dev.phy[reg];
}

static void phy_write(unsigned reg, uint16_t v)
{
	bool link = phy_link();

	switch (reg) {
	case PHY_STATUS:
	case PHY_ID1:
	case PHY_ID2:
	case PHY_LPAR:
	case PHY_ANER:
	case PHY_1000STATUS:
	case PHY_EXTSTATUS:
	case PHY_PSSR:
	case PHY_ISR:
	case PHY_RXERR: e1000m_error("write of %#x to PHY register %u", v, reg); return;
	case PHY_CTRL:
		/* A reset keeps what was set beside it, as the manual says of the "retain"
		 * registers. */
		v &= ~(PHY_CTRL_RESET | PHY_CTRL_RESTART);
		break;
	}
	dev.phy[reg] = v;
	if (link != phy_link()) {
		regs_link();
		regs_cause(ICR_LSC);
	}
}

void mdic_write(uint32_t v)
{
	unsigned op = v >> 26 & 3, reg = v >> 16 & 31, addr = v >> 21 & 31;
	bool defined = reg <= PHY_1000STATUS || (reg >= PHY_EXTSTATUS && reg <= PHY_RXERR);

	REG(R_MDIC) = v | MDIC_READY;
	if (addr != PHY_ADDRESS) {
		REG(R_MDIC) |= MDIC_ERROR; /* nobody there: legal, it is how they are looked for */
	} else if (!defined || (op != MDIC_OP_READ && op != MDIC_OP_WRITE)) {
		e1000m_error("PHY operation %u on register %u", op, reg);
		REG(R_MDIC) |= MDIC_ERROR;
	} else if (op == MDIC_OP_READ) {
		REG(R_MDIC) = (REG(R_MDIC) & ~0xffffu) | phy_read(reg);
	} else {
		phy_write(reg, (uint16_t)v);
	}
	if (v & MDIC_INT)
		regs_cause(ICR_MDAC);
}
