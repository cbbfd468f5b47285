/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages between threads. The interface, and the locking, are in ipc.h.
 *
 * This is the complete way; the short one of what happens most, fastpath.c, ends up in the same
 * states. A wait is over when its state is IDLE, which is set under the lock by exactly one: the
 * partner, or the thread itself when it has been woken for another reason (ipc_wait). So nobody
 * but the thread itself drops the references that it waits with.
 *
 * A capability in a message is attached below the sender's (cap.h) before the message is sent, and
 * settles in the receiver's table when that runs.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/ipc.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

struct info_ipc ipc_counts[CPU_MAX];

struct reply {
	struct object	object;
	struct endpoint	*endpoint;	/* with a reference */
	struct ipc	*caller;	/* NULL: it does not wait any more */
};

/* ---- priorities; the endpoint's lock is held ---- */

/* The first of the most urgent in the queue, which they may have become there; or NULL. */
static struct ipc *next_caller(const struct endpoint *e)
{
	struct ipc *c, *next = NULL;

	list_for_each(c, &e->callers, link) {
		if (next == NULL || c->thread->prio > next->thread->prio)
			next = c;
	}
	return next;
}

/* What s is due from those whom it serves or will serve next: nothing if it is as urgent itself. */
static unsigned loan(const struct endpoint *e, const struct ipc *s)
{
	const struct ipc *next = e->last == s ? next_caller(e) : NULL;
	unsigned prio = s->caller != NULL ? s->caller->thread->prio : 0;

	if (next != NULL)
		prio = MAX(prio, next->thread->prio);
	return prio > s->thread->base_prio ? prio : 0;
}

/*
 * Who becomes more urgent looks for whom it waits for after that; here it is the other way round.
 * While it is lent what is due may change, and what was lent on with it (mutex.c).
 */
void ipc_lend(struct endpoint *e, struct ipc *s)
{
	unsigned prio;

	smp_fence();
	while ((prio = loan(e, s)) != READ_ONCE(s->thread->lent))
		thread_lend(s->thread, prio);
}

/* s, or nobody if it is NULL, received last: it is lent to by those in the queue. */
static void set_last(struct endpoint *e, struct ipc *s)
{
	struct ipc *old = e->last, *c;

	if (s == old)
		return;
	e->last = s;
	list_for_each(c, &e->callers, link) {
		c->server = s;
		c->thread->waits_for = s != NULL ? s->thread : NULL;
	}
	if (old != NULL)
		ipc_lend(e, old);
}

void ipc_prio_changed(struct ipc *self)
{
	struct endpoint *e = self->served;
	unsigned long flags;

	if (e == NULL)
		return;
	flags = spin_lock(&e->lock);
	ipc_lend(e, self);
	spin_unlock(&e->lock, flags);
}

/* ---- waiting ---- */

void ipc_init(struct ipc *self, struct thread *thread, struct captable *caps)
{
	memset(self, 0, sizeof(*self));
	self->message = &self->buffer;
	self->called.changes = self->received.changes = KNOWN_NOTHING;
	self->thread = thread;
	self->caps = caps;
	list_init(&self->link);
}

static inline void finish(struct ipc *t, int status, void (*unpark)(struct thread *t))
{
	t->server = NULL;
	t->reply = NULL;
	t->thread->waits_for = NULL;
	t->status = status;
	if (status == E_DEAD)
		IPC_COUNT(deaths);
	unpark(t->thread);
	__atomic_store_n(&t->state, IPC_IDLE, __ATOMIC_RELEASE);	/* from here on it may be gone */
}

void ipc_finish(struct ipc *t, int status)
{
	finish(t, status, thread_unpark);
}

void ipc_finish_here(struct ipc *t)
{
	finish(t, 0, thread_unpark_here);
}

/* The lock is held: the thread itself ends its wait. */
static void give_up(struct ipc *self)
{
	struct ipc *s = self->server;

	if (self->state != IPC_SERVED)
		list_del(&self->link);
	else if (s != NULL)
		s->caller = NULL;
	else
		self->reply->caller = NULL;
	self->server = NULL;
	self->reply = NULL;
	self->thread->waits_for = NULL;
	self->state = IPC_IDLE;
	if (s != NULL)
		ipc_lend(container_of(self->lock, struct endpoint, lock), s);
}

