/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the virtual CPU share: lock.c (its lock, and host threads that wait), vcpu.c
 * (which task it runs, on which thread), user.c (tasks in user mode).
 */
#ifndef PILLION_VCPU_H
#define PILLION_VCPU_H

#include <linux/sched.h>
#include <asm/vcpu.h>

/*
 * The state in which a program task is moved off (user.c), as TASK_PARKED is a library task's.
 * /proc has no letter for it, so that it shows what is so: running.
 */
#define TASK_IN_USER	TASK_STATE_MAX

enum pillion_turn { TURN_GRANTED, TURN_TOOK, TURN_FAILED };

/* lock.c */
extern unsigned int pillion_wait_count;		/* threads that want the virtual CPU */

static inline bool pillion_vcpu_try(struct pillion_hthread *ht)
{
	unsigned int free = 0;

	if (!__atomic_compare_exchange_n(&pillion_vcpu.lock, &free, 1, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return false;
	pillion_vcpu.carrier = ht;
	return true;
}

void pillion_wait_add(struct pillion_hthread *ht);
void pillion_wait_del(struct pillion_hthread *ht);
bool pillion_wait_hand_over(void);
void pillion_wait_wake_one(void);
enum pillion_turn pillion_ht_wait(struct pillion_hthread *ht);

static inline enum pillion_turn pillion_vcpu_acquire(struct pillion_hthread *ht)
{
	if (likely(pillion_vcpu_try(ht))) {
		if (unlikely(__atomic_load_n(&ht->queued, __ATOMIC_RELAXED)))
			pillion_wait_del(ht);
		return TURN_TOOK;
	}
	pillion_wait_add(ht);
	return pillion_ht_wait(ht);
}

/* vcpu.c */
bool pillion_vcpu_serve(struct pillion_hthread *ht);
void pillion_vcpu_release(struct pillion_hthread *ht);
void pillion_kick(void);

/* user.c */
#ifdef CONFIG_PILLION_PROGRAMS
extern struct list_head pillion_users;		/* threads whose tasks were moved off in user mode */
unsigned int pillion_parked_state(struct pillion_hthread *ht);
void pillion_users_notify_slow(void);
void pillion_parked_notify(void);

/* Whoever lets go of the virtual CPU may have given work to tasks in user mode. */
static inline void pillion_users_notify(void)
{
	if (unlikely(!list_empty(&pillion_users)))
		pillion_users_notify_slow();
}
#else
static inline unsigned int pillion_parked_state(struct pillion_hthread *ht) { return TASK_PARKED; }
static inline void pillion_users_notify(void) { }
static inline void pillion_parked_notify(void) { }
#endif

#endif
