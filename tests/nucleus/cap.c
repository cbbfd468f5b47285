/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities: tables, derivation, revoking. Also built for the host, with sanitizers. */
#include <nucleus/cap.h>

#include "tap.h"

static unsigned nclosed, ndestroyed;

static void on_closed(struct object *o)
{
	(void)o;
	nclosed++;
}

static void on_destroy(struct object *o)
{
	object_fini(o);
	ndestroyed++;
}

static const struct object_type type = {
	.kind = CAP_ENDPOINT, .watch = RIGHT_RECEIVE, .closed = on_closed, .destroy = on_destroy
};

static struct captable a, b, c;
static struct object thing;

/* A table with a capability of the thing, of which nothing else is known. */
static unsigned long begin(unsigned rights)
{
	unsigned long h;

	nclosed = ndestroyed = 0;
	captable_init(&a, NULL);
	captable_init(&b, NULL);
	captable_init(&c, NULL);
	(void)object_init(&thing, &type, NULL);
	h = (unsigned long)cap_insert(&a, &thing, rights, 0);
	object_put(&thing);
	return h;
}

static void end(void)
{
	captable_destroy(&a);
	captable_destroy(&b);
	captable_destroy(&c);
}

static int find(struct captable *t, long handle, unsigned rights)
{
	struct object *o;
	int error = cap_get(t, (unsigned long)handle, CAP_ENDPOINT, rights, &o, NULL);

	if (error == 0)
		object_put(o);
	return error;
}

static void test_handles(void)
{
	unsigned long h = begin(RIGHT_SEND | RIGHT_RECEIVE), badge = 7;
	struct object *o;
	long one, two;

	ok(h == 1 && find(&a, 1, RIGHT_SEND) == 0, "the first handle is 1");
	ok(find(&a, 0, 0) == E_BADF && find(&a, 2, 0) == E_BADF && find(&a, HANDLE_MAX, 0) == E_BADF &&
	    find(&a, HANDLE_MAX + 1, 0) == E_BADF && find(&a, -1, 0) == E_BADF,
	    "no other is a capability");
	ok(find(&b, 1, 0) == E_BADF, "nor is it one in another table");
	ok(cap_get(&a, 1, CAP_MEMORY, 0, &o, NULL) == E_BADF && find(&a, 1, RIGHT_GRANT) == E_PERM,
	    "another kind, a right that it lacks");
	one = cap_copy(&a, 1, &a, RIGHT_SEND | RIGHT_GRANT, 5);
	ok(one == 2 && find(&a, 2, RIGHT_SEND) == 0 && find(&a, 2, RIGHT_RECEIVE) == E_PERM &&
	    find(&a, 2, RIGHT_GRANT) == E_PERM, "a copy has at most the rights of the original");
	ok(cap_copy(&a, 2, &a, RIGHTS_ALL, 6) == -E_PERM, "a badge is set once");
	two = cap_copy(&a, 2, &a, RIGHTS_ALL, 0);
	ok(two == 3 && cap_get(&a, 3, CAP_NONE, 0, &o, &badge) == 0 && badge == 5, "and stays");
	object_put(o);
	ok(cap_close(&a, 2) == 0 && cap_close(&a, 2) == E_BADF && find(&a, 3, RIGHT_SEND) == 0,
	    "closing a capability leaves those derived from it");
	ok(cap_copy(&a, 3, &a, RIGHTS_ALL, 0) == 2, "the lowest free handle is taken");
	ok(nclosed == 0 && cap_close(&a, 1) == 0 && nclosed == 1,
	    "with the last that has the right, it is told");
	ok(ndestroyed == 0, "the object lives");
	end();
	ok(nclosed == 1 && ndestroyed == 1, "until the last capability is closed");
}