int ipc_wait(struct ipc *self, nsec_t deadline)
{
	while (__atomic_load_n(&self->state, __ATOMIC_ACQUIRE) != IPC_IDLE) {
		int error = READ_ONCE(self->interrupted) ? E_INTR :
		    deadline != NSEC_NEVER && clock_now() >= deadline ? E_TIMEDOUT : 0;
		unsigned long flags;

		/* Who has woken us may be just about to say so. */
		spin_unlock(self->lock, spin_lock(self->lock));
		if (error == 0 && READ_ONCE(self->state) != IPC_IDLE) {
			thread_park(deadline);
			continue;
		}
		flags = spin_lock(self->lock);
		if (self->state != IPC_IDLE) {
			give_up(self);
			self->status = error;
		}
		spin_unlock(self->lock, flags);
	}
	return self->status;
}

void ipc_interrupt(struct ipc *t)
{
	struct thread *thread;

	WRITE_ONCE(t->interrupted, true);
	smp_fence();
	thread = READ_ONCE(t->thread);
	if (thread != NULL)
		thread_unpark(thread);
}

/* ---- capabilities in messages ---- */

/* Of the message to be sent: the flags that are the sender's to give, and the capability. */
static int pack(struct ipc *self, unsigned long badge)
{
	struct message *m = self->message;
	int error;

	m->tag &= ~(TAG_TIMED | TAG_NOTIFIED);
	m->badge = badge;
	if (!(m->tag & TAG_CAP))
		return 0;
	self->transit = heap_alloc(sizeof(*self->transit));
	if (self->transit == NULL)
		return E_NOMEM;
	error = cap_attach(self->transit, self->caps, m->word[3], CAP_NONE, RIGHT_GRANT, true, NULL);
	if (error != 0) {
		heap_free(self->transit);
		self->transit = NULL;
	}
	return error;
}

/* Not sent, or not wanted. */
static void discard(struct ipc *self)
{
	if (self->transit != NULL) {
		(void)cap_detach(self->transit);
		heap_free(self->transit);
		self->transit = NULL;
	}
}

/* What has come with a message; if it cannot be had, word 3 is no handle. */
static void unpack(struct ipc *self)
{
	unsigned long flags;
	long handle;

	if (self->transit == NULL)
		return;
	handle = cap_settle(self->transit, self->caps);
	heap_free(self->transit);
	self->transit = NULL;
	self->message->word[3] = handle > 0 ? (unsigned long)handle : 0;
	if (handle < 0)
		return;
	flags = cpu_irq_save();
	IPC_COUNT(transfers);
	cpu_irq_restore(flags);
}

void ipc_finish_wait(struct ipc *self)
{
	cpu_irq_enable();
	if (ipc_wait(self, NSEC_NEVER) == 0)
		unpack(self);
	else
		discard(self);
	cpu_irq_disable();
}

/* ---- endpoints; the lock is held ---- */

static void message_move(struct ipc *to, struct ipc *from)
{
	*to->message = *from->message;
	to->transit = from->transit;
	from->transit = NULL;
}

/* c, which is in no queue, is served by s. */
static void serve(struct endpoint *e, struct ipc *s, struct ipc *c)
{
	message_move(s, c);
	s->caller = c;
	set_last(e, s);
	c->server = s;
	c->thread->waits_for = s->thread;
	c->state = IPC_SERVED;
}

/* The caller that s remembers gets s's message, or an error. */
static void answer(struct endpoint *e, struct ipc *s, int error)
{
	struct ipc *c = s->caller;

	if (c == NULL)
		return;
	s->caller = NULL;
	if (error == 0)
		message_move(c, s);
	ipc_finish(c, error);
	ipc_lend(e, s);
}

/* ---- calling ---- */

int ipc_call(struct ipc *self, unsigned long endpoint, nsec_t deadline)
{
	struct object *o;
	struct endpoint *e;
	unsigned long badge, flags;
	int error;

	error = cap_get(self->caps, endpoint, CAP_ENDPOINT, RIGHT_SEND, &o, &badge);
	if (error != 0)
		return error;
	e = container_of(o, struct endpoint, object);
	error = pack(self, badge);
	if (error != 0) {
		object_put(o);
		return error;
	}
	flags = spin_lock(&e->lock);
	self->calls++;
	IPC_COUNT(calls);
	self->lock = &e->lock;
	self->status = 0;
	if (e->dead) {
		self->status = E_DEAD;
		IPC_COUNT(deaths);
	} else if (!list_empty(&e->receivers)) {
		struct ipc *s = list_first(&e->receivers, struct ipc, link);

		list_del(&s->link);
		serve(e, s, self);
		ipc_lend(e, s);
		ipc_finish_here(s);
	} else {
		self->state = IPC_QUEUED;
		list_add_tail(&e->callers, &self->link);
		self->server = e->last;
		self->thread->waits_for = e->last != NULL ? e->last->thread : NULL;
		if (e->last != NULL)
			ipc_lend(e, e->last);
	}
	spin_unlock(&e->lock, flags);
	error = ipc_wait(self, deadline);
	if (error == 0)
		unpack(self);
	else
		discard(self);
	object_put(o);
	return error;
}

