/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_LIBATA_PORTMAP_H
#define _ASM_PILLION_LIBATA_PORTMAP_H

/* IDE channels in compatibility mode interrupt by ISA's lines 14 and 15; 0: there are none. */
int pillion_isa_irq(struct pci_dev *dev, unsigned int line);

#define ATA_PRIMARY_IRQ(dev)	pillion_isa_irq(dev, 14)
#define ATA_SECONDARY_IRQ(dev)	pillion_isa_irq(dev, 15)

#endif
