/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way of messages: a call to a server that waits for it on this CPU, and an answer to a
 * client of this CPU by a server that waits for the next call. The partner gets the CPU at once.
 *
 * Each is what ipc.c does in that case, as one piece: the states before and after are the same, so
 * that one side may go either way whatever the other does. Anything else, such as a capability in
 * the message or a deadline, is left to ipc.c before anything has changed; an interrupted wait is
 * ended there.
 *
 * Who waits here has its message in the frame of its system call. If it was on a bare CPU it is
 * PARKED_DIRECT, and a partner on such a CPU lets it go on from that frame, by the entry alone. For
 * everybody else it is a thread that is parked, and that goes on in native_woken().
 *
 * The work word of a thread that is switched to is not looked at. Who sets it ends the thread's
 * wait, or its next one, and kicks it then (process_end()): so it is waited for in native_woken(),
 * or it runs when it is kicked.
 *
 * What each call goes through is one function, inlined; the rest is called at its end, so that
 * there is nothing to be kept: each instruction counts.
 *
 * Locking: see ipc.h. Interrupts are off. The endpoint that a thread has called last it keeps a
 * reference to, and what it knows of the handle, as long as no handle of the process has ceased.
 */
#include <nucleus/calls.h>
#include <nucleus/ipc.h>
#include <nucleus/native.h>
#include <nucleus/runq.h>
#include <nucleus/smp.h>

#define TAG_SPECIAL	(TAG_TIMED | TAG_CAP | TAG_NOTIFIED)

static inline struct ipc *ipc_of(struct thread *t)
{
	return &((struct task *)t->tls[0])->ipc;
}

/* ---- handles ---- */

/* What a handle is, looked up. With a reference for called, unless that has it already. */
static bool look_up(struct ipc *self, struct ipc_known *known, unsigned long handle, unsigned right)
{
	unsigned long changes = READ_ONCE(self->caps->changes), badge;
	struct endpoint *e;
	struct object *o;

	if (cap_get(self->caps, handle, CAP_ENDPOINT, right, &o, &badge) != 0)
		return false;
	e = container_of(o, struct endpoint, object);
	if (known == &self->called) {
		if (known->endpoint != NULL)
			object_put(&known->endpoint->object);
	} else {
		object_put(o);
		if (e != self->served)
			return false;
	}
	*known = (struct ipc_known) { e, handle, badge, changes };
	return true;
}

static ALWAYS_INLINE bool is_known(const struct ipc *self, const struct ipc_known *known,
    unsigned long handle)
{
	return handle == known->handle && READ_ONCE(self->caps->changes) == known->changes;
}

static ALWAYS_INLINE long give_up(struct endpoint *e)
{
	spin_release(&e->lock);
	return NATIVE_LEAVE;
}

/* ---- to the partner ---- */

static ALWAYS_INLINE void send(struct ipc *to, const struct message *m, unsigned long badge)
{
	struct message *out = to->message;

	__builtin_memcpy(out, m, offsetof(struct message, badge));
	out->badge = badge;
}

/* In the thread whose wait has ended otherwise than by the entry alone. */
static long finish(struct native_frame *f, struct ipc *self)
{
	unsigned state = __atomic_load_n(&self->state, __ATOMIC_ACQUIRE);

	if (state != IPC_IDLE)
		self->lock = &(state == IPC_SERVED ? self->called.endpoint : self->served)->lock;
	if (state != IPC_IDLE || self->transit != NULL)
		ipc_finish_wait(self);
	native_result(f, -self->status);
	return user_resume() ? NATIVE_LEAVE : -self->status;
}

long native_woken(struct native_frame *f)
{
	sched_finish(runq_of(cpu_self()));
	return finish(f, ipc_of(thread_self()));
}

/*
 * The wait of to is over: it runs, and self, which calls, waits. to gets the rest of the time
 * slice: two that hand over to each other are no more than one to those that wait for the CPU. The
 * run queue's lock is held, and is until the switch is done; the endpoint's until to cannot run,
 * and end, on another CPU.
 */
static ALWAYS_INLINE long hand_over(struct cpu *cpu, struct endpoint *e,
    struct thread *self, struct ipc *to, struct thread *t, bool direct)
{
	uint64_t ticks;

	to->state = IPC_IDLE;
	spin_release(&e->lock);
	ticks = clock_ticks();
	self->run_ticks += ticks - self->run_since;
	t->run_since = ticks;
	t->slice_left = self->slice_left;
	t->slice_since = self->slice_since;
	self->state = THREAD_SLEEPING;
	self->parked = direct || cpu_bare(&cpu->arch) ? PARKED_DIRECT : true;
	t->state = THREAD_RUNNING;
	t->parked = false;
	cpu->switches++;
	return direct ? native_direct(t) : native_switch(t);
}

/*
 * Something is not as it mostly is. Who waits for the CPU is not passed over, and may need the
 * slice to be timed; nor is who waits for another CPU, should this one become less urgent. Without
 * a switch each does its part. Who calls lends if it is more urgent; whoever makes it so later
 * takes this queue's lock, and looks for whom it waits for after that.
 */
