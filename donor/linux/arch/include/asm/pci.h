/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PCI_H
#define _ASM_PILLION_PCI_H

#define pcibios_assign_all_busses()	0
#define PCIBIOS_MIN_IO		0x1000
#define PCIBIOS_MIN_MEM		0x10000000

static inline int pci_proc_domain(struct pci_bus *bus)
{
	return 0;
}

static inline int pci_get_legacy_ide_irq(struct pci_dev *dev, int channel)
{
	return channel ? 15 : 14;
}
#define HAVE_PCI_LEGACY_IDE_IRQ

#endif
