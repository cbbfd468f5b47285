/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications, and interrupts that make them; input/output ports. The interface is ipc.h.
 *
 * Bits are set before it is looked for somebody who waits for them, and taken by whoever waits
 * with the lock held under which the other looks: so none is lost, and none comes twice.
 *
 * Locking: see ipc.h. An interrupt's own lock, below that of its line (irq.c), for what it is bound
 * to; a notification's within it.
 */
#include <nucleus/board.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/ipc.h>
#include <nucleus/irq.h>

/* ---- notifications ---- */

static unsigned long take_bits(struct notification *n)
{
	return __atomic_exchange_n(&n->bits, 0, __ATOMIC_SEQ_CST);
}

/* The lock of what the queue belongs to is held: who is first gets the bits, if there are some. */
static void hand_out(struct notification *n, struct list *queue)
{
	unsigned long bits;
	struct ipc *t;

	if (list_empty(queue) || (bits = take_bits(n)) == 0)
		return;
	t = list_first(queue, struct ipc, link);
	list_del(&t->link);
	*t->message = (struct message) { .tag = TAG_NOTIFIED, .word = { bits } };
	ipc_finish(t, 0);
}

void notification_post(struct notification *n, unsigned long bits)
{
	unsigned long flags = spin_lock(&n->lock);

	IPC_COUNT(notifications);
	__atomic_fetch_or(&n->bits, bits, __ATOMIC_SEQ_CST);
	if (n->bound != NULL) {
		spin_acquire(&n->bound->lock);
		hand_out(n, &n->bound->receivers);
		spin_release(&n->bound->lock);
	} else {
		hand_out(n, &n->waiters);
	}
	spin_unlock(&n->lock, flags);
}

static void notification_closed(struct object *o)
{
	struct notification *n = container_of(o, struct notification, object);
	unsigned long flags = spin_lock(&n->lock);
	struct endpoint *e = n->bound;

	if (e != NULL)
		object_get(&e->object);
	while (!list_empty(&n->waiters)) {
		struct ipc *t = list_first(&n->waiters, struct ipc, link);

		list_del(&t->link);
		ipc_finish(t, E_DEAD);
	}
	spin_unlock(&n->lock, flags);
	if (e != NULL) {
		endpoint_unbind(e, n);
		object_put(&e->object);
	}
}

static void notification_destroy(struct object *o)
{
	object_fini(o);
	heap_free(container_of(o, struct notification, object));
}

static const struct object_type notification_type = {
	.kind = CAP_NOTIFICATION, .watch = RIGHTS_ALL, .closed = notification_closed,
	.destroy = notification_destroy
};

long notification_create(struct captable *t, struct account *account)
{
	struct notification *n = heap_zalloc(sizeof(*n));
	long handle;

	if (n == NULL)
		return -E_NOMEM;
	if (object_init(&n->object, &notification_type, account) != 0) {
		heap_free(n);
		return -E_NOMEM;
	}
	list_init(&n->waiters);
	handle = cap_insert(t, &n->object, RIGHTS_ALL, 0);
	object_put(&n->object);
	return handle;
}

/* With a reference. */
static int notification_get(struct captable *t, unsigned long handle, unsigned rights,
    struct notification **np)
{
	struct object *o;
	int error = cap_get(t, handle, CAP_NOTIFICATION, rights, &o, NULL);

	if (error == 0)
		*np = container_of(o, struct notification, object);
	return error;
}

int notification_send(struct captable *t, unsigned long handle, unsigned long bits)
{
	struct notification *n;
	int error = notification_get(t, handle, RIGHT_SEND, &n);

	if (error == 0) {
		notification_post(n, bits);
		object_put(&n->object);
	}
	return error;
}

int notification_wait(struct ipc *self, unsigned long handle, nsec_t deadline, unsigned long *bits)
{
	struct notification *n;
	unsigned long flags;
	int error = notification_get(self->caps, handle, RIGHT_RECEIVE, &n);

	if (error != 0)
		return error;
	flags = spin_lock(&n->lock);
	self->lock = &n->lock;
	self->status = n->bound != NULL ? E_BUSY : READ_ONCE(n->object.watched) == 0 ? E_DEAD : 0;
	if (self->status == 0) {
		self->message->word[0] = take_bits(n);
		if (self->message->word[0] == 0) {
			self->state = IPC_WAITING;
			list_add_tail(&n->waiters, &self->link);
		}
	}
	spin_unlock(&n->lock, flags);
	error = ipc_wait(self, deadline);
	*bits = self->message->word[0];
	object_put(&n->object);
	return error;
}

