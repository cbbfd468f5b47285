/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of devices, for the donor: pins and message-signalled ones.
 *
 * Interface: rumpcomp_pci_irq_map, _irq_establish; rumpext_irq_disestablish, rumpext_msi_*.
 *
 * A pin's handler runs on the interrupt's thread with the donor's CPU. When the thread gives that
 * up the donor has taken the interrupt, so a level-triggered line that was masked meanwhile is
 * quiet by then. A message's handler is called in the interrupt; the thread has to come only if the
 * donor is idle, or a program runs.
 *
 * Who undoes an interrupt may hold the donor's CPU. So it waits for a handler that is under way,
 * which then holds nothing that it has, and not for a thread that is about to call one.
 *
 * Locking: the names are touched while devices are probed, one at a time (the donor's CPU); the
 * state of vectors by the wait queue's lock.
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

/* Lines by the donor's cookie; plus 1, so that 0 is none. A pin of PCI is level-triggered. */
static struct {
	unsigned	line, flags;
} named[NAMES];

struct vector {
	int		(*fn)(void *);
	void		*arg;
	struct irq	*irq;
	bool		busy;		/* fn is being called */
	bool		stopped;	/* and will not be again */
	unsigned	*users;		/* vectors of the block of memory that this one is in */
	void		*block;
};

struct msi {
	unsigned	first, count;
	unsigned	attached;	/* of them */
	unsigned	users;
	struct vector	vec[];
};

/* A pin. */
struct pin {
	unsigned	users;
	struct vector	vec;
};

static struct waitq state = WAITQ_INIT(state);

static bool set_busy(struct vector *v, bool busy)
{
	unsigned long flags = spin_lock(&state.lock);
	bool was_stopped = v->stopped;

	v->busy = busy && !was_stopped;
	if (!busy)
		(void)waitq_wake_all(&state);
	spin_unlock(&state.lock, flags);
	return !was_stopped;
}

static int call(void *arg)
{
	struct vector *v = arg;
	int mine = 0;

	if (platform_hyp.hyp_schedule != NULL)
		platform_hyp.hyp_schedule();
	if (set_busy(v, true)) {
		mine = v->fn(v->arg);
		(void)set_busy(v, false);
	}
	if (platform_hyp.hyp_unschedule != NULL)
		platform_hyp.hyp_unschedule();
	return mine;
}

/* Of a message, in the interrupt. */
static int post(void *arg)
{
	struct vector *v = arg;

	return v->fn(v->arg);
}

/* The donor serves what is posted. */
static int visit(void *arg)
{
	(void)arg;
	if (platform_hyp.hyp_schedule != NULL)
		platform_hyp.hyp_schedule();
	if (platform_hyp.hyp_unschedule != NULL)
		platform_hyp.hyp_unschedule();
	return 1;
}

static int attach_pin(struct pin *p, unsigned line, unsigned flags, const char *name,
    int (*fn)(void *), void *arg)
{
	p->vec = (struct vector) { .fn = fn, .arg = arg, .users = &p->users, .block = p };
	p->users = 1;
	return irq_attach(line, flags | IRQ_THREADED, name, call, &p->vec, &p->vec.irq);
}

static int attach_message(struct msi *m, unsigned line, int (*fn)(void *), void *arg)
{
	struct vector *v = &m->vec[m->attached];
	int error;

	*v = (struct vector) { .fn = fn, .arg = arg, .users = &m->users, .block = m };
	error = irq_attach_first(line, "msi", post, visit, v, &v->irq);
	if (error == 0) {
		m->attached++;
		m->users++;
	}
	return error;
}

static void gone(void *arg)
{
	struct vector *v = arg;

	if (__atomic_sub_fetch(v->users, 1, __ATOMIC_ACQ_REL) == 0)
		heap_free(v->block);
}

static void stop(struct vector *v)
{
	unsigned long flags = spin_lock(&state.lock);

	v->stopped = true;
	while (v->busy) {
		(void)waitq_sleep(&state, flags, NSEC_NEVER);
		flags = spin_lock(&state.lock);
	}
	spin_unlock(&state.lock, flags);
	irq_detach(v->irq, gone);
}

int rumpcomp_pci_irq_map(unsigned bus, unsigned dev, unsigned fun, int intrline, unsigned cookie)
{
	unsigned n = (unsigned)intrline;
	bool isa = (n & RUMPEXT_IRQ_ISA) != 0;
	int line = isa ? board_isa_irq(n & ~RUMPEXT_IRQ_ISA) : board_pci_irq(bus, dev, fun, n);

	if (line < 0 || cookie >= NAMES)
		return RUMP_ENODEV;
	named[cookie].line = (unsigned)line + 1;
	named[cookie].flags = isa ? 0 : IRQ_LEVEL;
	return 0;
}

void *rumpcomp_pci_irq_establish(unsigned cookie, int (*handler)(void *), void *arg)
{
	bool pin = cookie < NAMES;
	struct pin *p;

	if (pin ? named[cookie].line == 0 : cookie < COOKIE_LINE)
		return NULL;
	p = heap_zalloc(sizeof(*p));
	if (p == NULL)
		return NULL;
	/* How the board wires it is the board's to know. */
	if (attach_pin(p, pin ? named[cookie].line - 1 : cookie - COOKIE_LINE,
	    pin ? named[cookie].flags : 0, pin ? "pci" : "device", handler, arg) != 0) {
		heap_free(p);
		return NULL;
	}
	return p;
}

void rumpext_irq_disestablish(void *irq)
{
	stop(&((struct pin *)irq)->vec);
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
	while (m->attached < nvec && error == 0)
		error = attach_message(m, m->first + m->attached, handler, args[m->attached]);
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
	unsigned first = m->first, count = m->count, attached = m->attached;

	/* m may be freed with the last of them. */
	for (unsigned i = 0; i < attached; i++)
		stop(&m->vec[i]);
	if (attached == 0)
		heap_free(m);
	irq_msi_free(first, count);
}