static void test_revoke(void)
{
	unsigned long h = begin(RIGHTS_ALL);
	long x = cap_copy(&a, h, &b, RIGHTS_ALL, 0);		/* below h */
	long y = cap_copy(&b, (unsigned long)x, &c, RIGHTS_ALL, 0);	/* below x */
	long z = cap_copy(&a, h, &c, RIGHTS_ALL & ~RIGHT_REVOKE, 0);	/* below h, beside x */

	ok(cap_revoke(&c, (unsigned long)z) == E_PERM, "revoking needs the right");
	ok(cap_revoke(&b, (unsigned long)x) == 0 && find(&b, x, 0) == 0 && find(&c, y, 0) == E_BADF &&
	    find(&c, z, 0) == 0, "what is derived ceases, in other tables; what is not, stays");
	y = cap_copy(&b, (unsigned long)x, &c, RIGHTS_ALL, 0);
	(void)cap_close(&b, (unsigned long)x);
	ok(cap_revoke(&c, (unsigned long)z) == E_PERM && find(&c, y, 0) == 0,
	    "a closed one's stay");
	ok(cap_revoke(&a, h) == 0 && find(&c, y, 0) == E_BADF && find(&c, z, 0) == E_BADF &&
	    find(&a, (long)h, 0) == 0, "and are those of who had given it");
	end();
	ok(ndestroyed == 1, "nothing is left");

	/* A closed one's children are not those of a brother of its. */
	h = begin(RIGHTS_ALL);
	x = cap_copy(&a, h, &b, RIGHTS_ALL, 0);
	y = cap_copy(&b, (unsigned long)x, &b, RIGHTS_ALL, 0);
	z = cap_copy(&a, h, &b, RIGHTS_ALL, 0);
	(void)cap_close(&b, (unsigned long)x);
	ok(cap_revoke(&b, (unsigned long)z) == 0 && find(&b, y, 0) == 0, "brothers' children");
	end();
}

static unsigned nrevoked;

static void on_revoked(struct cap *m)
{
	(void)m;
	nrevoked++;
}

static void test_outside(void)
{
	unsigned long h = begin(RIGHTS_ALL);
	long x = cap_copy(&a, h, &b, RIGHTS_ALL, 0), y;
	struct cap own, other, more, way;

	nrevoked = 0;
	ok(cap_attach(&own, &a, h, CAP_ENDPOINT, 0, false, on_revoked) == 0 &&
	    cap_attach(&other, &b, (unsigned long)x, CAP_NONE, RIGHT_READ, false, on_revoked) == 0 &&
	    cap_attach_heir(&more, &other, &b, &c) == 0, "mappings");
	ok(cap_attach(&way, &a, h, CAP_MEMORY, 0, false, NULL) == E_BADF &&
	    cap_attach(&way, &c, h, CAP_NONE, 0, false, NULL) == E_BADF, "of what is not there");
	ok(cap_revoke(&b, (unsigned long)x) == 0 && nrevoked == 1 && !cap_detach(&more),
	    "one's own stay, a child's do not");
	(void)cap_close(&b, (unsigned long)x);
	ok(cap_attach_heir(&more, &other, &b, &c) == 0, "a child's, where the parent has closed its own");
	ok(cap_revoke(&a, h) == 0 && nrevoked == 3, "those of whom it was given to are told");
	ok(!cap_detach(&other) && !cap_detach(&more) && cap_detach(&own), "and end only once");

	ok(cap_attach(&way, &a, h, CAP_NONE, RIGHT_GRANT, true, NULL) == 0, "on its way");
	y = cap_settle(&way, &b);
	ok(y == 1 && find(&b, y, 0) == 0 && cap_revoke(&a, h) == 0 && find(&b, y, 0) == E_BADF,
	    "it is derived from the sender's");
	(void)cap_attach(&way, &a, h, CAP_NONE, 0, true, NULL);
	(void)cap_revoke(&a, h);
	ok(cap_settle(&way, &b) == -E_BADF && b.used[0] == 1, "revoked on the way, it does not arrive");
	(void)cap_attach(&way, &a, h, CAP_NONE, 0, true, NULL);
	(void)cap_close(&a, h);
	ok(nclosed == 0 && ndestroyed == 0, "the object lives as long as something is on the way");
	ok(cap_detach(&way) && nclosed == 1 && ndestroyed == 1, "and no longer");
	end();
}