/* ---- receiving ---- */

/* self serves its endpoint no more. */
static void leave(struct ipc *self)
{
	struct endpoint *e = self->served;
	unsigned long flags;

	if (e == NULL)
		return;
	flags = spin_lock(&e->lock);
	if (e->last == self)
		set_last(e, NULL);
	answer(e, self, E_DEAD);
	spin_unlock(&e->lock, flags);
	self->served = NULL;
	self->received.changes = KNOWN_NOTHING;
	object_put(&e->object);
}

/* self receives from the endpoint from now on. */
static int enter(struct ipc *self, unsigned long endpoint)
{
	struct object *o;
	int error = cap_get(self->caps, endpoint, CAP_ENDPOINT, RIGHT_RECEIVE, &o, NULL);

	if (error != 0)
		return error;
	if (self->served != NULL && &self->served->object == o) {
		object_put(o);
		return 0;
	}
	leave(self);
	self->served = container_of(o, struct endpoint, object);
	return 0;
}

/* The lock is held: something has come already. */
static bool take(struct endpoint *e, struct ipc *self)
{
	unsigned long bits = 0;
	struct ipc *c;

	if (e->notification != NULL)
		bits = __atomic_exchange_n(&e->notification->bits, 0, __ATOMIC_SEQ_CST);
	if (bits != 0) {
		*self->message = (struct message) { .tag = TAG_NOTIFIED, .word = { bits } };
		return true;
	}
	c = next_caller(e);
	if (c == NULL)
		return false;
	list_del(&c->link);
	serve(e, self, c);
	ipc_lend(e, self);
	return true;
}

/* From self->served. */
static int receive(struct ipc *self, nsec_t deadline)
{
	struct endpoint *e = self->served;
	unsigned long flags = spin_lock(&e->lock);
	int error;

	answer(e, self, E_DEAD);
	self->lock = &e->lock;
	self->status = 0;
	if (e->dead) {
		self->status = E_DEAD;
	} else if (!take(e, self)) {
		set_last(e, self);
		ipc_lend(e, self);		/* nothing, whatever it had */
		self->state = IPC_RECEIVING;
		list_add_tail(&e->receivers, &self->link);
	}
	spin_unlock(&e->lock, flags);
	error = ipc_wait(self, deadline);
	if (error == 0)
		unpack(self);
	return error;
}

int ipc_receive(struct ipc *self, unsigned long endpoint, nsec_t deadline)
{
	int error = enter(self, endpoint);

	return error != 0 ? error : receive(self, deadline);
}

/* ---- answering ---- */

/* The remembered caller, if there is one. */
static int reply(struct ipc *self)
{
	struct endpoint *e = self->served;
	unsigned long flags;
	int error;

	if (READ_ONCE(self->caller) == NULL)
		return E_DEAD;
	error = pack(self, 0);
	if (error != 0)
		return error;
	flags = spin_lock(&e->lock);
	error = self->caller != NULL ? 0 : E_DEAD;
	answer(e, self, 0);
	spin_unlock(&e->lock, flags);
	discard(self);
	return error;
}

/* Take the caller out of a saved reply: it gets from's message, or, without one, an error. */
static int reply_saved(struct reply *r, struct ipc *from)
{
	struct endpoint *e = r->endpoint;
	unsigned long flags = spin_lock(&e->lock);
	struct ipc *c = r->caller;

	r->caller = NULL;
	if (c != NULL) {
		if (from != NULL)
			message_move(c, from);
		ipc_finish(c, from != NULL ? 0 : E_DEAD);
	}
	spin_unlock(&e->lock, flags);
	return c != NULL ? 0 : E_DEAD;
}

int ipc_reply(struct ipc *self, unsigned long handle)
{
	struct object *o;
	int error;

	if (handle == 0)
		return reply(self);
	error = cap_get(self->caps, handle, CAP_REPLY, RIGHT_SEND, &o, NULL);
	if (error != 0)
		return error;
	error = pack(self, 0);
	if (error == 0) {
		error = reply_saved(container_of(o, struct reply, object), self);
		discard(self);
		(void)cap_close(self->caps, handle);
	}
	object_put(o);
	return error;
}