/* ---- bound to an endpoint ---- */

void endpoint_unbind(struct endpoint *e, struct notification *n)
{
	unsigned long flags = spin_lock(&e->lock);
	bool bound = e->notification != NULL && (n == NULL || n == e->notification);

	n = e->notification;
	if (bound)
		e->notification = NULL;
	spin_unlock(&e->lock, flags);
	if (!bound)
		return;
	flags = spin_lock(&n->lock);
	n->bound = NULL;
	spin_unlock(&n->lock, flags);
	object_put(&n->object);
	object_put(&e->object);
}

/* Both with a reference, which becomes the other's. */
static int bind(struct endpoint *e, struct notification *n)
{
	unsigned long flags = spin_lock(&n->lock);
	int error = n->bound != NULL || !list_empty(&n->waiters) ? E_BUSY : 0;

	spin_acquire(&e->lock);
	if (e->notification != NULL)
		error = E_BUSY;
	else if (e->dead)
		error = E_DEAD;
	if (error == 0) {
		e->notification = n;
		n->bound = e;
		hand_out(n, &e->receivers);
	}
	spin_release(&e->lock);
	spin_unlock(&n->lock, flags);
	return error;
}

int endpoint_bind(struct captable *t, unsigned long endpoint, unsigned long notification)
{
	struct notification *n = NULL;
	struct object *o;
	struct endpoint *e;
	int error = cap_get(t, endpoint, CAP_ENDPOINT, RIGHT_RECEIVE, &o, NULL);

	if (error != 0)
		return error;
	e = container_of(o, struct endpoint, object);
	if (notification == 0)
		endpoint_unbind(e, NULL);
	else
		error = notification_get(t, notification, RIGHT_RECEIVE, &n);
	if (n != NULL) {
		error = bind(e, n);
		if (error == 0)
			return 0;
		object_put(&n->object);
	}
	object_put(o);
	return error;
}

/* ---- interrupts ---- */

struct irq_object {
	struct object	object;
	unsigned	line;
	struct mutex	mutex;		/* who binds */
	struct irq	*irq;		/* attached, or NULL */
	struct spinlock	lock;
	struct notification *n;		/* with a reference */
	unsigned long	bits;
};

/* Masked until it is acknowledged: its driver decides when it can cope with the next. */
static int on_irq(void *arg)
{
	struct irq_object *i = arg;

	spin_acquire(&i->lock);
	board_irq_mask(i->line);
	if (i->n != NULL)
		notification_post(i->n, i->bits);
	spin_release(&i->lock);
	return 1;
}

static void irq_set(struct irq_object *i, struct notification *n, unsigned long bits)
{
	unsigned long flags = spin_lock(&i->lock);
	struct notification *old = i->n;

	i->n = n;
	i->bits = bits;
	spin_unlock(&i->lock, flags);
	if (old != NULL)
		object_put(&old->object);
}

static void irq_closed(struct object *o)
{
	struct irq_object *i = container_of(o, struct irq_object, object);

	mutex_lock(&i->mutex);
	if (i->irq != NULL)
		irq_detach(i->irq, NULL);
	i->irq = NULL;
	irq_set(i, NULL, 0);
	mutex_unlock(&i->mutex);
}

static void irq_destroy(struct object *o)
{
	object_fini(o);
	heap_free(container_of(o, struct irq_object, object));
}

static const struct object_type irq_type = {
	.kind = CAP_IRQ, .watch = RIGHTS_ALL, .closed = irq_closed, .destroy = irq_destroy
};

