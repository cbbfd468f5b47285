/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the devices are: as the device tree says, where the loader passes one; else, and for
 * devices that it does not mention, as on every Raspberry Pi 3. One that the tree switches off is
 * not there. An address outside the two windows that are mapped is not believed.
 *
 * Locking: none; devices_find() at boot, everything else only reads.
 */
#include <nucleus/log.h>
#include <nucleus/string.h>

#include <board/arm/fdt.h>

#include "raspi3.h"

#define BANK_LINES	32		/* lines of a bank of the tree's; bank 0: the basic ones */

static struct device {
	const char	*compatible;
	paddr_t		base;
	unsigned	line;		/* NO_LINE: it has none that we use */
	bool		off, found;
} devices[] = {
	[IC]		= { "brcm,bcm2836-armctrl-ic", PERIPHERALS + 0xb200, NO_LINE, false, false },
	[MAILBOX]	= { "brcm,bcm2835-mbox", PERIPHERALS + 0xb880, NO_LINE, false, false },
	[POWER]		= { "brcm,bcm2835-pm-wdt", PERIPHERALS + 0x100000, NO_LINE, false, false },
	[RNG]		= { "brcm,bcm2835-rng", PERIPHERALS + 0x104000, NO_LINE, false, false },
	[GPIO]		= { "brcm,bcm2835-gpio", PERIPHERALS + 0x200000, NO_LINE, false, false },
	[UART0]		= { "arm,pl011", PERIPHERALS + 0x201000, LINE_UART0, false, false },
	[AUX]		= { "brcm,bcm2835-aux", PERIPHERALS + 0x215000, LINE_AUX, false, false },
	[LOCAL]		= { "brcm,bcm2836-l1-intc", LOCALS, NO_LINE, false, false },
};

static bool mapped(paddr_t start, paddr_t len)
{
	return (start >= PERIPHERALS && start < PERIPHERALS + PERIPHERALS_LEN &&
	    len <= PERIPHERALS + PERIPHERALS_LEN - start) || (start == LOCALS && len <= LOCALS_LEN);
}

/* "interrupts" is a bank and a number in it. */
static void find_line(const struct fdt_walk *w, struct device *d)
{
	uint64_t bank, n;

	if (d->line == NO_LINE || !fdt_number(w, "interrupts", 0, 1, &bank) ||
	    !fdt_number(w, "interrupts", 1, 1, &n) || bank > 2 || n >= BANK_LINES)
		return;
	d->line = (unsigned)(bank == 0 ? LINES_BASIC + n : (bank - 1) * BANK_LINES + n);
}

unsigned devices_find(void)
{
	struct fdt_walk w = { 0 };
	paddr_t base, len;
	unsigned found = 0;

	while (fdt_next(&w)) {
		for (struct device *d = devices; d < devices + ARRAY_SIZE(devices); d++) {
			if (d->found || !fdt_compatible(&w, d->compatible) || !fdt_reg(&w, 0, &base, &len) ||
			    !mapped(base, len))
				continue;
			d->found = true;
			d->off = !fdt_enabled(&w);
			d->base = base;
			find_line(&w, d);
			found++;
		}
	}
	return found;
}

bool device_there(enum device_name name)
{
	return !devices[name].off;
}

paddr_t device_base(enum device_name name)
{
	return devices[name].base;
}

unsigned device_line(enum device_name name)
{
	return devices[name].line;
}

/* The tree says it core by core; the firmware's own is at 0xd8, 8 bytes for each. */
paddr_t core_release(unsigned core)
{
	struct fdt_walk w = { 0 };
	uint64_t reg, release;
	const char *type;

	while (fdt_next(&w)) {
		type = fdt_string(&w, "device_type");
		if (type != NULL && strcmp(type, "cpu") == 0 && w.depth == 3 &&
		    fdt_number(&w, "reg", 0, w.level[2].acells, &reg) && (reg & 0xff) == core &&
		    fdt_number(&w, "cpu-release-addr", 0, 2, &release) && release % 8 == 0 &&
		    release < PAGE_SIZE)
			return release;
	}
	return 0xd8 + core * 8;
}
