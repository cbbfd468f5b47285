/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines: the shared interrupts of the GIC, numbered as in the device tree, from 0 on.
 *
 * Interface: board_irq_*, board_ipi, board_interrupt.
 */
#include <nucleus/board.h>
#include <nucleus/error.h>
#include <nucleus/irq.h>
#include <nucleus/smp.h>

#include "virt.h"

#define TIMER		27		/* the virtual timer's, by the architecture's recommendation */

void board_interrupt(unsigned vector)
{
	unsigned ack = gic_ack(), n = gic_number(ack);

	(void)vector;
	if (n >= GIC_NONE)
		return;
	if (n == TIMER)
		timer_interrupt();
	else if (n == 0)
		smp_interrupt();
	else if (n >= GIC_SHARED)
		irq_dispatch(n - GIC_SHARED);
	gic_eoi(ack);
}

unsigned board_irq_lines(void)
{
	return gic_numbers() - GIC_SHARED;
}

/* A GIC's inputs are active high. */
int board_irq_setup(unsigned n, unsigned *flags)
{
	if (n >= board_irq_lines() || (*flags & IRQ_LOW))
		return E_INVAL;
	*flags |= IRQ_HIGH | (*flags & IRQ_EDGE ? 0 : IRQ_LEVEL);
	gic_set_edge(n + GIC_SHARED, *flags & IRQ_EDGE);
	return 0;
}

void board_irq_mask(unsigned n)
{
	gic_mask(n + GIC_SHARED, true);
}

void board_irq_unmask(unsigned n)
{
	gic_mask(n + GIC_SHARED, false);
}

void irq_init(void)
{
	gic_init();
	gic_mask(TIMER, false);
}

void irq_init_secondary(void)
{
	gic_init_secondary();
	gic_mask(TIMER, false);
}

void board_ipi(unsigned id)
{
	gic_send(id);
}
