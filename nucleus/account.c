/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounts. The interface is account.h.
 * Invariant: what a group has used is the sum of what its members have.
 * Locking: a member's lock for its fields; within it its group's.
 */
#include <nucleus/account.h>
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>

struct account *account_create(struct account *group)
{
	struct account *a = heap_zalloc(sizeof(*a));

	if (a == NULL)
		return NULL;
	a->refs = 1;
	a->group = group;
	for (unsigned i = 0; i < LIMITS; i++)
		a->limit[i] = UNLIMITED;
	if (group != NULL)
		account_get(group);
	return a;
}

void account_get(struct account *a)
{
	__atomic_add_fetch(&a->refs, 1, __ATOMIC_RELAXED);
}

void account_put(struct account *a)
{
	if (__atomic_sub_fetch(&a->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (unsigned i = 0; i < LIMITS; i++)
		assert(a->used[i] == 0);
	if (a->group != NULL)
		account_put(a->group);
	heap_free(a);
}

struct account *account_group(struct account *a)
{
	unsigned long flags = spin_lock(&a->lock);
	struct account *group = a->group;

	if (group != NULL)
		account_get(group);
	spin_unlock(&a->lock, flags);
	return group;
}

static bool fits(const struct account *a, enum limit what, unsigned long n)
{
	return a->used[what] <= a->limit[what] && n <= a->limit[what] - a->used[what];
}

int account_charge(struct account *a, enum limit what, unsigned long n)
{
	unsigned long flags = spin_lock(&a->lock);
	struct account *g = a->group;
	bool good = fits(a, what, n);

	if (g != NULL) {
		spin_acquire(&g->lock);
		good = good && fits(g, what, n);
		if (good)
			g->used[what] += n;
		spin_release(&g->lock);
	}
	if (good)
		a->used[what] += n;
	spin_unlock(&a->lock, flags);
	return good ? 0 : E_NOMEM;
}

static void take_back(struct account *a, enum limit what, unsigned long n)
{
	assert(a->used[what] >= n);
	a->used[what] -= n;
}

void account_uncharge(struct account *a, enum limit what, unsigned long n)
{
	unsigned long flags = spin_lock(&a->lock);

	take_back(a, what, n);
	if (a->group != NULL) {
		spin_acquire(&a->group->lock);
		take_back(a->group, what, n);
		spin_release(&a->group->lock);
	}
	spin_unlock(&a->lock, flags);
}

void account_lower(struct account *a, enum limit what, unsigned long n)
{
	unsigned long flags = spin_lock(&a->lock);

	a->limit[what] = MIN(a->limit[what], n);
	spin_unlock(&a->lock, flags);
}

int account_move(struct account *a, struct account *group)
{
	unsigned long flags = spin_lock(&a->lock);
	struct account *old = a->group;
	bool good = true;

	spin_acquire(&group->lock);
	for (unsigned i = 0; i < LIMITS; i++)
		good = good && fits(group, i, a->used[i]);
	for (unsigned i = 0; good && i < LIMITS; i++)
		group->used[i] += a->used[i];
	spin_release(&group->lock);
	if (good) {
		account_get(group);
		a->group = group;
	}
	if (good && old != NULL) {
		spin_acquire(&old->lock);
		for (unsigned i = 0; i < LIMITS; i++)
			take_back(old, i, a->used[i]);
		spin_release(&old->lock);
	}
	spin_unlock(&a->lock, flags);
	if (good && old != NULL)
		account_put(old);
	return good ? 0 : E_NOMEM;
}
