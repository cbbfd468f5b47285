/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A checked build (make CHECKED=1), for tests and measurements: acquisitions of spin locks are
 * counted, and the option "delays=SEED" makes CPUs wait for random times where they meet others,
 * so that races are lost that are won otherwise. In any other build nothing of this is there.
 *
 * A lock's class is the file and the expression that it is taken by.
 *
 * Locking: counters are each CPU's own; the list of classes only grows, by compare-and-swap.
 */
#ifndef NUCLEUS_CHECKED_H
#define NUCLEUS_CHECKED_H

#include <nucleus/abi.h>
#include <nucleus/cpu.h>

#ifdef NUCLEUS_CHECKED

struct spinlock;

struct lock_class {
	const char	*file, *name;
	struct lock_class *next;
	bool		known;			/* on the list */
	unsigned long	taken[CPU_MAX], waited[CPU_MAX];
};

#define LOCK_CLASS(expression) ({ \
	static struct lock_class class = { .file = __FILE__, .name = expression }; \
	&class; })

/*
 * spin_acquire() and spin_lock(), spin_try_acquire(), spin_release(), counted and delayed.
 * Interrupts are off; flags: how they were before.
 */
void checked_acquire(struct spinlock *lk, struct lock_class *class, unsigned long flags);
bool checked_try_acquire(struct spinlock *lk, struct lock_class *class);
void checked_release(struct spinlock *lk);

void checked_delay(void);		/* perhaps. Any context */
void checked_init(void);		/* boot only: reads the option */

/* The class of an index, in no order; all CPUs'. False: none of that index or above. */
bool checked_lock(unsigned index, struct info_lock *info);

#else

static inline void checked_delay(void) { }
static inline void checked_init(void) { }
static inline bool checked_lock(unsigned index UNUSED, struct info_lock *info UNUSED)
{
	return false;
}

#endif
#endif /* NUCLEUS_CHECKED_H */
