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

#endif
