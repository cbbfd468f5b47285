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
 * Locking: see ipc.h. Interrupts are off. The endpoint that a thread has called last it keeps a
 * reference to, and what it knows of the handle, as long as no handle of the process has ceased.
 */
#include <nucleus/calls.h>
#include <nucleus/ipc.h>
#include <nucleus/native.h>
#include <nucleus/runq.h>

#define TAG_SPECIAL	(TAG_TIMED | TAG_CAP | TAG_NOTIFIED)

/* Where the frame has tag and words. */
static inline struct message *message_of(struct native_frame *f)
{
	return (struct message *)&f->arg[1];
}

/* What a handle is, looked up. With a reference for known, unless that has it already. */
static NOINLINE struct endpoint *look_up(struct ipc *self, struct ipc_known *known,
    unsigned long handle, unsigned right)
{
	unsigned long changes = READ_ONCE(self->caps->changes), badge;
	struct object *o;

	if (cap_get(self->caps, handle, CAP_ENDPOINT, right, &o, &badge) != 0)
		return NULL;
	if (known == &self->called) {
		if (known->endpoint != NULL)
			object_put(&known->endpoint->object);
	} else {
		object_put(o);
		if (self->served == NULL || o != &self->served->object)
			return NULL;
	}
	*known = (struct ipc_known) { container_of(o, struct endpoint, object), handle, badge, changes };
	return known->endpoint;
}

/* The endpoint of a handle, locked; NULL. */
static ALWAYS_INLINE struct endpoint *endpoint_lock(struct ipc *self, struct ipc_known *known,
    unsigned long handle, unsigned right)
{
	struct endpoint *e = known->endpoint;

	if (unlikely(e == NULL || handle != known->handle ||
	    known->changes != READ_ONCE(self->caps->changes)))
		e = look_up(self, known, handle, right);
	if (likely(e != NULL))
		spin_acquire(&e->lock);
	return e;
}

static long give_up(struct endpoint *e)
{
	if (e != NULL)
		spin_release(&e->lock);
	return NATIVE_SLOW;
}

/*
 * The wait of to, whose thread is not on its way to sleep any more, is over: it runs, and self,
 * which calls, waits until it is unparked. to gets the rest of the time slice: two that hand over
 * to each other are no more than one to those that wait for the CPU, for whom the slice must be
 * set. The endpoint's lock is held until to cannot run, and end, on another CPU.
 */
static ALWAYS_INLINE void hand_over(struct cpu *cpu, struct endpoint *e, struct thread *self,
    struct ipc *to)
{
	struct runq *rq = runq_of(cpu);
	struct thread *t = to->thread;
	uint64_t ticks;

	spin_acquire(&rq->lock);
	if (unlikely(t->cpu != cpu || !t->parked || self->unparked || cpu->resched ||
	    cpu->ready >> MIN(t->prio, PRIO_USER) > rq->slice_set)) {
		spin_release(&rq->lock);
		ipc_finish(to, 0);
		spin_release(&e->lock);
		thread_park(NSEC_NEVER);
		return;
	}
	to->status = 0;
	__atomic_store_n(&to->state, IPC_IDLE, __ATOMIC_RELEASE);
	spin_release(&e->lock);
	ticks = clock_ticks();
	self->run_ticks += ticks - self->run_since;
	t->slice_left = thread_slice(self, ticks);
	t->run_since = ticks;
	self->state = THREAD_SLEEPING;
	self->parked = true;
	t->state = THREAD_RUNNING;
	t->parked = false;
	cpu_switch(self, t);
	rq = runq_of(cpu_self());
	if (likely(rq->prev == NULL))
		spin_release(&rq->lock);
	else
		sched_finish(rq);
}

/* to, which waits, has got its message, and runs; the calling thread waits, until it has one. */
static ALWAYS_INLINE long switch_to(struct native_frame *f, struct cpu *cpu, struct endpoint *e,
    struct ipc *self, struct ipc *to)
{
	self->message = message_of(f);
	self->lock = &e->lock;
	hand_over(cpu, e, self->thread, to);
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
	struct cpu *cpu = cpu_self();
	struct endpoint *e;
	struct thread *t;

	if (unlikely((m->tag & TAG_SPECIAL) != 0))
		return NATIVE_SLOW;
	e = endpoint_lock(self, &self->called, f->arg[0], RIGHT_SEND);
	if (unlikely(e == NULL || list_empty(&e->receivers)))
		return give_up(e);
	s = list_first(&e->receivers, struct ipc, link);
	t = s->thread;
	if (unlikely(t->lent != 0 || t->prio < self->thread->prio))
		return give_up(e);
	s->link.next->prev = s->link.prev;
	s->link.prev->next = s->link.next;
	*s->message = *m;
	s->badge = self->called.badge;
	s->caller = self;
	e->last = s;
	self->server = s;
	self->thread->waits_for = t;
	self->state = IPC_SERVED;
	cpu->fast_calls++;
	return switch_to(f, cpu, e, self, s);
}

long fast_reply_receive(struct native_frame *f)
{
	struct ipc *self = &task_self()->ipc, *c;
	struct message *m = message_of(f);
	struct cpu *cpu = cpu_self();
	struct endpoint *e;

	if (unlikely((m->tag & TAG_SPECIAL) != 0))
		return NATIVE_SLOW;
	e = endpoint_lock(self, &self->received, f->arg[0], RIGHT_RECEIVE);
	if (unlikely(e == NULL || e->last != self))
		return give_up(e);
	c = self->caller;
	if (unlikely(c == NULL || self->thread->lent != 0 || !list_empty(&e->callers) ||
	    e->notification != NULL))
		return give_up(e);
	*c->message = *m;
	c->badge = 0;
	c->server = NULL;
	c->thread->waits_for = NULL;
	self->caller = NULL;
	self->state = IPC_RECEIVING;
	list_add_tail(&e->receivers, &self->link);
	return switch_to(f, cpu, e, self, c);
}
