/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: port I/O, device memory hook, MSI, described devices, console input. Version 1.
 *
 * Reason: rumpcomp_pci_* has a donor execute in and out itself, which a position independent,
 * unprivileged object does not; it knows neither message-signalled interrupts nor the end of one;
 * a board's own devices are described by the board and not found on PCI; and rumpuser(3) has no
 * console input.
 *
 * Words, error numbers and classes are those of <rump/rumpuser.h>. All are [nonblocking].
 * Locking: each access is whole by itself; order between threads is the caller's.
 */
#ifndef RUMP_RUMPEXT_BUS_H
#define RUMP_RUMPEXT_BUS_H

#include <rump/rumptypes.h>

#define RUMPEXT_BUS_VERSION 1

/*
 * One access to an I/O port (x86's, or a PCI host's I/O window elsewhere), width 1, 2 or 4 bytes.
 * Where no device answers, or there are no ports, a read gives all ones and a write does nothing.
 */
uint32_t rumpext_pio_read(unsigned port, int width);
void rumpext_pio_write(unsigned port, int width, uint32_t value);

/*
 * Accesses to memory that rumpcomp_pci_map() or a described device gave are plain loads and
 * stores unless the address lies in [*lo, *hi), asked for once at boot; those go through the two
 * functions (models of devices), width 1, 2, 4 or 8, value in the host's byte order. *lo == *hi:
 * none.
 */
void rumpext_mmio_window(uintptr_t *lo, uintptr_t *hi);
uint64_t rumpext_mmio_read(const volatile void *addr, int width);
void rumpext_mmio_write(volatile void *addr, int width, uint64_t value);

/*
 * rumpcomp_pci_confwrite() of 1 or 2 bytes at reg, a multiple of width. Reason: of registers that
 * lie beside each other one may have bits that writing ones clears, or act on any write.
 */
int rumpext_pci_confwrite(unsigned bus, unsigned dev, unsigned fun, int reg, int width,
    unsigned int value);

/*
 * Added to rumpcomp_pci_irq_map()'s intrline: not the device's pin is meant but the interrupt of
 * this number on an ISA bus, 0 to 15, as an IDE controller in compatibility mode uses 14 and 15.
 */
#define RUMPEXT_IRQ_ISA	0x100

/*
 * rumpext_msi_alloc: nvec (a power of two, at most 32) message-signalled interrupts for the
 * device that rumpcomp_pci_irq_map() named cookie. handler(args[i]) is called for vector i, from a
 * thread or interrupt of the platform, with or without the donor's CPU; it makes no hypercall and
 * does not block. If its result is 0 nobody has the donor's CPU: a thread is to take it and give it
 * back (rumpuser_component_schedule), in which the donor serves the interrupt. *addr and *data are
 * what the device is to write, data + i for vector i. RUMP_ENODEV: no such interrupts here, use the
 * pin. RUMP_ENOSPC: fewer are left. RUMP_EINVAL: nvec.
 * rumpext_msi_free, rumpext_irq_disestablish: no call of the handler comes any more; one on its
 * way has ended when this returns, so the caller may hold nothing that the handler waits for.
 */
int rumpext_msi_alloc(unsigned cookie, unsigned nvec, int (*handler)(void *), void **args,
    uint64_t *addr, uint32_t *data, void **msi);
void rumpext_msi_free(void *msi);
void rumpext_irq_disestablish(void *irq);	/* undo rumpcomp_pci_irq_establish */

/*
 * rumpext_platdev: the idx'th device, from 0, that is described and not probed. The same answers
 * at each time of asking. RUMP_ENXIO: after the last.
 */
struct rumpext_platdev {
	char	 pd_name[32];		/* driver, e.g. "virtio-mmio" */
	uint64_t pd_base, pd_len;	/* for rumpcomp_pci_map() */
	uint32_t pd_irq;		/* cookie for rumpcomp_pci_irq_establish() */
};
int rumpext_platdev(unsigned idx, struct rumpext_platdev *pd);

/*
 * rumpext_console_read: up to len bytes that have been typed, 0 if none; does not wait. Output
 * that was held back is given out.
 * Upcall rump_ext_console_input: there is input. From a thread or interrupt of the platform,
 * without the donor's CPU; does not block. The donor reads until it gets 0. A donor without a
 * console may leave it out.
 */
size_t rumpext_console_read(char *buf, size_t len);
void rump_ext_console_input(void);

#endif /* RUMP_RUMPEXT_BUS_H */
