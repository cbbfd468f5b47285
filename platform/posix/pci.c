/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI on a host process: there is none. All weak, so that a program can bring a bus of its own (a
 * model of a device, a passthrough) by defining these functions.
 *
 * Interface: rumpcomp_pci.h, and its extensions in rumpext_bus.h. Locking: none.
 */
#include "posix.h"

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>

#define WEAK __attribute__((__weak__))

WEAK int
rumpcomp_pci_iospace_init(void)
{

	return RUMP_ENODEV;
}

WEAK void *
rumpcomp_pci_map(unsigned long addr, unsigned long len)
{

	(void)addr;
	(void)len;
	return NULL;
}

WEAK int
rumpcomp_pci_confread(unsigned bus, unsigned dev, unsigned fun, int reg, unsigned int *value)
{

	(void)bus;
	(void)dev;
	(void)fun;
	(void)reg;
	*value = ~0u;
	return RUMP_ENODEV;
}

WEAK int
rumpcomp_pci_confwrite(unsigned bus, unsigned dev, unsigned fun, int reg, unsigned int value)
{

	(void)bus;
	(void)dev;
	(void)fun;
	(void)reg;
	(void)value;
	return RUMP_ENODEV;
}

WEAK int
rumpext_pci_confwrite(unsigned bus, unsigned dev, unsigned fun, int reg, int width,
    unsigned int value)
{

	(void)bus;
	(void)dev;
	(void)fun;
	(void)reg;
	(void)width;
	(void)value;
	return RUMP_ENODEV;
}

WEAK int
rumpcomp_pci_irq_map(unsigned bus, unsigned dev, unsigned fun, int intrline, unsigned cookie)
{

	(void)bus;
	(void)dev;
	(void)fun;
	(void)intrline;
	(void)cookie;
	return RUMP_ENODEV;
}

WEAK void *
rumpcomp_pci_irq_establish(unsigned cookie, int (*handler)(void *), void *arg)
{

	(void)cookie;
	(void)handler;
	(void)arg;
	return NULL;
}

WEAK void
rumpext_irq_disestablish(void *irq)
{

	(void)irq;
}

WEAK int
rumpext_msi_alloc(unsigned cookie, unsigned nvec, int (*handler)(void *), void **args,
    uint64_t *addr, uint32_t *data, void **msi)
{

	(void)cookie;
	(void)nvec;
	(void)handler;
	(void)args;
	(void)addr;
	(void)data;
	(void)msi;
	return RUMP_ENODEV;
}

WEAK void
rumpext_msi_free(void *msi)
{

	(void)msi;
}

WEAK int
rumpcomp_pci_dmalloc(size_t size, size_t align, unsigned long *pap, unsigned long *vap)
{

	(void)size;
	(void)align;
	(void)pap;
	(void)vap;
	return RUMP_ENODEV;
}

WEAK void
rumpcomp_pci_dmafree(unsigned long va, size_t size)
{

	(void)va;
	(void)size;
}

WEAK int
rumpcomp_pci_dmamem_map(struct rumpcomp_pci_dmaseg *segs, size_t nseg, size_t totlen, void **vap)
{

	(void)segs;
	(void)nseg;
	(void)totlen;
	(void)vap;
	return RUMP_ENODEV;
}

WEAK unsigned long
rumpcomp_pci_virt_to_mach(void *va)
{

	(void)va;
	return 0;
}