int ipc_reply_receive(struct ipc *self, unsigned long endpoint, nsec_t deadline)
{
	struct object *o;
	int error = cap_get(self->caps, endpoint, CAP_ENDPOINT, RIGHT_RECEIVE, &o, NULL);

	if (error != 0)
		return error;
	error = reply(self);
	object_put(o);
	if (error != 0 && error != E_DEAD)
		return error;
	return ipc_receive(self, endpoint, deadline);
}

/* ---- saved replies ---- */

static void reply_closed(struct object *o)
{
	(void)reply_saved(container_of(o, struct reply, object), NULL);
}

static void reply_destroy(struct object *o)
{
	struct reply *r = container_of(o, struct reply, object);

	object_fini(o);
	object_put(&r->endpoint->object);
	heap_free(r);
}

static const struct object_type reply_type = {
	.kind = CAP_REPLY, .watch = RIGHT_SEND, .closed = reply_closed, .destroy = reply_destroy
};

/* The caller that self remembers becomes r's, or comes back from there. */
static void caller_move(struct ipc *self, struct reply *r, bool back)
{
	struct endpoint *e = r->endpoint;
	unsigned long flags = spin_lock(&e->lock);
	struct ipc *c = back ? r->caller : self->caller;

	self->caller = back ? c : NULL;
	r->caller = back ? NULL : c;
	if (c != NULL) {
		c->server = back ? self : NULL;
		c->thread->waits_for = back ? self->thread : NULL;
		c->reply = back ? NULL : r;
	}
	ipc_lend(e, self);
	spin_unlock(&e->lock, flags);
}

/* The handle comes last: from then on others can close it. */
long ipc_reply_save(struct ipc *self, struct account *account)
{
	struct endpoint *e = self->served;
	struct reply *r;
	long handle;

	if (READ_ONCE(self->caller) == NULL)
		return -E_DEAD;
	r = heap_zalloc(sizeof(*r));
	if (r == NULL)
		return -E_NOMEM;
	if (object_init(&r->object, &reply_type, account) != 0) {
		heap_free(r);
		return -E_NOMEM;
	}
	r->endpoint = e;
	object_get(&e->object);
	caller_move(self, r, false);
	handle = cap_insert(self->caps, &r->object, RIGHT_SEND | RIGHT_GRANT, 0);
	if (handle < 0)
		caller_move(self, r, true);
	object_put(&r->object);
	return handle;
}

/* ---- endpoints ---- */

static void endpoint_closed(struct object *o)
{
	struct endpoint *e = container_of(o, struct endpoint, object);
	unsigned long flags = spin_lock(&e->lock);

	e->dead = true;
	while (!list_empty(&e->callers) || !list_empty(&e->receivers)) {
		struct list *from = list_empty(&e->callers) ? &e->receivers : &e->callers;
		struct ipc *t = list_first(from, struct ipc, link);

		list_del(&t->link);
		ipc_finish(t, E_DEAD);
	}
	if (e->last != NULL)
		ipc_lend(e, e->last);
	spin_unlock(&e->lock, flags);
	endpoint_unbind(e, NULL);
}

static void endpoint_destroy(struct object *o)
{
	object_fini(o);
	heap_free(container_of(o, struct endpoint, object));
}

const struct object_type endpoint_type = {
	.kind = CAP_ENDPOINT, .watch = RIGHT_RECEIVE, .closed = endpoint_closed,
	.destroy = endpoint_destroy
};

long endpoint_create(struct captable *t, struct account *account)
{
	struct endpoint *e = heap_zalloc(sizeof(*e));
	long handle;

	if (e == NULL)
		return -E_NOMEM;
	if (object_init(&e->object, &endpoint_type, account) != 0) {
		heap_free(e);
		return -E_NOMEM;
	}
	list_init(&e->callers);
	list_init(&e->receivers);
	handle = cap_insert(t, &e->object, RIGHTS_ALL, 0);
	object_put(&e->object);
	return handle;
}

/* ---- ends, statistics ---- */

void ipc_exit(struct ipc *self)
{
	discard(self);
	leave(self);
	if (self->called.endpoint != NULL)
		object_put(&self->called.endpoint->object);
	self->called.endpoint = NULL;
	/* Who has seen that somebody waits for this thread is done with it: mutex.c. */
	thread_lend(self->thread, 0);
}

void ipc_stats(struct info_ipc *st)
{
	*st = (struct info_ipc) { 0 };
	for (unsigned i = 0; i < CPU_MAX; i++) {
		const struct info_ipc *c = &ipc_counts[i];

		st->calls += READ_ONCE(c->calls);
		st->notifications += READ_ONCE(c->notifications);
		st->transfers += READ_ONCE(c->transfers);
		st->deaths += READ_ONCE(c->deaths);
	}
}
