// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks in user mode: the way out, the way back, and how work reaches one that is there.
 *
 * A program task goes out parked, as a library task does (vcpu.c). When others need the virtual CPU
 * it is moved off, in a state that nobody's wake-up ends, and is on a list until its thread is back.
 * Work (a signal) sets flags of the task; whoever lets go of the virtual CPU looks for such tasks,
 * and has the platform send their threads back. So a task that runs in user mode is never asleep to
 * the donor, and needs no turn of the scheduler's to be reached.
 *
 * Locking: the virtual CPU, but for the thread's own words, event and sleeping.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <asm/program.h>
#include <asm/rump.h>
#include "vcpu.h"

LIST_HEAD(pillion_users);

/* The current task is moved off. Program tasks are so only in user mode. */
unsigned int pillion_parked_state(struct pillion_hthread *ht)
{
	if (!pillion_is_program(current))
		return TASK_PARKED;
	list_add_tail(&ht->inside, &pillion_users);
	return TASK_IN_USER;
}

static bool has_work(struct pillion_hthread *ht)
{
	return read_task_thread_flags(ht->task) & _TIF_WORK_MASK;
}

void pillion_users_notify_slow(void)
{
	struct pillion_hthread *ht;

	list_for_each_entry(ht, &pillion_users, inside)
		if (has_work(ht))
			pillion_ht_wake(ht);
}

/* Whoever came in beside the current task, which is parked, leaves. */
void pillion_parked_notify(void)
{
	if (pillion_is_program(current) && has_work(current->thread.ht))
		pillion_ht_wake(current->thread.ht);
}

/* pillion_vcpu_release(), where nobody waits and nothing is pending, which is nearly always. */
static __always_inline void release_quickly(struct pillion_hthread *ht)
{
	if (unlikely(__atomic_load_n(&pillion_wait_count, __ATOMIC_RELAXED))) {
		pillion_vcpu_release(ht);
		return;
	}
	pillion_users_notify();
	pillion_vcpu.carrier = NULL;
	__atomic_store_n(&pillion_vcpu.lock, 0, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&pillion_wait_count, __ATOMIC_SEQ_CST)))
		pillion_wait_wake_one();
	if (unlikely(__atomic_load_n(&pillion_irq_pending, __ATOMIC_SEQ_CST)) &&
	    pillion_vcpu_try(ht) && pillion_vcpu_serve(ht))
		pillion_vcpu_release(ht);
}

/*
 * A program task goes to user mode, where its thread can be woken, and comes back. In between
 * nobody grants the thread the virtual CPU: its task is current, or in a state that only the thread
 * itself ends.
 *
 * What is written here without an order of its own is ordered by the lock: the release comes before
 * the platform's look at event, and on the way back the clearing of event before the taking.
 */
void pillion_user_run(struct pillion_hthread *ht, struct rumpext_space *space,
		      struct rumpext_regs *regs, struct rumpext_trap *trap)
{
	if (unlikely(pillion_irq_pending)) {
		pillion_irq_run();
		if (read_thread_flags() & _TIF_WORK_MASK) {
			*trap = (struct rumpext_trap){ .kind = RUMPEXT_TRAP_WORK };
			return;
		}
	}
	pillion_kick_others();
	__atomic_store_n(&ht->sleeping, HT_USER, __ATOMIC_RELAXED);
	release_quickly(ht);
	rumpext_user_run(ht->user, space, regs, &ht->event, trap);
	__atomic_store_n(&ht->sleeping, HT_AWAKE, __ATOMIC_RELAXED);
	__atomic_store_n(&ht->event, 0, __ATOMIC_RELAXED);
	pillion_vcpu_acquire(ht);
	if (likely(current == ht->task))
		return;
	list_del_init(&ht->inside);
	pillion_enter_held(ht);
}
