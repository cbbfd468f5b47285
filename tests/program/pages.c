/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is mapped in a space: a hash table from pages to rights. A slot holds the page's address
 * with the rights in its low bits; rights are never 0, so 0 and 1 can say "free" and "was used".
 * Locking: the caller's.
 */
#include <stdlib.h>

#include "tracee.h"

#define FREE	0u
#define GONE	1u
#define RIGHTS	0xffful

static size_t hash(const struct pages *p, uintptr_t va)
{
	return (size_t)((va >> 12) * 0x9e3779b97f4a7c15u >> 20) & (p->size - 1);
}

static uint64_t *find(const struct pages *p, uintptr_t va)
{
	size_t i;

	if (!p->size)
		return NULL;
	for (i = hash(p, va); p->slot[i] != FREE; i = (i + 1) & (p->size - 1))
		if (p->slot[i] != GONE && (p->slot[i] & ~RIGHTS) == va)
			return &p->slot[i];
	return NULL;
}

unsigned pages_get(const struct pages *p, uintptr_t va)
{
	uint64_t *slot = find(p, va & ~RIGHTS);

	return slot ? (unsigned)((*slot & RIGHTS) >> 1) : 0;
}

static void grow(struct pages *p)
{
	struct pages old = *p;
	size_t i;

	p->size = old.live * 4 < 1024 ? 1024 : 2 * old.size;
	p->slot = calloc(p->size, sizeof(*p->slot));
	if (!p->slot)
		abort();
	p->used = p->live = 0;
	for (i = 0; i < old.size; i++)
		if (old.slot[i] != FREE && old.slot[i] != GONE)
			pages_set(p, old.slot[i] & ~RIGHTS, (unsigned)((old.slot[i] & RIGHTS) >> 1));
	free(old.slot);
}

void pages_set(struct pages *p, uintptr_t va, unsigned rights)
{
	uint64_t *slot = find(p, va);
	size_t i;

	if (!slot) {
		if (2 * (p->used + 1) > p->size)
			grow(p);
		for (i = hash(p, va); p->slot[i] != FREE; i = (i + 1) & (p->size - 1))
			;
		slot = &p->slot[i];
		p->used++;
		p->live++;
	}
	*slot = va | (uint64_t)rights << 1;
}

void pages_clear(struct pages *p, uintptr_t va, size_t len)
{
	uint64_t *slot;
	uintptr_t at;
	size_t i;

	if (len >> 12 > p->size) {
		for (i = 0; i < p->size; i++)
			if (p->slot[i] > GONE && (p->slot[i] & ~RIGHTS) - va < len) {
				p->slot[i] = GONE;
				p->live--;
			}
		return;
	}
	for (at = va; at < va + len; at += PAGE) {
		slot = find(p, at);
		if (slot) {
			*slot = GONE;
			p->live--;
		}
	}
}
