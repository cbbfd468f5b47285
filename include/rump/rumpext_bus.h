/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension: port I/O, MSI, MMIO access hook, platform devices, console input (version 1). */
#ifndef RUMP_RUMPEXT_BUS_H
#define RUMP_RUMPEXT_BUS_H
#include <rump/rumptypes.h>
#define RUMPEXT_BUS_VERSION 1
/* x86 I/O ports (or a PCI host's I/O window elsewhere). width 1, 2 or 4 bytes. */
uint32_t rumpext_pio_read(unsigned port, int width);
void rumpext_pio_write(unsigned port, int width, uint32_t value);
/*
 * Accesses to memory that rumpcomp_pci_map() or a platform device gave are plain loads and stores unless the address
 * lies in [*lo, *hi) as told here at boot; those go through the two functions (device models). *lo == *hi: none.
 */
void rumpext_mmio_window(uintptr_t *lo, uintptr_t *hi);
uint64_t rumpext_mmio_read(const volatile void *addr, int width);
void rumpext_mmio_write(volatile void *addr, int width, uint64_t value);
/* Allocate nvec (a power of two) message-signalled interrupts; handler(arg) is called as for
 * rumpcomp_pci_irq_establish, args[i] for vector i. *addr and *data are what the device is to write (data + i). */
int rumpext_msi_alloc(unsigned cookie, unsigned nvec, int (*handler)(void *), void **args,
    uint64_t *addr, uint32_t *data, void **msi);
void rumpext_msi_free(void *msi);
void rumpext_irq_disestablish(void *irq);	/* undo rumpcomp_pci_irq_establish */
/* The idx'th device that is described, not probed (virtio-mmio and the like). ENXIO after the last. */
struct rumpext_platdev {
	char	 pd_name[32];		/* driver's name, e.g. "virtio-mmio" */
	uint64_t pd_base, pd_len;	/* for rumpcomp_pci_map() */
	uint32_t pd_irq;		/* for rumpcomp_pci_irq_establish() */
};
int rumpext_platdev(unsigned idx, struct rumpext_platdev *);
/* Console input: up to len bytes that are ready, 0 if none; does not block. After new input the platform
 * calls rump_ext_console_input() from a thread or interrupt without the donor's CPU. */
size_t rumpext_console_read(char *buf, size_t len);
void rump_ext_console_input(void);
#endif
