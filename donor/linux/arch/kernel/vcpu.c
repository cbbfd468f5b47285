// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual CPU.
 *
 * The donor is one virtual CPU. Whichever host thread holds pillion_vcpu.lock *carries* it;
 * "current" is the task that runs, or ran last. There are two kinds of tasks:
 *
 *  - a *library task* is the body of one host thread: its kernel stack is that thread's own
 *    stack, and only that thread runs it;
 *  - every other task (kernel threads, idle, process leaders) has a stack of the donor's and runs
 *    on whichever host thread carries the virtual CPU when the scheduler picks it. Switching to
 *    one is a change of stack pointer, not of host threads.
 *
 * A library task that is outside the donor (in its program's code) stays current until somebody
 * else needs the virtual CPU: it is *parked*, and coming back is one compare-and-swap. To the
 * scheduler a parked task that was moved off is blocked (TASK_PARKED, which nothing else wakes);
 * its next system call wakes it. So a library task is runnable only while its host thread is
 * inside.
 *
 * A carrier that has to stop carrying (the scheduler picked another host thread's task, or idle)
 * goes *home*: back to the point on its own stack where it began to carry. What must happen only
 * then, because until then it stands on a stack that somebody else may continue, is noted in its
 * hthread (grant_to, release) and done on landing.
 *
 * Going idle releases the virtual CPU with the idle task suspended in arch_cpu_idle(); who takes
 * the CPU next continues it. The interrupt thread (kernel/irq.c) is a host thread without a task:
 * it carries for interrupts that find nobody inside.
 *
 * On the way out with other tasks runnable, a library task does not switch to them: it parks,
 * lets go of the virtual CPU and asks one of the host threads concerned to take over. If it is
 * back first it simply goes on, so that a thread that makes many short calls is not stopped by a
 * wake-up of the host's at each.
 *
 * The lock itself is in lock.c, tasks in user mode are in user.c.
 *
 * Locking: everything here is touched with the virtual CPU held, but for the atomics: event,
 * granted, irq_pending.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/stat.h>
#include <linux/sched/task_stack.h>
#include <linux/cpu.h>
#include <linux/irqflags.h>
#include <asm/rump.h>
#include "vcpu.h"

struct task_struct *pillion_current = &init_task;

static void kick_others(void);

static LIST_HEAD(inside_list);		/* library and program tasks blocked in the donor */

/*
 * Takeovers run on a stack of their own, which is abandoned each time. One at a time: the virtual
 * CPU is held.
 */
static char takeover_stack[THREAD_SIZE] __aligned(16);

/* ---- switching ---- */

/* Prepare a context on stack [base, base + size) that begins in fn(arg). */
void *pillion_ctx_make(void *base, size_t size, void (*fn)(void *), void *arg)
{
	unsigned long top = ((unsigned long)base + size - 32) & ~15UL;
	struct pillion_ctx_frame *f = (void *)(top - sizeof(*f));

	pillion_ctx_frame_init(f, pillion_ctx_start, fn, arg);
	return f;
}

/* If to is ht itself, it stands where it will look: in pillion_ht_wait(). */
static void grant(struct pillion_hthread *ht, struct pillion_hthread *to)
{
	pillion_vcpu.carrier = to;
	__atomic_store_n(&to->granted, 1, __ATOMIC_SEQ_CST);
	if (to != ht)
		pillion_ht_wake(to);
}

/*
 * With the virtual CPU held and interrupts pending: take them. Returns whether it is still held. It
 * is not granted to ht itself: whose task that is was on its way out, and sleeps till it is back.
 */
bool pillion_vcpu_serve(struct pillion_hthread *ht)
{
	struct pillion_hthread *to;

	if (current->thread.ht) {
		pillion_irq_run();
		kick_others();
		pillion_parked_notify();
		return true;
	}
	pillion_ctx_switch(&ht->home, current->thread.sp);	/* idle takes them */
	to = ht->grant_to;
	ht->grant_to = NULL;
	ht->release = false;
	if (!to)
		return true;
	grant(ht, to);
	return false;
}

/*
 * Let go of the virtual CPU. An interrupt that was posted while it was held, but too late for the
 * last look, is this thread's to take if nobody else does: poster and releaser both look after
 * they have written (sequentially consistent).
 */
void pillion_vcpu_release(struct pillion_hthread *ht)
{
	do {
		pillion_users_notify();
		if (unlikely(__atomic_load_n(&pillion_wait_count, __ATOMIC_RELAXED)) &&
		    pillion_wait_hand_over())
			return;
		pillion_vcpu.carrier = NULL;
		__atomic_store_n(&pillion_vcpu.lock, 0, __ATOMIC_SEQ_CST);
		if (unlikely(__atomic_load_n(&pillion_wait_count, __ATOMIC_SEQ_CST)))
			pillion_wait_wake_one();
		if (likely(!__atomic_load_n(&pillion_irq_pending, __ATOMIC_SEQ_CST)))
			return;
	} while (pillion_vcpu_try(ht) && pillion_vcpu_serve(ht));
}

/* Back on the thread's own stack: what the context that was left behind could not do itself. */
static void ht_landed(struct pillion_hthread *ht)
{
	struct pillion_hthread *to = ht->grant_to;

	if (to) {
		ht->grant_to = NULL;
		grant(ht, to);
	} else if (ht->release) {
		ht->release = false;
		pillion_vcpu_release(ht);
	}
}

/* Carry another context; returns when this thread is home again. */
void pillion_carry(struct pillion_hthread *ht, void *ctx)
{
	pillion_ctx_switch(&ht->home, ctx);
	ht_landed(ht);
}

/* As if the parked task went to sleep outside. It resumes in its own thread, never here. */
static void takeover_main(void *arg)
{
	pillion_vcpu.takeover = true;
	WRITE_ONCE(current->__state, pillion_parked_state(current->thread.ht));
	schedule();
	BUG();
}

/*
 * The virtual CPU is held and current is not what should run: let the scheduler choose. current
 * is idle (suspended in arch_cpu_idle: continue it) or a parked library task (move it off).
 * Returns at home, without the virtual CPU, or with it granted.
 */
void pillion_ht_schedule(struct pillion_hthread *ht)
{
	if (current->thread.ht)
		pillion_carry(ht, pillion_ctx_make(takeover_stack, sizeof(takeover_stack), takeover_main, NULL));
	else
		pillion_carry(ht, current->thread.sp);
}

/*
 * Wait until the thread runs its task; if it is asked to take the virtual CPU meanwhile, it
 * schedules.
 */
int pillion_ht_wait_turn(struct pillion_hthread *ht)
{
	enum pillion_turn turn;

	while ((turn = pillion_ht_wait(ht)) == TURN_TOOK) {
		if (pillion_irq_enabled && pillion_irq_pending)
			pillion_irq_run();
		pillion_ht_schedule(ht);
	}
	return turn == TURN_FAILED ? -ht->error : 0;
}

/* A library task blocks (or is preempted) inside the donor, on its own thread's stack. */
static void block_in_place(struct pillion_hthread *ht, struct pillion_hthread *to, void *ctx)
{
	list_add_tail(&ht->inside, &inside_list);
	if (to) {
		ht->grant_to = to;
		ht_landed(ht);
	} else {
		pillion_carry(ht, ctx);
	}
	pillion_ht_wait_turn(ht);
	list_del_init(&ht->inside);
}

#ifdef CONFIG_PILLION_PROGRAMS
/* The last switch away from a program task, on its own thread's stack: that thread ends. */
static void __noreturn program_gone(struct pillion_hthread *ht, struct task_struct *dead,
				    struct pillion_hthread *to, void *ctx)
{
	list_del_init(&dead->thread.tasks);
	ht->task = NULL;
	if (to) {
		ht->grant_to = to;
		ht_landed(ht);
	} else {
		pillion_carry(ht, ctx);
	}
	pillion_program_end(ht);
}
#endif

/* Called by the scheduler's context_switch(), interrupts off. */
struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
{
	struct pillion_hthread *ht = pillion_vcpu.carrier;
	struct pillion_hthread *to = next->thread.ht;
	bool takeover = pillion_vcpu.takeover;
	void *abandoned;

	pillion_vcpu.takeover = false;
	pillion_vcpu.last = prev;
	pillion_current = next;

#ifdef CONFIG_PILLION_PROGRAMS
	if (prev->thread.program && prev->thread.ht && READ_ONCE(prev->__state) == TASK_DEAD)
		program_gone(ht, prev, to, next->thread.sp);
#endif
	if (prev->thread.ht && !takeover) {
		block_in_place(ht, to, next->thread.sp);
		return pillion_vcpu.last;
	}
	if (to)
		ht->grant_to = to;
	pillion_ctx_switch(takeover ? &abandoned : &prev->thread.sp, to ? ht->home : next->thread.sp);
	return pillion_vcpu.last;
}

/*
 * Idle, interrupts off: release the virtual CPU and wait, which is: go home, until somebody
 * continues idle.
 */
void arch_cpu_idle(void)
{
	struct pillion_hthread *ht = pillion_vcpu.carrier;

	if (!pillion_irq_pending && !need_resched()) {
		ht->release = true;
		pillion_ctx_switch(&current->thread.sp, ht->home);
	}
	raw_local_irq_enable();
}

/* ---- coming in and going out ---- */

/*
 * Choose one of the host threads concerned to take over what is runnable beside current. The
 * virtual CPU is held; who releases it wakes the thread then: earlier, it would only find the
 * virtual CPU taken and sleep again.
 */
void pillion_kick(void)
{
	struct pillion_hthread *ht;

	if (pillion_wait_count)
		return;		/* somebody is on the way in already, and will schedule */
	list_for_each_entry(ht, &inside_list, inside)
		if (task_is_running(ht->task))
			goto found;
	ht = pillion_irq_thread();
found:
	pillion_wait_add(ht);
}

static void kick_others(void)
{
	if (unlikely(!single_task_running()))
		pillion_kick();
}

/* Take the virtual CPU as a mere carrier: current is whatever it is, parked or idle. */
void pillion_ht_acquire(struct pillion_hthread *ht)
{
	pillion_vcpu_acquire(ht);
}

bool pillion_ht_try(struct pillion_hthread *ht)
{
	return pillion_vcpu_try(ht);
}

/* Undo it: if something became runnable, carry it as far as it goes. */
void pillion_ht_leave(struct pillion_hthread *ht)
{
	if (!current->thread.ht && (need_resched() || pillion_irq_pending)) {
		pillion_ht_schedule(ht);
		return;
	}
	if (current->thread.ht) {
		if (pillion_irq_pending)
			pillion_irq_run();
		kick_others();
		pillion_parked_notify();
	}
	pillion_vcpu_release(ht);
}

/* The virtual CPU is held, and current is not ht's task: make it so. */
void pillion_enter_held(struct pillion_hthread *ht)
{
	wake_up_state(ht->task, TASK_PARKED | TASK_IN_USER);
	pillion_ht_schedule(ht);
	pillion_ht_wait_turn(ht);
	schedule_tail(pillion_vcpu.last);
}

/* Come in as ht's task. */
void pillion_enter_slow(struct pillion_hthread *ht)
{
	pillion_ht_acquire(ht);
	if (current != ht->task)
		pillion_enter_held(ht);
}

/* Go out; the task stays parked. */
void pillion_leave_slow(struct pillion_hthread *ht)
{
	if (pillion_irq_pending)
		pillion_irq_run();
	kick_others();
	pillion_vcpu_release(ht);
}
