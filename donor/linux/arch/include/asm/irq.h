/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_IRQ_H
#define _ASM_PILLION_IRQ_H

/*
 * Interrupt numbers are bits of one word that any host thread may set. 0 is none; the timer, the
 * console and the port's own block and network devices have fixed ones; the rest go to buses as
 * they ask.
 */
#ifdef CONFIG_64BIT
#define NR_IRQS			64
#else
#define NR_IRQS			32
#endif
#define PILLION_IRQ_TIMER	1
#define PILLION_IRQ_CONSOLE	2
#define PILLION_IRQ_BLOCK	3
#define PILLION_IRQ_NET		4
#define PILLION_IRQ_FIRST_FREE	8

#define irq_canonicalize(irq)	(irq)

#endif
