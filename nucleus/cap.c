/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities. The interface is cap.h.
 *
 * An operation on a handle finds the object with the table's lock, takes a reference, locks the
 * object, and looks whether the slot still has it: then it stays until the object is unlocked.
 *
 * What is being revoked is first taken out of the object's list as a whole, marked as dying. So
 * nothing more can be derived from it while it is taken away, one by one, the lock being released
 * in between; in that list depths do not matter any more.
 */
#include <nucleus/cap.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/string.h>

_Static_assert(sizeof(struct cap) * CAP_CHUNK <= PAGE_SIZE, "a chunk is a page");

/* ---- objects ---- */

int object_init(struct object *o, const struct object_type *type, struct account *account)
{
	if (account != NULL) {
		int error = account_charge(account, LIMIT_OBJECTS, 1);

		if (error != 0)
			return error;
		account_get(account);
	}
	*o = (struct object) { .type = type, .refs = 1, .account = account };
	list_init(&o->caps);
	return 0;
}

void object_fini(struct object *o)
{
	if (o->account != NULL) {
		account_uncharge(o->account, LIMIT_OBJECTS, 1);
		account_put(o->account);
	}
}

/* ---- slots ---- */

/* Have a chunk. The lock is not held. */
static int chunk_make(struct captable *t, unsigned i)
{
	struct cap *chunk;
	unsigned long flags;

	if (t->account != NULL && account_charge(t->account, LIMIT_PAGES, 1) != 0)
		return E_NOMEM;
	chunk = heap_alloc(PAGE_SIZE);
	if (chunk != NULL) {
		for (unsigned j = 0; j < CAP_CHUNK; j++)
			chunk[j].object = NULL;		/* free; the rest is filled in later */
		flags = spin_lock(&t->lock);
		if (t->chunk[i] == NULL) {
			t->chunk[i] = chunk;
			t->chunks = MAX(t->chunks, i + 1);
			spin_unlock(&t->lock, flags);
			return 0;
		}
		spin_unlock(&t->lock, flags);
	}
	if (t->account != NULL)
		account_uncharge(t->account, LIMIT_PAGES, 1);
	if (chunk == NULL)
		return E_NOMEM;
	heap_free(chunk);
	return 0;
}

/* The lowest free handle, or 0. The lock is held. */
static unsigned lowest_free(const struct captable *t)
{
	for (unsigned i = 0; i < CAP_CHUNKS; i++) {
		if (~t->used[i] != 0)
			return i * CAP_CHUNK + (unsigned)__builtin_ctzl(~t->used[i]);
	}
	return 0;
}

/* Reserve a slot: handle, which is free, or the lowest if it is 0. NULL: no memory, or no room. */
static struct cap *slot_take(struct captable *t, unsigned handle)
{
	unsigned long flags = spin_lock(&t->lock);
	unsigned h;

	while ((h = handle != 0 ? handle : lowest_free(t)) != 0) {
		struct cap *c = captable_slot(t, h);

		if (c != NULL) {
			t->used[h / CAP_CHUNK] |= 1ull << h % CAP_CHUNK;
			spin_unlock(&t->lock, flags);
			c->handle = (uint16_t)h;
			return c;
		}
		spin_unlock(&t->lock, flags);
		if (chunk_make(t, h / CAP_CHUNK) != 0)
			return NULL;
		flags = spin_lock(&t->lock);
	}
	spin_unlock(&t->lock, flags);
	return NULL;
}

static void slot_free(struct captable *t, struct cap *c)
{
	unsigned long flags = spin_lock(&t->lock);

	c->object = NULL;
	t->changes++;
	t->used[c->handle / CAP_CHUNK] &= ~(1ull << c->handle % CAP_CHUNK);
	spin_unlock(&t->lock, flags);
}

/* A reserved slot becomes a capability. The object's lock is held; depth, list: the caller's. */
static void slot_fill(struct captable *t, struct cap *c, struct object *o, unsigned rights,
    unsigned long badge, unsigned long from)
{
	spin_acquire(&t->lock);
	c->object = o;
	c->badge = badge;
	c->rights = (uint16_t)rights;
	c->inherit = c->dying = false;
	c->table = t;
	c->from = from;
	c->serial = ++o->serials;
	spin_release(&t->lock);
}

/* The object of a handle, with a reference, or NULL. */
static struct object *hold(struct captable *t, unsigned long handle)
{
	unsigned long flags = spin_lock(&t->lock);
	struct cap *c = captable_slot(t, handle);
	struct object *o = c != NULL ? c->object : NULL;

