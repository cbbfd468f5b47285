/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI: configuration space and memory for DMA. Interrupts: irq.c; memory of devices: bus.c.
 *
 * Interface: rumpcomp_pci_confread, _confwrite, _dmalloc, _dmafree, _dmamem_map;
 * rumpext_pci_confwrite.
 * Locking: none.
 */
#include <nucleus/board.h>
#include <nucleus/page.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>

#include "platform.h"

/* A donor cannot say how far its device reaches: as far as every PCI device does. */
#define DMA_LIMIT	0xffffffffu

static int check(int reg)
{
	unsigned size = board_pci_config_size();

	if (size == 0)
		return RUMP_ENODEV;
	return reg < 0 || (unsigned)reg >= size || (reg & 3) != 0 ? RUMP_EINVAL : 0;
}

int rumpcomp_pci_confread(unsigned bus, unsigned dev, unsigned fun, int reg, unsigned int *value)
{
	int error = check(reg);

	if (error == RUMP_ENODEV)
		*value = ~0u;
	if (error == 0)
		*value = board_pci_read(bus, dev, fun, (unsigned)reg);
	return error;
}

int rumpcomp_pci_confwrite(unsigned bus, unsigned dev, unsigned fun, int reg, unsigned int value)
{
	int error = check(reg);

	if (error == 0)
		board_pci_write(bus, dev, fun, (unsigned)reg, 4, value);
	return error;
}

int rumpext_pci_confwrite(unsigned bus, unsigned dev, unsigned fun, int reg, int width,
    unsigned int value)
{
	int error = check(reg & ~3);

	if (error == 0 && ((width != 1 && width != 2) || (reg & (width - 1)) != 0))
		error = RUMP_EINVAL;
	if (error == 0)
		board_pci_write(bus, dev, fun, (unsigned)reg, width, value);
	return error;
}

int rumpcomp_pci_dmalloc(size_t size, size_t align, unsigned long *pap, unsigned long *vap)
{
	size_t npages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
	struct page *pg;

	if (size == 0 || size > DMA_LIMIT)
		return RUMP_ENOMEM;
	pg = page_alloc_contig(npages, MAX(align, PAGE_SIZE), DMA_LIMIT, 0);
	if (pg == NULL)
		return RUMP_ENOMEM;
	*pap = page_to_phys(pg);
	*vap = (unsigned long)page_to_virt(pg);
	return 0;
}

void rumpcomp_pci_dmafree(unsigned long va, size_t size)
{
	page_free_contig(phys_to_page(virt_to_phys((void *)va)), (size + PAGE_SIZE - 1) / PAGE_SIZE);
}

/* Memory for DMA has an address already, of which the cookie is one. */
int rumpcomp_pci_dmamem_map(struct rumpcomp_pci_dmaseg *segs, size_t nseg, size_t totlen,
    void **vap)
{
	(void)totlen;
	if (nseg != 1)
		return RUMP_EINVAL;
	*vap = (void *)segs[0].ds_vacookie;
	return 0;
}
