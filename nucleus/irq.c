/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device interrupts. The interface is irq.h.
 *
 * A line's thread calls its handlers one after the other, each once a round, with no lock held:
 * a handler may wait for what somebody has who attaches or detaches another. Which one is being
 * called is in running; who detaches that one waits, or leaves the end of it to the thread.
 *
 * Locking: the table's mutex for lines that come into being and for attaching; a line's spin lock
 * for everything in it, held by the interrupt while it calls direct handlers.
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
#define STRIKES_MAX	10000		/* nobody's interrupts in a row: the line is masked */

struct irq {
	struct list	link;
	unsigned	n, flags;
	unsigned	round;		/* of the thread's, in which it was called last */
	irq_fn		first;		/* in the interrupt, or NULL */
	irq_fn		fn;
	void		*arg;
	void		(*gone)(void *arg);	/* detached while it ran, by who did not wait */
};

struct line {
	struct waitq	wq;		/* its lock is the line's; the thread and detachers wait here */
	struct list	handlers;
	unsigned	n, flags;	/* flags: as set up */
	unsigned	round;
	unsigned	strikes;	/* interrupts in a row that were nobody's */
	bool		pending;	/* the thread has something to do */
	bool		claimed;	/* the interrupt was a direct handler's */
	struct irq	*running;	/* whose handler the thread calls */
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

/*
 * The line's lock is held. A level-triggered line that is nobody's, and stays raised, would be all
 * that the CPU does.
 */
static void account(struct line *l, bool claimed)
{
	if (claimed) {
		l->strikes = 0;
		return;
	}
	l->stats.unclaimed++;
	if (!(l->flags & IRQ_LEVEL) || ++l->strikes < STRIKES_MAX)
		return;
	if (l->strikes == STRIKES_MAX)
		log_warn("irq %u: %u interrupts that are no handler's: masked", l->n, l->strikes);
	board_irq_mask(l->n);
}

/* What a handler does in the interrupt. True: its thread is needed. */
static bool call_direct(struct irq *irq, bool *claimed)
{
	bool is_threaded = irq->flags & IRQ_THREADED;
	irq_fn fn = is_threaded ? irq->first : irq->fn;
	bool mine = fn != NULL && fn(irq->arg) != 0;

	*claimed |= mine;
	return is_threaded && !mine;
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
	list_for_each(irq, &l->handlers, link)
		threaded |= call_direct(irq, &claimed);
	if (threaded) {
		if (l->flags & IRQ_LEVEL)
			board_irq_mask(n);
		l->pending = true;
		l->claimed |= claimed;
		waitq_wake_all(&l->wq);
	} else {
		account(l, claimed);
	}
	spin_release(&l->wq.lock);
}

/* A handler that was not called in this round. */
static struct irq *next_threaded(struct line *l)
{
	struct irq *irq;

	list_for_each(irq, &l->handlers, link) {
		if ((irq->flags & IRQ_THREADED) && irq->round != l->round)
			return irq;
	}
	return NULL;
}

/* Once round; the line's lock is held, but not during calls. True: a device was a handler's. */
static bool call_threaded(struct line *l, unsigned long *flags)
{
	bool claimed = false;
	struct irq *irq;

	l->round++;
	while ((irq = next_threaded(l)) != NULL) {
		irq->round = l->round;
		l->running = irq;
		spin_unlock(&l->wq.lock, *flags);
		claimed |= irq->fn(irq->arg) != 0;
		*flags = spin_lock(&l->wq.lock);
		l->running = NULL;
		waitq_wake_all(&l->wq);			/* who waits to detach it */
		if (irq->gone != NULL) {
			spin_unlock(&l->wq.lock, *flags);
			irq->gone(irq->arg);
			heap_free(irq);
			*flags = spin_lock(&l->wq.lock);
		}
	}
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
		claimed = l->claimed;
		l->claimed = false;
		claimed |= call_threaded(l, &flags);
		account(l, claimed);
		if ((l->flags & IRQ_LEVEL) && !list_empty(&l->handlers) && l->strikes < STRIKES_MAX)
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

static int attach(unsigned n, unsigned flags, const char *name, irq_fn first, irq_fn fn, void *arg,
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
	*irq = (struct irq) { .n = n, .flags = flags, .first = first, .fn = fn, .arg = arg };
	mutex_lock(&table_mutex);
	error = line_prepare(l, flags);
	if (error == 0) {
		irqs = spin_lock(&l->wq.lock);
		irq->round = l->round;
		list_add_tail(&l->handlers, &irq->link);
		l->strikes = 0;
		board_irq_unmask(n);
		spin_unlock(&l->wq.lock, irqs);
		log_debug("irq %u: %s, %s", n, name, l->flags & IRQ_LEVEL ? "level" : "edge");
		*irqp = irq;
	} else {
		heap_free(irq);
	}
	mutex_unlock(&table_mutex);
	return error;
}

int irq_attach(unsigned n, unsigned flags, const char *name, irq_fn fn, void *arg,
    struct irq **irqp)
{
	return attach(n, flags, name, NULL, fn, arg, irqp);
}

int irq_attach_first(unsigned n, const char *name, irq_fn first, irq_fn fn, void *arg,
    struct irq **irqp)
{
	return attach(n, IRQ_THREADED, name, first, fn, arg, irqp);
}

void irq_detach(struct irq *irq, void (*gone)(void *arg))
{
	struct line *l = lines[irq->n];
	unsigned long flags = spin_lock(&l->wq.lock);
	void *arg = irq->arg;

	list_del(&irq->link);
	if (list_empty(&l->handlers))
		board_irq_mask(l->n);
	else if ((l->flags & IRQ_LEVEL) && !has_threaded(l))
		board_irq_unmask(l->n);		/* the thread may have left it masked */
	if (l->running == irq && gone != NULL) {
		irq->gone = gone;
		spin_unlock(&l->wq.lock, flags);
		return;
	}
	while (l->running == irq) {
		(void)waitq_sleep(&l->wq, flags, NSEC_NEVER);
		flags = spin_lock(&l->wq.lock);
	}
	spin_unlock(&l->wq.lock, flags);
	heap_free(irq);
	if (gone != NULL)
		gone(arg);
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
