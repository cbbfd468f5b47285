/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI: interrupts of devices (pci.c), and network cards whose drivers begin later (network.c). */
#ifndef PILLION_BUS_H
#define PILLION_BUS_H

/* A free interrupt number, or a negative errno. */
int pillion_bus_irq_alloc(void);
void pillion_bus_irq_free(unsigned int irq);
/* Have the platform's interrupt called cookie raise irq. */
int pillion_bus_irq_establish(unsigned int cookie, unsigned int irq);

/* Each card that was found, if it has to wait for its driver. */
void pillion_bus_hold_cards(void);

#endif
