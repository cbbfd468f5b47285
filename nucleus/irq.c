/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device interrupts. The interface is irq.h.
 *
 * Locking: a line's mutex is held by its thread while it calls handlers, and by who changes the
 * list of handlers; its spin lock by the interrupt while it calls direct ones, and for changes as
 * well. So either is enough to look at the list, and a change needs both.
 */
#include <nucleus/board.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/irq.h>
#include <nucleus/log.h>
#include <nucleus/random.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

#define IRQ_STACK	(64 * KIB)	/* a handler may run a driver of the donor's */

struct irq {
	struct list	link;
	unsigned	n, flags;
	irq_fn		fn;
	void		*arg;
};

struct line {
	struct mutex	mutex;
	struct waitq	wq;		/* its lock is the line's; the thread waits here */
	struct list	handlers;
	unsigned	n, flags;	/* flags: as set up */
	bool		pending;	/* the thread has something to do */
	struct thread	*thread;
	struct irq_stats stats;
};

static struct line **lines;		/* those in use */
static unsigned nlines;
static struct mutex table_mutex = MUTEX_INIT(table_mutex);

static struct line *line_get(unsigned n)
{
	struct line *l;

	mutex_lock(&table_mutex);
	if (lines == NULL) {
		lines = heap_zalloc(board_irq_lines() * sizeof(lines[0]));
		nlines = lines != NULL ? board_irq_lines() : 0;
	}
	l = n < nlines ? lines[n] : NULL;
	if (l == NULL && n < nlines && (l = heap_zalloc(sizeof(*l))) != NULL) {
		mutex_init(&l->mutex);
		waitq_init(&l->wq);
		list_init(&l->handlers);
		l->n = n;
		lines[n] = l;
	}
	mutex_unlock(&table_mutex);
	return l;
}

static bool has_threaded(const struct line *l)
{
	const struct irq *irq;

	list_for_each(irq, &l->handlers, link) {
		if (irq->flags & IRQ_THREADED)
			return true;
	}
	return false;
}

void irq_dispatch(unsigned n)
{
	struct line *l = n < nlines ? lines[n] : NULL;
	bool claimed = false, threaded = false;
	struct irq *irq;

	random_event(cpu_counter());
	if (l == NULL) {
		board_irq_mask(n);
		return;
	}
	spin_acquire(&l->wq.lock);
	l->stats.count++;
	list_for_each(irq, &l->handlers, link) {
		if (irq->flags & IRQ_THREADED)
			threaded = true;
		else
			claimed |= irq->fn(irq->arg) != 0;
	}
	if (threaded) {
		if (l->flags & IRQ_LEVEL)
			board_irq_mask(n);
		l->pending = true;
		waitq_wake_all(&l->wq);
	} else if (!claimed) {
		l->stats.unclaimed++;
	}
	spin_release(&l->wq.lock);
}

/* Once round: true if any handler said that it was its device. */
static bool call_threaded(struct line *l)
{
	bool claimed = false;
	struct irq *irq;

	mutex_lock(&l->mutex);
	list_for_each(irq, &l->handlers, link) {
		if (irq->flags & IRQ_THREADED)
			claimed |= irq->fn(irq->arg) != 0;
	}
	mutex_unlock(&l->mutex);
	return claimed;
}

static void line_thread(void *arg)
{
	struct line *l = arg;
	unsigned long flags = spin_lock(&l->wq.lock);
	bool claimed;

	for (;;) {
		if (!l->pending) {
			(void)waitq_sleep(&l->wq, flags, NSEC_NEVER);
			flags = spin_lock(&l->wq.lock);
			continue;
		}
		l->pending = false;
		spin_unlock(&l->wq.lock, flags);
		claimed = call_threaded(l);
		flags = spin_lock(&l->wq.lock);
		if (!claimed)
			l->stats.unclaimed++;
		if ((l->flags & IRQ_LEVEL) && !list_empty(&l->handlers))
			board_irq_unmask(l->n);
	}
}

/* Of two of the flags, a asks for the one and b for the other. */
static bool contradict(unsigned a, unsigned b, unsigned two)
{
	return (a & two) != 0 && (b & two) != 0 && (a & b & two) == 0;
}

static int line_prepare(struct line *l, unsigned flags)
{
	char name[24];
	int error;

	if (list_empty(&l->handlers)) {
		l->flags = flags & ~(unsigned)IRQ_THREADED;
		error = board_irq_setup(l->n, &l->flags);
		if (error != 0)
			return error;
	} else if (contradict(flags, l->flags, IRQ_LEVEL | IRQ_EDGE) ||
	    contradict(flags, l->flags, IRQ_LOW | IRQ_HIGH)) {
		return E_INVAL;
	}
	if ((flags & IRQ_THREADED) && l->thread == NULL) {
		format(name, sizeof(name), "irq %u", l->n);
		l->thread = thread_create(name, PRIO_IRQ, IRQ_STACK, false, line_thread, l);
		if (l->thread == NULL)
			return E_NOMEM;
	}
	return 0;
}

int irq_attach(unsigned n, unsigned flags, const char *name, irq_fn fn, void *arg,
    struct irq **irqp)
{
	struct line *l = line_get(n);
	struct irq *irq = heap_zalloc(sizeof(*irq));
	unsigned long irqs;
	int error;

	if (l == NULL || irq == NULL) {
		heap_free(irq);
		return n >= board_irq_lines() ? E_INVAL : E_NOMEM;
	}
	*irq = (struct irq) { .n = n, .flags = flags, .fn = fn, .arg = arg };
	mutex_lock(&l->mutex);
	error = line_prepare(l, flags);
	if (error == 0) {
		irqs = spin_lock(&l->wq.lock);
		list_add_tail(&l->handlers, &irq->link);
		board_irq_unmask(n);
		spin_unlock(&l->wq.lock, irqs);
		log_debug("irq %u: %s, %s", n, name, l->flags & IRQ_LEVEL ? "level" : "edge");
		*irqp = irq;
	} else {
		heap_free(irq);
	}
	mutex_unlock(&l->mutex);
	return error;
}

void irq_detach(struct irq *irq)
{
	struct line *l = lines[irq->n];
	unsigned long flags;

	mutex_lock(&l->mutex);
	flags = spin_lock(&l->wq.lock);
	list_del(&irq->link);
	if (list_empty(&l->handlers))
		board_irq_mask(l->n);
	else if ((l->flags & IRQ_LEVEL) && !has_threaded(l))
		board_irq_unmask(l->n);		/* the thread may have left it masked */
	spin_unlock(&l->wq.lock, flags);
	mutex_unlock(&l->mutex);
	heap_free(irq);
}

int irq_msi_alloc(unsigned count, unsigned *np, uint64_t *addrp, uint32_t *datap)
{
	int error;

	if (!IS_POW2(count) || count > 32)
		return E_INVAL;
	mutex_lock(&table_mutex);
	error = board_msi_alloc(count, np, addrp, datap);
	mutex_unlock(&table_mutex);
	return error;
}

void irq_msi_free(unsigned n, unsigned count)
{
	mutex_lock(&table_mutex);
	board_msi_free(n, count);
	mutex_unlock(&table_mutex);
}

int irq_stats(unsigned n, struct irq_stats *st)
{
	if (n >= board_irq_lines())
		return E_INVAL;
	*st = (struct irq_stats) { 0, 0 };
	if (n < nlines && lines[n] != NULL)
		*st = lines[n]->stats;
	return 0;
}
