/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages between threads, through endpoints; notifications; interrupts and ports as objects.
 *
 * A caller waits at an endpoint until a thread receives there, and then for that one's answer. The
 * receiver remembers its caller until it answers, or receives again; it may save it as a reply
 * capability. Whoever goes away in the middle ends the other's wait with an error.
 *
 * Priorities: who serves a call has at least its caller's priority until it has answered; so has,
 * of a caller that is still in the queue, the thread that received from the endpoint last. If it
 * waits itself for somebody's answer or a mutex, so has that one's owner, and so on. A saved call
 * lends nothing. A loan ends with the wait of who lent, however that ends; what was lent on, with
 * the answer to who lent it on.
 *
 * Locking: an endpoint's lock for its queues, for the ipc of who is in them, and for the relation
 * of callers through it to who serves them; a saved call is still the endpoint's. A notification's
 * lock for its waiters, an endpoint's within it. Run queues' locks, and that of priorities
 * (mutex.c), within both. All functions but notification_post() are for thread context.
 */
#ifndef NUCLEUS_IPC_H
#define NUCLEUS_IPC_H

#include <nucleus/cap.h>
#include <nucleus/clock.h>

struct thread;
struct reply;

#define KNOWN_NOTHING	(~0ul)			/* changes: never those of a table */

struct message {
	unsigned long	tag, word[MESSAGE_WORDS];
	unsigned long	badge;			/* of the sender's capability; 0 in an answer */
};

struct notification {
	struct object	object;
	struct spinlock	lock;
	struct list	waiters;		/* struct ipc */
	struct endpoint	*bound;			/* with a reference; or NULL */
	unsigned long	bits;			/* atomic */
};

struct endpoint {
	struct list	receivers;		/* struct ipc */
	struct list	callers;		/* the most urgent is served next */
	struct spinlock	lock;
	bool		dead;			/* nobody can receive any more */
	struct object	object;
	struct ipc	*last;			/* that received last and serves no other endpoint, or NULL */
	struct notification *notification;	/* that is bound, with a reference; or NULL */
};

enum ipc_state { IPC_IDLE, IPC_QUEUED, IPC_SERVED, IPC_RECEIVING, IPC_WAITING };

/* What a handle is, as long as the table has not changed. In called with a reference, or NULL. */
struct ipc_known {
	struct endpoint	*endpoint;
	unsigned long	handle, badge, changes;
};

/*
 * Of a thread. *message is the caller's of the functions below, in and out; the rest is ipc.c's. It
 * is where others find what is sent, and put what is received, also while the thread waits.
 */
struct ipc {
	struct list	link;			/* QUEUED, RECEIVING, WAITING */
	struct message	*message, buffer;	/* the one if there is no better place */
	struct thread	*thread;
	struct captable	*caps;			/* of its process */
	uint8_t		state;			/* enum ipc_state */
	bool		interrupted;
	int		status;			/* of the wait that has ended */
	struct spinlock	*lock;			/* of what it waits at */
	struct ipc	*server;		/* QUEUED: the last; SERVED: who answers; or NULL */
	struct reply	*reply;			/* SERVED: that it is saved in */
	struct endpoint	*served;		/* that it received from last; with a reference */
	struct ipc	*caller;		/* that it remembers */
	struct cap	*transit;		/* in message */
	struct ipc_known called, received;	/* for fastpath.c; received.endpoint is served, if known */
	unsigned long	calls, fast_calls;	/* made; beside those, by the fast path */
};

/* caps: its process's. thread: its own, or NULL, and the thread sets it before its first call. */
void ipc_init(struct ipc *self, struct thread *thread, struct captable *caps);

/* The thread makes no more calls: its caller gets E_DEAD. Before the table is destroyed. */
void ipc_exit(struct ipc *self);

/* The thread's own priority has changed, by itself: whom it serves may have to lend to it. */
void ipc_prio_changed(struct ipc *self);

/* Its wait ends with E_INTR, and so do those it begins later. Any context. */
void ipc_interrupt(struct ipc *t);

/*
 * The calls of abi.h, for the calling thread. 0 or positive errors. Of message: tag and words, and
 * what is received; a received badge, also that of a notification (0).
 */
int ipc_call(struct ipc *self, unsigned long endpoint, nsec_t deadline);
int ipc_receive(struct ipc *self, unsigned long endpoint, nsec_t deadline);
int ipc_reply(struct ipc *self, unsigned long reply);
int ipc_reply_receive(struct ipc *self, unsigned long endpoint, nsec_t deadline);

/* Handles, or negative errors. account: charged with the object. */
long ipc_reply_save(struct ipc *self, struct account *account);
long endpoint_create(struct captable *t, struct account *account);
long notification_create(struct captable *t, struct account *account);

int endpoint_bind(struct captable *t, unsigned long endpoint, unsigned long notification);
int notification_wait(struct ipc *self, unsigned long notification, nsec_t deadline,
    unsigned long *bits);
int notification_send(struct captable *t, unsigned long notification, unsigned long bits);

/* Set bits; any context. n: with a reference. */
void notification_post(struct notification *n, unsigned long bits);

/* ---- interrupts and ports ---- */

long irq_object_create(struct captable *t, struct account *account, unsigned line);
int irq_object_bind(struct captable *t, unsigned long irq, unsigned long notification,
    unsigned long bits);
int irq_object_ack(struct captable *t, unsigned long irq);

long ports_create(struct captable *t, struct account *account, unsigned long start,
    unsigned long count);
int ports_read(struct captable *t, unsigned long ports, unsigned long offset, unsigned width,
    unsigned long *value);
int ports_write(struct captable *t, unsigned long ports, unsigned long offset, unsigned width,
    unsigned long value);

/* ---- statistics: sums over all CPUs, but for what fastpath.c does ---- */

void ipc_stats(struct info_ipc *st);

/* ---- for notify.c and fastpath.c ---- */

extern const struct object_type endpoint_type;

/* Each CPU's own, changed with interrupts off. */
extern struct info_ipc ipc_counts[CPU_MAX];
#define IPC_COUNT(what)	(ipc_counts[cpu_self()->id].what++)

/*
 * ipc_wait: the calling thread's state, set with *self->lock held, is not IDLE; until it is, the
 * deadline, or an interrupt. ipc_finish: with that lock held, the end of t's wait. ipc_finish_here:
 * the same, by a thread that is going to wait itself: t is to run in its place.
 */
int ipc_wait(struct ipc *self, nsec_t deadline);
void ipc_finish(struct ipc *t, int status);
void ipc_finish_here(struct ipc *t);

/* With the endpoint's lock held: whom s serves, or will serve next, has changed. */
void ipc_lend(struct endpoint *e, struct ipc *s);

/* The rest of a call or a receive that has begun on the fast path. Interrupts off. */
void ipc_finish_wait(struct ipc *self);
void endpoint_unbind(struct endpoint *e, struct notification *n);	/* n NULL: whatever is bound */

#endif /* NUCLEUS_IPC_H */
