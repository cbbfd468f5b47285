// SPDX-License-Identifier: GPL-2.0-only
/* Device memory: the platform maps it. Bus addresses are the platform's own. */
#include <linux/kernel.h>
#include <linux/export.h>
#include <linux/io.h>
#include <asm/rump.h>
#include "mm.h"

unsigned long pillion_mmio_lo, pillion_mmio_size;
EXPORT_SYMBOL(pillion_mmio_lo);
EXPORT_SYMBOL(pillion_mmio_size);

static int __init mmio_init(void)
{
	uintptr_t lo, hi;

	rumpext_mmio_window(&lo, &hi);
	pillion_mmio_lo = lo;
	pillion_mmio_size = hi - lo;
	return 0;
}
arch_initcall(mmio_init);

void __iomem *ioremap(phys_addr_t addr, size_t size)
{
	void *va = rumpcomp_pci_map(addr, size);

	if (va && !pillion_uaccess_device((unsigned long)va, size))
		return NULL;	/* it could be named in a system call */
	return (void __iomem *)va;
}
EXPORT_SYMBOL(ioremap);

void iounmap(volatile void __iomem *addr)
{
}
EXPORT_SYMBOL(iounmap);