static void test_fork(void)
{
	unsigned long h = begin(RIGHTS_ALL);
	long x = cap_copy(&a, h, &a, RIGHT_SEND, 9), y = cap_copy(&a, h, &a, RIGHT_SEND, 0);
	struct cap_info info;

	ok(cap_inherit(&a, (unsigned long)y, true) == 0 && cap_inherit(&a, 99, true) == E_BADF &&
	    captable_fork(&b, &a) == 0, "a table is inherited");
	ok(find(&b, (long)h, 0) == E_BADF && find(&b, x, 0) == E_BADF && find(&b, y, RIGHT_SEND) == 0,
	    "only what is marked, under the same handle");
	ok(cap_info(&b, (unsigned long)y, &info) == 0 && info.inherit && info.rights == RIGHT_SEND &&
	    info.kind == CAP_ENDPOINT, "also by the child's children");
	ok(cap_copy(&b, (unsigned long)y, &b, RIGHTS_ALL, 0) == 1, "below it there is room");
	ok(cap_revoke(&a, h) == 0 && b.used[0] == 1, "the parent can revoke what the child has");
	end();
}

static void test_limits(void)
{
	struct account *account = account_create(NULL);
	unsigned long h = begin(RIGHTS_ALL);
	struct object other;
	unsigned n = 0;
	long last = 0;

	account_lower(account, LIMIT_PAGES, 2);
	account_lower(account, LIMIT_OBJECTS, 1);
	captable_init(&b, account);
	while ((last = cap_copy(&a, h, &b, RIGHTS_ALL, 0)) > 0)
		n++;
	ok(last == -E_NOMEM && n == 2 * CAP_CHUNK - 1, "a table is as large as the account allows");
	captable_destroy(&b);
	ok(account->used[LIMIT_PAGES] == 0, "and gives back what it took");
	ok(object_init(&other, &type, account) == 0 && object_init(&thing, &type, account) == E_NOMEM,
	    "so are objects");
	object_put(&other);
	ok(account->used[LIMIT_OBJECTS] == 0 && account->refs == 1, "these, too");
	account_put(account);
	for (n = 0; cap_copy(&a, h, &a, RIGHTS_ALL, 0) > 0; n++)
		;
	ok(n == HANDLE_MAX - 1, "a table has %u places at most", n + 1);
	end();
}

/* ---- against a model ---- */

#define NODES		60
#define TABLES		3

static struct node {
	bool		alive, outside;
	int		parent;		/* index; -1: none */
	int		made_from;	/* the one it was copied from, in a table; -1: that is gone */
	int		origin;		/* a mapping's: the one it was made with; -1: none any more */
	unsigned	table;		/* a mapping's: its process's */
	unsigned long	handle;
	struct cap	mapping;
} node[NODES];
static struct captable *const tables[TABLES] = { &a, &b, &c };
static unsigned wrong;

static uint32_t roll(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*seed >> 33) % n;
}

static void on_mapping_revoked(struct cap *m)
{
	struct node *n = container_of(m, struct node, mapping);

	if (!n->alive)
		wrong++;
	n->alive = false;
}

/* It is gone, and nobody is its heir any more. */
static void forget(int i)
{
	for (int k = 0; k < NODES; k++) {
		if (node[k].origin == i)
			node[k].origin = -1;
		if (node[k].made_from == i)
			node[k].made_from = -1;
	}
	node[i].alive = false;
}

static bool is_under(int i, int top)
{
	while (i >= 0 && i != top)
		i = node[i].parent;
	return i >= 0;
}

static void model_close(int i)
{
	for (int k = 0; k < NODES; k++) {
		if (node[k].alive && node[k].parent == i)
			node[k].parent = node[i].parent;
	}
	forget(i);
}

