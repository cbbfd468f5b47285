/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O hypercalls for PCI: configuration space, BARs, interrupts, memory for DMA. Binary interface
 * of NetBSD's rumpdev_pci. A platform without PCI answers as said at each function.
 *
 * Errors, classes and words are those of <rump/rumpuser.h>. All are [nonblocking]; the caller
 * serialises accesses to one device's configuration space. Port I/O, MSI, undoing of an
 * interrupt: rumpext_bus.h.
 */
#ifndef RUMP_RUMPCOMP_PCI_H
#define RUMP_RUMPCOMP_PCI_H

#include <rump/rumptypes.h>

/*
 * Prepare I/O port access for the calling program (the donor then may execute in and out, or call
 * rumpext_pio_*). RUMP_ENODEV, RUMP_EPERM: no ports here; the donor goes on without.
 */
int rumpcomp_pci_iospace_init(void);

/*
 * Make len bytes of bus memory from addr on (a BAR, a described device) accessible and return its
 * address, uncached, good until the program ends; NULL if there is no such memory. See
 * rumpext_mmio_window.
 */
void *rumpcomp_pci_map(unsigned long addr, unsigned long len);

/*
 * The 32 bits of configuration space at reg, a multiple of 4, of a function of a device;
 * little-endian registers as host integers. A device that is not there reads as ~0 with result 0;
 * writes to it do nothing. RUMP_ENODEV: no such bus at all, and *value is ~0 too. RUMP_EINVAL:
 * reg out of range or unaligned.
 */
int rumpcomp_pci_confread(unsigned bus, unsigned dev, unsigned fun, int reg, unsigned int *value);
int rumpcomp_pci_confwrite(unsigned bus, unsigned dev, unsigned fun, int reg, unsigned int value);

/*
 * irq_map: name cookie, which the donor chooses, as the interrupt of a device's pin that its
 * register 0x3c calls intrline. RUMP_ENODEV. irq_establish: call handler(arg) whenever that
 * interrupt is raised, from a thread or interrupt of the platform, one call at a time for one
 * interrupt, holding the donor's CPU (rumpuser_component_schedule). The result is not 0 if it was
 * the handler's device. While a handler has not returned the interrupt is masked. Returns a
 * handle, NULL if it cannot.
 */
int rumpcomp_pci_irq_map(unsigned bus, unsigned dev, unsigned fun, int intrline, unsigned cookie);
void *rumpcomp_pci_irq_establish(unsigned cookie, int (*handler)(void *), void *arg);

/*
 * dmalloc: size bytes, physically contiguous, bus address a multiple of align (a power of two, at
 * least a page is kept), coherent with devices: *pap the bus address, *vap a cookie that is the
 * address in the program where the platform maps all such memory. RUMP_ENOMEM, RUMP_ENODEV.
 * dmafree: gives it back. dmamem_map: one address range for nseg pieces got from dmalloc, totlen
 * in all, in order; a platform may refuse more than one with RUMP_EINVAL.
 * virt_to_mach: bus address of the byte at va, which is in memory of dmalloc, of rumpuser_malloc
 * (contiguous to the end of the page) or in the arena (contiguous throughout where the platform
 * says so). 0: none.
 */
struct rumpcomp_pci_dmaseg {
	unsigned long	ds_pa;
	unsigned long	ds_len;
	unsigned long	ds_vacookie;
};
int rumpcomp_pci_dmalloc(size_t size, size_t align, unsigned long *pap, unsigned long *vap);
void rumpcomp_pci_dmafree(unsigned long va, size_t size);
int rumpcomp_pci_dmamem_map(struct rumpcomp_pci_dmaseg *segs, size_t nseg, size_t totlen,
    void **vap);
unsigned long rumpcomp_pci_virt_to_mach(void *va);

#endif /* RUMP_RUMPCOMP_PCI_H */
