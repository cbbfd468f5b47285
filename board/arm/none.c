/* SPDX-License-Identifier: BSD-2-Clause */
/* What these boards have not, or nobody drives: I/O ports, PCI, message-signalled interrupts. */
#include <nucleus/board.h>
#include <nucleus/error.h>

uint32_t board_pio_read(unsigned port, int width)
{
	(void)port;
	return width == 4 ? ~0u : (1u << width * 8) - 1;
}

void board_pio_write(unsigned port, int width, uint32_t value)
{
	(void)port;
	(void)width;
	(void)value;
}

unsigned board_pci_config_size(void)
{
	return 0;
}

uint32_t board_pci_read(unsigned bus, unsigned dev, unsigned fn, unsigned reg)
{
	(void)bus;
	(void)dev;
	(void)fn;
	(void)reg;
	return ~0u;
}

void board_pci_write(unsigned bus, unsigned dev, unsigned fn, unsigned reg, int width,
    uint32_t value)
{
	(void)bus;
	(void)dev;
	(void)fn;
	(void)reg;
	(void)width;
	(void)value;
}

int board_pci_irq(unsigned bus, unsigned dev, unsigned fn, unsigned intrline)
{
	(void)bus;
	(void)dev;
	(void)fn;
	(void)intrline;
	return -1;
}

int board_isa_irq(unsigned n)
{
	(void)n;
	return -1;
}

int board_msi_alloc(unsigned count, unsigned *np, uint64_t *addrp, uint32_t *datap)
{
	(void)count;
	(void)np;
	(void)addrp;
	(void)datap;
	return E_NODEV;
}

void board_msi_free(unsigned n, unsigned count)
{
	(void)n;
	(void)count;
}