static void derive_one(int i, int at, unsigned table)
{
	struct node *n = &node[at], *from = &node[i];
	long h = cap_copy(tables[from->table], from->handle, tables[table], RIGHTS_ALL, 0);

	if (h <= 0)
		wrong++;
	*n = (struct node) { .alive = true, .parent = i, .made_from = i, .table = table,
	    .handle = (unsigned long)h };
}

static void map_one(int i, int at)
{
	struct node *n = &node[at], *from = &node[i];

	*n = (struct node) { .alive = true, .outside = true, .parent = from->parent, .origin = i,
	    .table = from->table, .handle = from->handle };
	if (cap_attach(&n->mapping, tables[from->table], from->handle, CAP_NONE, 0, false,
	    on_mapping_revoked) != 0)
		wrong++;
}

/* The child of who has mapping i has another, and the capabilities that it finds in its table. */
static void fork_one(int i, int at, unsigned table)
{
	struct node *n = &node[at], *from = &node[i];
	int heir = -1, origin = from->origin;

	for (int k = 0; k < NODES && origin >= 0; k++) {
		if (node[k].alive && !node[k].outside && node[k].table == table &&
		    node[k].handle == from->handle && node[k].made_from == origin)
			heir = k;
	}
	*n = (struct node) { .alive = true, .outside = true, .origin = heir, .table = table,
	    .handle = from->handle, .parent = heir >= 0 ? node[heir].parent :
	    origin >= 0 ? origin : from->parent };
	if (cap_attach_heir(&n->mapping, &from->mapping, tables[from->table], tables[table]) != 0)
		wrong++;
}

static void close_one(int i)
{
	if (!node[i].outside && cap_close(tables[node[i].table], node[i].handle) != 0)
		wrong++;
	if (node[i].outside && !cap_detach(&node[i].mapping))
		wrong++;
	model_close(i);
}

static void revoke_one(int i)
{
	if (cap_revoke(tables[node[i].table], node[i].handle) != 0)
		wrong++;
	for (int k = 0; k < NODES; k++) {
		if (!node[k].alive || k == i || !is_under(k, i))
			continue;
		if (node[k].outside)
			wrong++;	/* on_mapping_revoked() has not been called */
		forget(k);
	}
}

static void compare(void)
{
	uint64_t used[TABLES] = { 1, 1, 1 };

	for (int k = 0; k < NODES; k++) {
		if (node[k].alive && !node[k].outside)
			used[node[k].table] |= 1ull << node[k].handle;
	}
	for (unsigned t = 0; t < TABLES; t++)
		wrong += tables[t]->used[0] != used[t];
}

static void step(uint64_t *seed)
{
	int i = (int)roll(seed, NODES), at = (int)roll(seed, NODES);
	unsigned what = roll(seed, 10);

	if (!node[i].alive)
		return;
	if (what < 7) {
		if (node[at].alive)
			return;
		if (node[i].outside)
			fork_one(i, at, roll(seed, TABLES));
		else if (what < 5)
			derive_one(i, at, roll(seed, TABLES));
		else
			map_one(i, at);
	} else if (what < 9) {
		if (i != 0)
			close_one(i);
	} else if (!node[i].outside && roll(seed, 4) == 0) {
		revoke_one(i);
	}
}

static void test_model(void)
{
	uint64_t seed = 4711;

	begin(RIGHTS_ALL);
	memset(node, 0, sizeof(node));
	node[0] = (struct node) { .alive = true, .parent = -1, .made_from = -1, .handle = 1 };
	wrong = 0;
	for (unsigned i = 0; i < 20000 && wrong == 0; i++) {
		step(&seed);
		compare();
	}
	ok(wrong == 0, "20000 random steps are as a tree says");
	for (int k = 0; k < NODES; k++) {
		if (node[k].alive && node[k].outside)
			close_one(k);
	}
	end();
	ok(ndestroyed == 1, "and nothing is left");
}

void test_cap(void)
{
	test_handles();
	test_revoke();
	test_outside();
	test_fork();
	test_limits();
	test_model();
}
