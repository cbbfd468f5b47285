/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device interrupts.
 *
 * An interrupt *line* has a number: the board's input lines (on a PC: GSIs) from 0 on, and
 * message-signalled ones from irq_msi_alloc(). A line that nobody is attached to is masked.
 *
 * Handlers are attached in one of two ways. A *direct* one is called in the interrupt, with
 * interrupts off. A *threaded* one is called by a thread of the line of priority PRIO_IRQ; a
 * level-triggered line is masked from the interrupt until all its threaded handlers have returned,
 * an edge-triggered or message-signalled one is not, and an interrupt that comes meanwhile makes
 * the thread go round again. A threaded handler may have a *first* one, which is called in the
 * interrupt and says whether the thread is needed. A level-triggered line whose interrupts are no
 * handler's, very many in a row, is masked until another handler is attached.
 *
 * Locking: the table by a mutex (attach: thread context), each line by a spin lock. A threaded
 * handler is called with no lock held.
 */
#ifndef NUCLEUS_IRQ_H
#define NUCLEUS_IRQ_H

#include <nucleus/types.h>

#define IRQ_THREADED	0x01
#define IRQ_LEVEL	0x02		/* level triggered; default: as the board describes the line */
#define IRQ_EDGE	0x04
#define IRQ_LOW		0x08		/* active low; default as above */
#define IRQ_HIGH	0x10

/*
 * The result says whether it was the handler's device; for statistics only. Of a first handler: not
 * 0 if that was all, and the thread is not needed.
 */
typedef int (*irq_fn)(void *arg);

struct irq;

/*
 * Attach a handler to line n, and unmask the line. Several may be attached to one. May sleep.
 * E_INVAL: no such line, or flags contradict those of others on it; E_NOMEM.
 * irq_attach_first: a threaded handler with a first one, for a line that is not level-triggered.
 * irq_detach: no call of the handler begins any more. Without gone, none is under way either: it
 * may sleep, not be called from the handler, and its caller has nothing that the handler waits for.
 * With gone, it does not wait: gone(arg), with the handler's arg, says when no call is under way
 * any more; from irq_detach() itself or from the line's thread.
 */
int irq_attach(unsigned n, unsigned flags, const char *name, irq_fn fn, void *arg,
    struct irq **irqp);
int irq_attach_first(unsigned n, const char *name, irq_fn first, irq_fn fn, void *arg,
    struct irq **irqp);
void irq_detach(struct irq *irq, void (*gone)(void *arg));

/*
 * count (a power of two, at most 32) message-signalled lines *np, *np + 1, ... The device is to
 * write *datap + i to *addrp for line i. They are attached like others. E_NODEV: the machine has
 * none; E_NOSPC: not so many left; E_INVAL: count.
 * irq_msi_free: nothing is attached to them.
 */
int irq_msi_alloc(unsigned count, unsigned *np, uint64_t *addrp, uint32_t *datap);
void irq_msi_free(unsigned n, unsigned count);

struct irq_stats {
	uint64_t	count;		/* interrupts */
	uint64_t	unclaimed;	/* of which no handler said it was its own */
};
int irq_stats(unsigned n, struct irq_stats *st);	/* E_INVAL */

/* ---- for board/ ---- */

void irq_dispatch(unsigned n);		/* line n was raised. Interrupts off */

#endif /* NUCLEUS_IRQ_H */
