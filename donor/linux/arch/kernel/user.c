// SPDX-License-Identifier: GPL-2.0-only
/*
 * User mode: what a program task does all the time. Work that waits (signals), out, and back with a
 * trap, which is served; how work reaches a task that is out; CPU time.
 *
 * A program task goes out parked, as a library task does (vcpu.c): its thread has let go of the
 * virtual CPU and is in rumpext_user_run(). A system call is a trap, a compare-and-swap, an entry
 * of the table, and back. User code is preempted by the platform and needs no virtual CPU.
 *
 * When others need the virtual CPU the task is moved off, in a state that nobody's wake-up ends,
 * and is on a list until its thread is back. Work sets flags of the task; whoever lets go of the
 * virtual CPU looks for such tasks, and has the platform send their threads back. So a task that
 * runs in user mode is never asleep to the donor, and needs no turn of the scheduler's to be
 * reached.
 *
 * Locking: the virtual CPU, but for the thread's own words, event and sleeping.
 */
#include <linux/kernel.h>
#include <linux/kernel_stat.h>
#include <linux/posix-timers.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/syscall.h>
#include "vcpu.h"
#include "sched.h"	/* the run queue's length */

/* ---- out and back ---- */

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
static __always_inline void run(struct pillion_hthread *ht, struct rumpext_space *space,
				struct rumpext_regs *regs, struct rumpext_trap *trap)
{
	if (unlikely(this_rq()->nr_running != 1))
		pillion_kick();
	__atomic_store_n(&ht->sleeping, HT_USER, __ATOMIC_RELAXED);
	release_quickly(ht);
	rumpext_user_run(ht->user, space, regs, &ht->event, trap);
	__atomic_store_n(&ht->sleeping, HT_AWAKE, __ATOMIC_RELAXED);
	__atomic_store_n(&ht->event, 0, __ATOMIC_RELAXED);
	pillion_vcpu_acquire(ht);
	if (unlikely(current != ht->task)) {
		list_del_init(&ht->inside);
		pillion_enter_held(ht);
	}
}

/* ---- traps ---- */

static __always_inline long call(unsigned int nr, const unsigned long a[6])
{
	return likely(nr < NR_syscalls) ? sys_call_table[nr](a[0], a[1], a[2], a[3], a[4], a[5]) : -ENOSYS;
}

/*
 * A call that somebody watches: the console ("strace"), or a tracer, which may change it. Its
 * number is then the one in the registers; -1 is no call, with whatever result the tracer left.
 */
static noinline void watched_call(struct pt_regs *regs)
{
	unsigned long a[6];
	unsigned int nr;
	long ret;

	if (test_thread_flag(TIF_SYSCALL_TRACE)) {
		syscall_set_return_value(current, regs, -ENOSYS, 0);
		if (ptrace_report_syscall_entry(regs))
			return;
	}
	nr = syscall_get_nr(current, regs);
	if (nr != -1) {
		syscall_get_arguments(current, regs, a);
		if (pillion_strace)
			pillion_strace_enter(nr, a);
		ret = call(nr, a);
		syscall_set_return_value(current, regs, 0, ret);
		if (pillion_strace)
			pillion_strace_exit(nr, a, ret);
	}
	if (test_thread_flag(TIF_SINGLESTEP) || test_thread_flag(TIF_SYSCALL_TRACE))
		ptrace_report_syscall_exit(regs, test_thread_flag(TIF_SINGLESTEP));
}

static __always_inline void system_call(struct pt_regs *regs)
{
	unsigned long a[6];

	if (unlikely(read_thread_flags() & _TIF_CALL_MASK || pillion_strace)) {
		watched_call(regs);
		return;
	}
	syscall_get_arguments(current, regs, a);
	syscall_set_return_value(current, regs, 0, call(syscall_get_nr(current, regs), a));
}

/*
 * CPU time in user mode, as the platform reports it. Ticks, and the scheduler's clock, count some
 * of it as well: while the task is current, whether it runs or another thread does. What is charged
 * to a task is the greater of the two.
 */
static void account(u64 ns)
{
	struct task_struct *p = current;
	u64 counted = task_sched_runtime(p);

	p->thread.user_ns += ns;
	if (p->thread.user_ns > p->utime)
		account_user_time(p, p->thread.user_ns - p->utime);
	if (p->thread.user_ns + p->stime > counted) {
		counted = p->thread.user_ns + p->stime - counted;
		p->se.sum_exec_runtime += counted;
		account_group_exec_runtime(p, counted);
	}
	local_irq_disable();
	run_posix_cpu_timers();
	local_irq_enable();
}

/* The process's space, made if it has none. Without the memory for it the process is ended. */
static struct rumpext_space *get_space(struct mm_struct *mm)
{
	unsigned int tries = 0;

	while (unlikely(!mm->context.space) && !pillion_space_get(mm))
		if (!pillion_wait_for_memory(&tries))
			return NULL;
	return mm->context.space;
}

void __noreturn pillion_user_loop(struct pillion_hthread *ht)
{
	struct pt_regs *regs = task_pt_regs(current);
	struct rumpext_trap trap;
	struct rumpext_space *space;

	for (;;) {
		if (unlikely(read_thread_flags() & _TIF_WORK_MASK))
			pillion_user_work(regs);
		space = get_space(current->mm);
		if (unlikely(!space))
			continue;	/* to its end */
		run(ht, space, &regs->u, &trap);
		if (unlikely(trap.ran))
			account(trap.ran);
		if (likely(trap.kind == RUMPEXT_TRAP_SYSCALL))
			system_call(regs);
		else if (trap.kind == RUMPEXT_TRAP_FAULT)
			pillion_user_fault(regs, &trap);
		else if (trap.kind == RUMPEXT_TRAP_EXCEPTION)
			pillion_cpu_exception(regs, &trap);
	}
}