	if (o != NULL)
		object_get(o);
	spin_unlock(&t->lock, flags);
	return o;
}

/* With the object's lock: the capability, which stays while that is held; NULL: it is gone. */
static struct cap *held(struct captable *t, unsigned long handle, const struct object *o)
{
	struct cap *c = captable_slot(t, handle);

	return READ_ONCE(c->object) == o && !c->dying ? c : NULL;
}

/* ---- the list of an object ---- */

static struct cap *next_of(const struct cap *c)
{
	return list_entry(c->link.next, struct cap, link);
}

/* What is derived from c, from its next on, as far as the list goes. */
static bool is_below(const struct object *o, const struct cap *c, const struct cap *next)
{
	return &next->link != &o->caps && next->depth > c->depth;
}

static void enlist(struct object *o, struct cap *c, struct list *before, unsigned depth)
{
	c->depth = (uint16_t)depth;
	list_insert_before(before, &c->link);
	if (c->rights & o->type->watch)
		o->watched++;
}

/* Take c out; what was below it comes below what it was derived from. True: closed() is due. */
static bool delist(struct object *o, struct cap *c)
{
	if (!c->dying) {
		for (struct cap *n = next_of(c); is_below(o, c, n); n = next_of(n))
			n->depth--;
	}
	list_del(&c->link);
	return (c->rights & o->type->watch) != 0 && --o->watched == 0;
}

static void closed(struct object *o, bool due)
{
	if (due && o->type->closed != NULL)
		o->type->closed(o);
}

/* ---- in tables ---- */

static int check(const struct cap *c, unsigned kind, unsigned rights)
{
	if (c == NULL || c->object == NULL || (kind != CAP_NONE && c->object->type->kind != kind))
		return E_BADF;
	return (c->rights & rights) == rights ? 0 : E_PERM;
}

int cap_get(struct captable *t, unsigned long handle, unsigned kind, unsigned rights,
    struct object **op, unsigned long *badgep)
{
	unsigned long flags = spin_lock(&t->lock);
	struct cap *c = captable_slot(t, handle);
	int error = check(c, kind, rights);

	if (error == 0) {
		*op = c->object;
		object_get(*op);
		if (badgep != NULL)
			*badgep = c->badge;
	}
	spin_unlock(&t->lock, flags);
	return error;
}

long cap_insert(struct captable *t, struct object *o, unsigned rights, unsigned long badge)
{
	struct cap *c = slot_take(t, 0);
	unsigned long flags;
	long handle;

	if (c == NULL)
		return -E_NOMEM;
	handle = c->handle;
	object_get(o);
	flags = spin_lock(&o->lock);
	slot_fill(t, c, o, rights, badge, 0);
	enlist(o, c, &o->caps, 0);
	spin_unlock(&o->lock, flags);
	return handle;
}

/* The lock of o is held, c its capability or NULL: fill the slot with one derived from c. */
static int derive(struct object *o, struct cap *c, struct captable *to, struct cap *slot,
    unsigned rights, unsigned long badge)
{
	if (c == NULL)
		return E_BADF;
	if (badge != 0 && c->badge != 0)
		return E_PERM;
	if (c->depth == UINT16_MAX)
		return E_NOMEM;
	slot_fill(to, slot, o, c->rights & rights, badge != 0 ? badge : c->badge, c->serial);
	enlist(o, slot, c->link.next, c->depth + 1u);
	return 0;
}

/*
 * Into the lowest free slot, or, for a fork, into that of at: then only what is inheritable still,
 * since another thread of the parent may have closed it and have something else there now.
 */
static long copy(struct captable *from, unsigned long handle, struct captable *to, unsigned at,
    unsigned rights, unsigned long badge)
{
	struct object *o = hold(from, handle);
	unsigned long flags;
	struct cap *slot, *c;
	long result;
	int error;

	if (o == NULL)
		return -E_BADF;
	slot = slot_take(to, at);
	if (slot == NULL) {
		object_put(o);
		return -E_NOMEM;
	}
	result = slot->handle;
	flags = spin_lock(&o->lock);
	c = held(from, handle, o);
	if (at != 0 && c != NULL && !c->inherit)
		c = NULL;
	error = derive(o, c, to, slot, rights, badge);
	if (error == 0 && at != 0)
		slot->inherit = true;
	spin_unlock(&o->lock, flags);
	if (error != 0) {
		slot_free(to, slot);
		object_put(o);
		return -error;
	}
	return result;		/* with the reference */
}