long irq_object_create(struct captable *t, struct account *account, unsigned line)
{
	struct irq_object *i;
	long handle;

	if (line >= board_irq_lines())
		return -E_INVAL;
	i = heap_zalloc(sizeof(*i));
	if (i == NULL)
		return -E_NOMEM;
	if (object_init(&i->object, &irq_type, account) != 0) {
		heap_free(i);
		return -E_NOMEM;
	}
	i->line = line;
	mutex_init(&i->mutex);
	handle = cap_insert(t, &i->object, RIGHTS_ALL, 0);
	object_put(&i->object);
	return handle;
}

static int irq_get(struct captable *t, unsigned long handle, struct irq_object **ip)
{
	struct object *o;
	int error = cap_get(t, handle, CAP_IRQ, RIGHT_RECEIVE, &o, NULL);

	if (error == 0)
		*ip = container_of(o, struct irq_object, object);
	return error;
}

/* A driver that is started again binds anew; that also unmasks. */
int irq_object_bind(struct captable *t, unsigned long irq, unsigned long notification,
    unsigned long bits)
{
	struct notification *n;
	struct irq_object *i;
	int error = irq_get(t, irq, &i);

	if (error != 0)
		return error;
	error = notification_get(t, notification, RIGHT_SEND, &n);
	if (error == 0) {
		mutex_lock(&i->mutex);
		irq_set(i, n, bits);
		if (READ_ONCE(i->object.watched) == 0)		/* closed meanwhile */
			error = E_BADF;
		else if (i->irq != NULL)
			board_irq_unmask(i->line);
		else
			error = irq_attach(i->line, 0, "user", on_irq, i, &i->irq);
		if (error != 0)
			irq_set(i, NULL, 0);
		mutex_unlock(&i->mutex);
	}
	object_put(&i->object);
	return error;
}

int irq_object_ack(struct captable *t, unsigned long irq)
{
	struct irq_object *i;
	int error = irq_get(t, irq, &i);

	if (error != 0)
		return error;
	mutex_lock(&i->mutex);
	if (i->irq != NULL)
		board_irq_unmask(i->line);
	else
		error = E_INVAL;
	mutex_unlock(&i->mutex);
	object_put(&i->object);
	return error;
}

/* ---- ports ---- */

struct ports {
	struct object	object;
	unsigned	start, count;
};

static void ports_destroy(struct object *o)
{
	object_fini(o);
	heap_free(container_of(o, struct ports, object));
}

static const struct object_type ports_type = { .kind = CAP_PORTS, .destroy = ports_destroy };

long ports_create(struct captable *t, struct account *account, unsigned long start,
    unsigned long count)
{
	struct ports *p;
	long handle;

	if (count == 0 || count > CPU_PORTS || start > CPU_PORTS - count)
		return -E_INVAL;
	p = heap_zalloc(sizeof(*p));
	if (p == NULL)
		return -E_NOMEM;
	if (object_init(&p->object, &ports_type, account) != 0) {
		heap_free(p);
		return -E_NOMEM;
	}
	p->start = (unsigned)start;
	p->count = (unsigned)count;
	handle = cap_insert(t, &p->object, RIGHTS_ALL, 0);
	object_put(&p->object);
	return handle;
}

/* The port, or a negative error. */
static long port_of(struct captable *t, unsigned long handle, unsigned rights, unsigned long offset,
    unsigned width)
{
	struct object *o;
	int error = cap_get(t, handle, CAP_PORTS, rights, &o, NULL);
	const struct ports *p;
	long port = -E_INVAL;

	if (error != 0)
		return -error;
	p = container_of(o, struct ports, object);
	if ((width == 1 || width == 2 || width == 4) && offset < p->count &&
	    width <= p->count - offset)
		port = (long)(p->start + offset);
	object_put(o);
	return port;
}

int ports_read(struct captable *t, unsigned long ports, unsigned long offset, unsigned width,
    unsigned long *value)
{
	long port = port_of(t, ports, RIGHT_READ, offset, width);

	if (port < 0)
		return (int)-port;
	*value = cpu_port_read((unsigned)port, width);
	return 0;
}

int ports_write(struct captable *t, unsigned long ports, unsigned long offset, unsigned width,
    unsigned long value)
{
	long port = port_of(t, ports, RIGHT_WRITE, offset, width);

	if (port < 0)
		return (int)-port;
	cpu_port_write((unsigned)port, width, (uint32_t)value);
	return 0;
}