static NOINLINE long hand_over_slowly(struct native_frame *f, struct endpoint *e,
    struct ipc *self, struct ipc *to)
{
	struct cpu *cpu = cpu_self();
	struct thread *t = to->thread;
	bool calls = to->caller == self;

	if (t->cpu == cpu && t->parked && !self->thread->unparked && !cpu->resched &&
	    cpu->ready >> MIN(t->prio, PRIO_USER) <= cpu->runq->slice_set &&
	    !(calls && self->thread->prio > t->prio)) {
		to->status = 0;
		if (cpu_count > 1)
			balance_level(cpu, thread_level(t));
		return hand_over(cpu, e, self->thread, to, t,
		    t->parked == PARKED_DIRECT && cpu_bare(&cpu->arch));
	}
	spin_release(&cpu->runq->lock);
	if (calls)
		ipc_lend(e, to);
	ipc_finish_here(to);
	spin_release(&e->lock);
	thread_park(NSEC_NEVER);
	return finish(f, self);
}

static NOINLINE long hand_over_later(struct native_frame *f, struct endpoint *e,
    struct ipc *self, struct ipc *to)
{
	spin_wait(&cpu_self()->runq->lock);
	return hand_over_slowly(f, e, self, to);
}

/* to, which waits, has got its message, and runs; self, which calls, waits until it has one. */
static ALWAYS_INLINE long switch_to(struct native_frame *f, struct cpu *cpu,
    struct endpoint *e, struct ipc *self, struct thread *thread, struct ipc *to, struct thread *t)
{
	self->message = native_message(f);
	if (unlikely(!spin_try_acquire(&cpu->runq->lock)))
		return hand_over_later(f, e, self, to);
	if (unlikely(t->parked != PARKED_DIRECT || t->cpu != cpu || thread->unparked ||
	    t->prio != thread->prio || cpu->ready != 0 || !cpu_bare(&cpu->arch)))
		return hand_over_slowly(f, e, self, to);
	return hand_over(cpu, e, thread, to, t, true);
}

/* ---- a call ---- */

static ALWAYS_INLINE long call(struct native_frame *f, struct thread *thread,
    struct ipc *self)
{
	const struct message *m = native_message(f);
	struct endpoint *e = self->called.endpoint;
	struct thread *t;
	struct ipc *s;

	if (unlikely(!spin_try_acquire(&e->lock)))
		return NATIVE_LEAVE;
	if (unlikely(list_empty(&e->receivers)))
		return give_up(e);
	s = list_first(&e->receivers, struct ipc, link);
	t = s->thread;
	if (unlikely(t->lent != 0))
		return give_up(e);
	s->link.next->prev = s->link.prev;
	s->link.prev->next = s->link.next;
	send(s, m, self->called.badge);
	s->caller = self;
	e->last = s;
	self->server = s;
	thread->waits_for = t;
	self->state = IPC_SERVED;
	self->fast_calls++;
	return switch_to(f, cpu_self(), e, self, thread, s, t);
}

static NOINLINE long call_unknown(struct native_frame *f, struct ipc *self)
{
	if (!look_up(self, &self->called, native_handle(f), RIGHT_SEND))
		return NATIVE_LEAVE;
	return call(f, thread_self(), self);
}

long fast_call(struct native_frame *f)
{
	struct thread *thread = thread_self();
	struct ipc *self = ipc_of(thread);

	if (unlikely((native_message(f)->tag & TAG_SPECIAL) != 0))
		return NATIVE_LEAVE;
	if (unlikely(!is_known(self, &self->called, native_handle(f))))
		return call_unknown(f, self);
	return call(f, thread, self);
}

/* ---- an answer, and the next call ---- */

static ALWAYS_INLINE long reply_receive(struct native_frame *f,
    struct thread *thread, struct ipc *self)
{
	const struct message *m = native_message(f);
	struct endpoint *e = self->received.endpoint;
	struct ipc *c;

	if (unlikely(!spin_try_acquire(&e->lock)))
		return NATIVE_LEAVE;
	c = self->caller;
	if (unlikely(c == NULL || thread->lent != 0 || !list_empty(&e->callers) ||
	    e->notification != NULL || e->dead))
		return give_up(e);
	send(c, m, 0);
	c->server = NULL;
	c->thread->waits_for = NULL;
	self->caller = NULL;
	e->last = self;
	self->state = IPC_RECEIVING;
	list_add_tail(&e->receivers, &self->link);
	return switch_to(f, cpu_self(), e, self, thread, c, c->thread);
}

static NOINLINE long reply_receive_unknown(struct native_frame *f, struct ipc *self)
{
	if (!look_up(self, &self->received, native_handle(f), RIGHT_RECEIVE))
		return NATIVE_LEAVE;
	return reply_receive(f, thread_self(), self);
}

long fast_reply_receive(struct native_frame *f)
{
	struct thread *thread = thread_self();
	struct ipc *self = ipc_of(thread);

	if (unlikely((native_message(f)->tag & TAG_SPECIAL) != 0))
		return NATIVE_LEAVE;
	if (unlikely(!is_known(self, &self->received, native_handle(f))))
		return reply_receive_unknown(f, self);
	return reply_receive(f, thread, self);
}
