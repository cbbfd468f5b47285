/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of QEMU's virt, among themselves. What they offer to others is <nucleus/board.h>. */
#ifndef BOARD_VIRT_H
#define BOARD_VIRT_H

#include <board/arm/arm.h>
#include <board/arm/fdt.h>

/*
 * The interrupt controller, a GICv2 or GICv3. Interrupts have its numbers: below 32 a CPU's own,
 * above shared ones.
 */
#define GIC_SHARED	32
#define GIC_NONE	1020		/* this and above: there is none */
void gic_init(void);			/* panics if there is none */
void gic_init_secondary(void);
unsigned gic_numbers(void);
void gic_set_edge(unsigned n, bool edge);
void gic_mask(unsigned n, bool masked);
unsigned gic_ack(void);			/* what has come, for gic_number() and gic_eoi() */
unsigned gic_number(unsigned ack);
void gic_eoi(unsigned ack);
void gic_send(unsigned id);		/* number 0 to a CPU that has been initialized */

/* An enabled device that is compatible with what: its first registers, its line. */
bool virt_find(const char *what, paddr_t *base, paddr_t *len, unsigned *line);
bool virt_line(const struct fdt_walk *w, unsigned *line);

void irq_init(void);
void irq_init_secondary(void);
void psci_init(void);
bool psci_cpu_on(uint64_t mpidr, paddr_t entry);
void psci_poweroff(void);		/* these return if they cannot */
void psci_reset(void);

#endif /* BOARD_VIRT_H */
