/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities: what processes hold of kernel objects, and how one came from another.
 *
 * A process has a table of capabilities, indexed by handles. All capabilities of an object are in
 * the object's list, in preorder of their derivation: those derived from one come right behind it,
 * with a greater depth. So revoking one is to take out what follows with a greater depth. A
 * capability may also lie outside of tables: on its way in a message, or as a mapping of memory.
 * A mapping stands beside the capability that it was made with, its origin, not below: who revokes
 * what it has given away keeps its own mappings. One that a fork passes on comes below that.
 *
 * An object lives as long as somebody has a reference. Each capability is one.
 *
 * Locking: an object's lock for its list and all that stands in the capabilities there; a table's
 * lock, taken within it, for the slots. Most of a slot's contents change only with both held, so
 * one of them will do to read; inherit with the table's alone, depth and dying with the object's
 * alone. An object's other locks are taken within the table's. Functions are for thread context,
 * with no spin lock held, unless stated; none of them waits.
 */
#ifndef NUCLEUS_CAP_H
#define NUCLEUS_CAP_H

#include <nucleus/abi.h>
#include <nucleus/account.h>
#include <nucleus/list.h>
#include <nucleus/sync.h>

struct object;

/*
 * watch: rights. When the last capability with one of them is gone, closed(o) is called, with no
 * lock held. destroy(o): the last reference is gone. closed may be NULL.
 */
struct object_type {
	unsigned	kind;			/* enum cap_kind */
	unsigned	watch;
	void		(*closed)(struct object *o);
	void		(*destroy)(struct object *o);
};

struct object {
	const struct object_type *type;
	uint32_t	refs;			/* atomic */
	uint32_t	watched;		/* capabilities with a right of type->watch */
	struct spinlock	lock;
	struct list	caps;
	unsigned long	serials;		/* of capabilities, from 1 on */
	struct account	*account;		/* charged with one of LIMIT_OBJECTS; NULL: the kernel's */
};

struct cap {
	struct object	*object;		/* NULL: a free slot */
	unsigned long	badge;
	uint16_t	rights;
	uint16_t	handle;			/* in a table; of a mapping, its origin's */
	uint16_t	depth;
	bool		inherit;
	bool		dying;			/* is being revoked: nothing is derived from it any more */
	struct captable	*table;			/* NULL: outside */
	struct list	link;			/* in the object's list, or in cap_revoke()'s */
	union {
		void		(*revoked)(struct cap *c);	/* outside: see cap_detach() */
		unsigned long	from;		/* in a table: the serial of what it was derived from, or 0 */
	};
	unsigned long	serial;			/* no other of the object has it; a mapping's origin's */
};						/* 64 bytes: an index is a shift */

#define CAP_CHUNK	64			/* capabilities in a page */
#define CAP_CHUNKS	64
#define HANDLE_MAX	(CAP_CHUNK * CAP_CHUNKS - 1)

struct captable {
	struct spinlock	lock;
	unsigned long	changes;		/* of slots: who knows what one has need not look again */
	struct account	*account;		/* charged with a page for each chunk; or NULL */
	struct cap	*chunk[CAP_CHUNKS];	/* NULL: not needed yet */
	unsigned	chunks;			/* those from here on are not needed yet */
	uint64_t	used[CAP_CHUNKS];	/* bit i: slot i is taken */
};

/* ---- objects ---- */

/*
 * object_init: one reference, the caller's; E_NOMEM: the account does not allow it. Pairs with
 * object_fini() at the beginning of destroy, which gives back what was charged.
 * object_get, object_put: put calls destroy with the last one; get in any context.
 */
int object_init(struct object *o, const struct object_type *type, struct account *account);
void object_fini(struct object *o);
static inline void object_get(struct object *o)
{
	__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
}
static inline void object_put(struct object *o)
{
	if (unlikely(__atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) == 0))
		o->type->destroy(o);
}

/* ---- tables ---- */

void captable_init(struct captable *t, struct account *account);

/* Close all of it. Nobody uses t any more. */
void captable_destroy(struct captable *t);

/* child, which is empty, gets all that are marked inheritable, derived, under the same handles. */
int captable_fork(struct captable *child, struct captable *parent);

/*
 * The slot of a handle, or NULL. The table's lock is held; object == NULL: it is free. A CPU that
 * guesses the check's result reads nothing beyond the table either: the compiler, which would leave
 * the second check out, does not know that it is one.
 */
static inline struct cap *captable_slot(struct captable *t, unsigned long handle)
{
	struct cap *chunk;

	if (handle > HANDLE_MAX)
		return NULL;
	__asm__ volatile("" : "+r"(handle));
	chunk = t->chunk[(handle & HANDLE_MAX) / CAP_CHUNK];
	return chunk != NULL ? &chunk[handle % CAP_CHUNK] : NULL;
}

/* ---- capabilities ---- */

/*
 * The object of a handle, with a reference. kind: CAP_NONE for any; rights: all of them are needed.
 * badgep may be NULL. E_BADF, E_PERM.
 */
int cap_get(struct captable *t, unsigned long handle, unsigned kind, unsigned rights,
    struct object **op, unsigned long *badgep);

/*
 * Handles, or negative errors. The lowest free one is taken; there is no handle 0.
 * cap_insert: a capability that is derived from no other. The caller keeps its reference.
 * cap_copy: one derived from handle in from, into to; at most these rights. badge: 0, or set if it
 * is 0 in the other.
 */
long cap_insert(struct captable *t, struct object *o, unsigned rights, unsigned long badge);
long cap_copy(struct captable *from, unsigned long handle, struct captable *to, unsigned rights,
    unsigned long badge);

/* 0, E_BADF, E_PERM. */
int cap_close(struct captable *t, unsigned long handle);
int cap_revoke(struct captable *t, unsigned long handle);
int cap_inherit(struct captable *t, unsigned long handle, bool on);
int cap_info(struct captable *t, unsigned long handle, struct cap_info *info);	/* but the size */

/* ---- capabilities outside of tables ---- */

/*
 * cap_attach: *c, memory of the caller's, becomes a capability with the handle's rights, derived
 * from it (below) or beside it, as mappings are. kind, rights: as cap_get(). revoked: NULL, or
 * called when it is revoked, with no lock held.
 * cap_inherits: whether a fork of t's process has a mapping's, too: whether its handle is marked,
 * or was when it was last looked at, if that is closed.
 * cap_attach_heir: for the mapping of a fork, which child is the table of: beside what child has
 * inherited from the origin of other, the parent's mapping; or else below that origin, or, if
 * parent has closed it, beside other. E_BADF: other has been revoked.
 *
 * cap_detach: the end of it; c's memory is the caller's again. False: it has been revoked; with a
 * revoked function, c's memory is left to that, which has been called, or will be soon.
 * cap_settle: put a detached one's rights into a table, derived as c was; c is detached after it.
 */
int cap_attach(struct cap *c, struct captable *t, unsigned long handle, unsigned kind,
    unsigned rights, bool below, void (*revoked)(struct cap *c));
bool cap_inherits(struct cap *c, struct captable *t);
int cap_attach_heir(struct cap *c, struct cap *other, struct captable *parent,
    struct captable *child);
bool cap_detach(struct cap *c);
long cap_settle(struct cap *c, struct captable *t);

#endif /* NUCLEUS_CAP_H */