long cap_copy(struct captable *from, unsigned long handle, struct captable *to, unsigned rights,
    unsigned long badge)
{
	return copy(from, handle, to, 0, rights, badge);
}

int cap_close(struct captable *t, unsigned long handle)
{
	struct object *o = hold(t, handle);
	unsigned long flags;
	bool found, due = false;
	struct cap *c;

	if (o == NULL)
		return E_BADF;
	flags = spin_lock(&o->lock);
	c = captable_slot(t, handle);
	found = READ_ONCE(c->object) == o;
	if (found) {
		due = delist(o, c);
		slot_free(t, c);
	}
	spin_unlock(&o->lock, flags);
	closed(o, due);
	if (found)
		object_put(o);
	object_put(o);
	return found ? 0 : E_BADF;
}

/* Take what is derived from c out of the object's list. */
static void take_below(struct object *o, const struct cap *c, struct list *out)
{
	struct cap *n;

	while (n = next_of(c), is_below(o, c, n)) {
		n->dying = true;
		list_del(&n->link);
		list_add_tail(out, &n->link);
	}
}

/* End one of those; the lock is held, and released meanwhile. */
static void end_revoked(struct object *o, struct cap *c, unsigned long *flags)
{
	bool inside = c->table != NULL, due = delist(o, c);
	void (*revoked)(struct cap *c) = inside ? NULL : c->revoked;

	if (inside)
		slot_free(c->table, c);
	spin_unlock(&o->lock, *flags);
	closed(o, due);
	if (revoked != NULL)
		revoked(c);
	if (inside || revoked != NULL)
		object_put(o);
	*flags = spin_lock(&o->lock);
}

int cap_revoke(struct captable *t, unsigned long handle)
{
	struct object *o = hold(t, handle);
	struct list below = LIST_INIT(below);
	unsigned long flags;
	struct cap *c;
	int error;

	if (o == NULL)
		return E_BADF;
	flags = spin_lock(&o->lock);
	c = held(t, handle, o);
	error = check(c, CAP_NONE, RIGHT_REVOKE);
	if (error == 0)
		take_below(o, c, &below);
	while (!list_empty(&below))
		end_revoked(o, list_first(&below, struct cap, link), &flags);
	spin_unlock(&o->lock, flags);
	object_put(o);
	return error;
}

int cap_inherit(struct captable *t, unsigned long handle, bool on)
{
	unsigned long flags = spin_lock(&t->lock);
	struct cap *c = captable_slot(t, handle);
	int error = check(c, CAP_NONE, 0);

	if (error == 0)
		c->inherit = on;
	spin_unlock(&t->lock, flags);
	return error;
}

int cap_info(struct captable *t, unsigned long handle, struct cap_info *info)
{
	unsigned long flags = spin_lock(&t->lock);
	struct cap *c = captable_slot(t, handle);
	int error = check(c, CAP_NONE, 0);

	if (error == 0)
		*info = (struct cap_info) { .kind = c->object->type->kind, .rights = c->rights,
		    .inherit = c->inherit, .badge = c->badge };
	spin_unlock(&t->lock, flags);
	return error;
}

/* ---- tables ---- */

void captable_init(struct captable *t, struct account *account)
{
	memset(t, 0, sizeof(*t));
	t->used[0] = 1;			/* handle 0 is none */
	t->account = account;
}

void captable_destroy(struct captable *t)
{
	for (unsigned i = 0; i < t->chunks; i++) {
		for (uint64_t used = t->used[i]; used != 0; used &= used - 1)
			(void)cap_close(t, i * CAP_CHUNK + (unsigned)__builtin_ctzl(used));
	}
	/* Who has revoked one meanwhile is not in the table any more. */
	spin_unlock(&t->lock, spin_lock(&t->lock));
	for (unsigned i = 0; i < t->chunks; i++) {
		if (t->chunk[i] == NULL)
			continue;
		heap_free(t->chunk[i]);
		t->chunk[i] = NULL;
		if (t->account != NULL)
			account_uncharge(t->account, LIMIT_PAGES, 1);
	}
}

int captable_fork(struct captable *child, struct captable *parent)
{
	for (unsigned i = 0; i < parent->chunks; i++) {
		uint64_t used = parent->chunk[i] != NULL ? READ_ONCE(parent->used[i]) : 0;

		for (; used != 0; used &= used - 1) {
			unsigned j = (unsigned)__builtin_ctzl(used), h = i * CAP_CHUNK + j;
			const struct cap *c = &parent->chunk[i][j];

			if (READ_ONCE(c->object) == NULL || !c->inherit)
				continue;
			if (copy(parent, h, child, h, RIGHTS_ALL, 0) == -E_NOMEM)
				return E_NOMEM;
		}
	}
	return 0;
}

