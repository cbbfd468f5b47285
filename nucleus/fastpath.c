/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way of messages: a call to a server that waits for it on this CPU, and an answer to a
 * client of this CPU by a server that waits for the next call. The partner gets the CPU at once.
 *
 * Each is what ipc.c does in that case, as one piece: the states before and after are the same, so
 * that one side may go either way whatever the other does. Anything else, up to a capability in the
 * message, a deadline or a priority to be lent, is left to ipc.c before anything has changed; an
 * interrupted wait is ended there.
 *
 * Locking: see ipc.h. Interrupts are off. The endpoint's lock is taken before the table's is
 * released, so that it exists.
 */
#include <nucleus/calls.h>
#include <nucleus/ipc.h>
#include <nucleus/native.h>

#define TAG_SPECIAL	(TAG_TIMED | TAG_CAP | TAG_NOTIFIED)

/* Where the frame has tag and words. */
static inline struct message *message_of(struct native_frame *f)
{
	return (struct message *)&f->arg[1];
}

/* The endpoint of a handle, locked; NULL: it is none, or the right is missing. */
static inline struct endpoint *endpoint_lock(struct captable *t, unsigned long handle,
    unsigned right, unsigned long *badge)
{
	struct endpoint *e = NULL;
	struct cap *c;

	spin_acquire(&t->lock);
	c = captable_slot(t, handle);
	if (likely(c != NULL && c->object != NULL && c->object->type == &endpoint_type &&
	    (c->rights & right))) {
		e = container_of(c->object, struct endpoint, object);
		*badge = c->badge;
		spin_acquire(&e->lock);
	}
	spin_release(&t->lock);
	return e;
}

static long give_up(struct endpoint *e)
{
	if (e != NULL)
		spin_release(&e->lock);
	return NATIVE_SLOW;
}

/* to, which waits, has got its message, and runs; the calling thread waits, until it has one. */
static inline long switch_to(struct native_frame *f, struct endpoint *e, struct ipc *self,
    struct ipc *to)
{
	self->message = message_of(f);
	self->lock = &e->lock;
	self->status = 0;
	to->status = 0;
	__atomic_store_n(&to->state, IPC_IDLE, __ATOMIC_RELEASE);
	spin_release(&e->lock);
	thread_hand_over(to->thread);
	if (unlikely(__atomic_load_n(&self->state, __ATOMIC_ACQUIRE) != IPC_IDLE ||
	    self->transit != NULL))
		ipc_finish_wait(self);
	f->badge = self->badge;
	return -self->status;
}

long fast_call(struct native_frame *f)
{
	struct ipc *self = &task_self()->ipc, *s;
	struct message *m = message_of(f);
	unsigned long badge;
	struct endpoint *e;
	long result;

	if (unlikely((m->tag & TAG_SPECIAL) != 0))
		return NATIVE_SLOW;
	e = endpoint_lock(self->caps, f->arg[0], RIGHT_SEND, &badge);
	if (unlikely(e == NULL || list_empty(&e->receivers)))
		return give_up(e);
	s = list_first(&e->receivers, struct ipc, link);
	if (unlikely(s->thread->cpu != cpu_self() || s->thread->prio < self->thread->prio ||
	    s->thread->lent != 0))
		return give_up(e);
	IPC_COUNT(calls);
	IPC_COUNT(fast);
	list_del(&s->link);
	*s->message = *m;
	s->badge = badge;
	s->caller = self;
	e->last = s;
	self->server = s;
	self->thread->waits_for = s->thread;
	self->state = IPC_SERVED;
	object_get(&e->object);
	result = switch_to(f, e, self, s);
	object_put(&e->object);
	return result;
}

long fast_reply_receive(struct native_frame *f)
{
	struct ipc *self = &task_self()->ipc, *c;
	struct message *m = message_of(f);
	unsigned long badge;
	struct endpoint *e;

	if (unlikely((m->tag & TAG_SPECIAL) != 0))
		return NATIVE_SLOW;
	e = endpoint_lock(self->caps, f->arg[0], RIGHT_RECEIVE, &badge);
	if (unlikely(e == NULL || e != self->served || e->last != self))
		return give_up(e);
	c = self->caller;
	if (unlikely(c == NULL || c->thread->cpu != cpu_self() || self->thread->lent != 0 ||
	    !list_empty(&e->callers) || e->notification != NULL))
		return give_up(e);
	*c->message = *m;
	c->badge = 0;
	c->server = NULL;
	c->thread->waits_for = NULL;
	self->caller = NULL;
	self->state = IPC_RECEIVING;
	list_add_tail(&e->receivers, &self->link);
	return switch_to(f, e, self, c);
}
