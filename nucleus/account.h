/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process and its group have taken of memory and of kernel objects, and how much they may.
 *
 * Whoever makes something charges it to an account and keeps a reference to that until it is
 * given back, which may be after the process has ended.
 *
 * Locking: a spin lock an account inside, a group's taken within a member's; any context.
 */
#ifndef NUCLEUS_ACCOUNT_H
#define NUCLEUS_ACCOUNT_H

#include <nucleus/abi.h>
#include <nucleus/sync.h>

#define UNLIMITED	(~0ul)

struct account {
	struct spinlock	lock;
	uint32_t	refs;
	struct account	*group;		/* charged as well, or NULL; it has none of its own */
	unsigned long	used[LIMITS], limit[LIMITS];
};

/* One reference, nothing used, no limits. group may be NULL. NULL: no memory. */
struct account *account_create(struct account *group);
void account_get(struct account *a);
void account_put(struct account *a);

/* Its group, with a reference, or NULL. */
struct account *account_group(struct account *a);

/* Both, the account and its group, or none: E_NOMEM. */
int account_charge(struct account *a, enum limit what, unsigned long n);
void account_uncharge(struct account *a, enum limit what, unsigned long n);

/* A limit becomes n if that is lower. */
void account_lower(struct account *a, enum limit what, unsigned long n);

/*
 * The account leaves its group for another, with all that is charged to it. E_NOMEM: that is more
 * than the other may have; nothing has changed.
 */
int account_move(struct account *a, struct account *group);

#endif /* NUCLEUS_ACCOUNT_H */