/* ---- outside of tables ---- */

static void fill_outside(struct cap *c, const struct cap *like, void (*revoked)(struct cap *c))
{
	*c = *like;
	c->table = NULL;
	c->revoked = revoked;
	list_init(&c->link);
}

int cap_attach(struct cap *c, struct captable *t, unsigned long handle, unsigned kind,
    unsigned rights, bool below, void (*revoked)(struct cap *c))
{
	struct object *o = hold(t, handle);
	unsigned long flags;
	struct cap *from;
	int error;

	if (o == NULL)
		return E_BADF;
	flags = spin_lock(&o->lock);
	from = held(t, handle, o);
	error = check(from, kind, rights);
	if (error == 0 && below && from->depth == UINT16_MAX)
		error = E_NOMEM;
	if (error == 0) {
		fill_outside(c, from, revoked);
		if (below)
			enlist(o, c, from->link.next, from->depth + 1u);
		else
			enlist(o, c, &from->link, from->depth);
	}
	spin_unlock(&o->lock, flags);
	if (error != 0)
		object_put(o);
	return error;
}

/* What the table has at the place of a mapping's origin. The object's lock is held. */
static struct cap *at_origin(struct captable *t, const struct cap *mapping)
{
	return captable_slot(t, mapping->handle) != NULL ?
	    held(t, mapping->handle, mapping->object) : NULL;
}

bool cap_inherits(struct cap *c, struct captable *t)
{
	struct object *o = c->object;
	unsigned long flags = spin_lock(&o->lock);
	struct cap *origin = at_origin(t, c);
	bool inherit;

	if (origin != NULL && origin->serial == c->serial)
		c->inherit = origin->inherit;
	inherit = c->inherit;
	spin_unlock(&o->lock, flags);
	return inherit;
}

int cap_attach_heir(struct cap *c, struct cap *other, struct captable *parent,
    struct captable *child)
{
	struct object *o = other->object;
	unsigned long flags = spin_lock(&o->lock);
	struct cap *origin = at_origin(parent, other), *heir = at_origin(child, other);
	int error = list_empty(&other->link) || other->dying ? E_BADF : 0;

	if (origin != NULL && origin->serial != other->serial)
		origin = NULL;
	if (origin == NULL || (heir != NULL && heir->from != origin->serial))
		heir = NULL;
	if (error == 0 && origin != NULL && origin->depth == UINT16_MAX)
		error = E_NOMEM;
	if (error == 0) {
		object_get(o);
		fill_outside(c, heir != NULL ? heir : other, other->revoked);
		if (heir != NULL) {
			enlist(o, c, &heir->link, heir->depth);
		} else if (origin != NULL) {
			c->serial = 0;		/* it has none in child */
			enlist(o, c, origin->link.next, origin->depth + 1u);
		} else {
			enlist(o, c, &other->link, other->depth);
		}
	}
	spin_unlock(&o->lock, flags);
	return error;
}

bool cap_detach(struct cap *c)
{
	struct object *o = c->object;
	unsigned long flags = spin_lock(&o->lock);
	bool attached = !list_empty(&c->link), ours = attached || c->revoked == NULL, due = false;

	if (attached)
		due = delist(o, c);
	spin_unlock(&o->lock, flags);
	closed(o, due);
	if (ours)
		object_put(o);
	return attached;
}

long cap_settle(struct cap *c, struct captable *t)
{
	struct cap *slot = slot_take(t, 0);
	struct object *o = c->object;
	unsigned long flags;
	bool alive;
	long handle;

	if (slot == NULL) {
		(void)cap_detach(c);
		return -E_NOMEM;
	}
	handle = slot->handle;
	flags = spin_lock(&o->lock);
	alive = !list_empty(&c->link) && !c->dying;
	if (alive) {
		slot_fill(t, slot, o, c->rights, c->badge, c->serial);
		slot->depth = c->depth;
		list_insert_before(&c->link, &slot->link);
		list_del(&c->link);
	}
	spin_unlock(&o->lock, flags);
	if (alive)
		return handle;		/* with the reference */
	slot_free(t, slot);
	(void)cap_detach(c);
	return -E_BADF;
}
