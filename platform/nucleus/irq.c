/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of devices, for the donor: pins and message-signalled ones.
 *
 * Interface: rumpcomp_pci_irq_map, _irq_establish; rumpext_irq_disestablish, rumpext_msi_*.
 *
 * A handler runs on the interrupt's thread with the donor's CPU. When the thread gives that up the
 * donor has taken the interrupt, so a level-triggered line that was masked meanwhile is quiet by
 * then.
 *
 * Locking: the names are touched while devices are probed, one at a time (the donor's CPU).
 */
#include <nucleus/board.h>
#include <nucleus/heap.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>

#include <rump/rumpcomp_pci.h>
#include <rump/rumpext_bus.h>

#include "platform.h"

#define NAMES		256
#define VECTORS_MAX	32

/* A pin's line by the donor's cookie; plus 1, so that 0 is none. */
static unsigned lines[NAMES];

struct vector {
	int		(*fn)(void *);
	void		*arg;
	struct irq	*irq;
};

struct msi {
	unsigned	first, count;
	unsigned	attached;	/* of them */
	struct vector	vec[];
};

static int call(void *arg)
{
	struct vector *v = arg;
	int mine;

	if (platform_hyp.hyp_schedule != NULL)
		platform_hyp.hyp_schedule();
	mine = v->fn(v->arg);
	if (platform_hyp.hyp_unschedule != NULL)
		platform_hyp.hyp_unschedule();
	return mine;
}

static int attach(struct vector *v, unsigned line, unsigned flags, const char *name,
    int (*fn)(void *), void *arg)
{
	v->fn = fn;
	v->arg = arg;
	return irq_attach(line, flags | IRQ_THREADED, name, call, v, &v->irq);
}

int rumpcomp_pci_irq_map(unsigned bus, unsigned dev, unsigned fun, int intrline, unsigned cookie)
{
	int line = board_pci_irq(bus, dev, fun, (unsigned)intrline);

	if (line < 0 || cookie >= NAMES)
		return RUMP_ENODEV;
	lines[cookie] = (unsigned)line + 1;
	return 0;
}

void *rumpcomp_pci_irq_establish(unsigned cookie, int (*handler)(void *), void *arg)
{
	bool pin = cookie < NAMES;
	struct vector *v;

	if (pin ? lines[cookie] == 0 : cookie < COOKIE_LINE)
		return NULL;
	v = heap_zalloc(sizeof(*v));
	if (v == NULL)
		return NULL;
	/* A pin of PCI is level-triggered, and how the board wires it is the board's to know. */
	if (attach(v, pin ? lines[cookie] - 1 : cookie - COOKIE_LINE, pin ? IRQ_LEVEL : 0,
	    pin ? "pci" : "device", handler, arg) != 0) {
		heap_free(v);
		return NULL;
	}
	return v;
}

void rumpext_irq_disestablish(void *irq)
{
	struct vector *v = irq;

	irq_detach(v->irq);
	heap_free(v);
}

int rumpext_msi_alloc(unsigned cookie, unsigned nvec, int (*handler)(void *), void **args,
    uint64_t *addr, uint32_t *data, void **msi)
{
	struct msi *m;
	int error;

	(void)cookie;	/* messages are not told apart by who sends them */
	if (nvec == 0 || nvec > VECTORS_MAX || (nvec & (nvec - 1)) != 0)
		return RUMP_EINVAL;
	m = heap_zalloc(sizeof(*m) + nvec * sizeof(m->vec[0]));
	if (m == NULL)
		return RUMP_ENOSPC;
	error = irq_msi_alloc(nvec, &m->first, addr, data);
	if (error != 0) {
		heap_free(m);
		return error;
	}
	m->count = nvec;
	while (m->attached < nvec && error == 0) {
		error = attach(&m->vec[m->attached], m->first + m->attached, 0, "msi", handler,
		    args[m->attached]);
		m->attached += error == 0;
	}
	if (error != 0) {
		rumpext_msi_free(m);
		return RUMP_ENOSPC;
	}
	*msi = m;
	return 0;
}

void rumpext_msi_free(void *msi)
{
	struct msi *m = msi;
	unsigned i;

	for (i = 0; i < m->attached; i++)
		irq_detach(m->vec[i].irq);
	irq_msi_free(m->first, m->count);
	heap_free(m);
}
