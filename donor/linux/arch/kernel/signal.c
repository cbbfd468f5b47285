// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a library task does before it leaves the donor. A donor signal never becomes a host
 * signal: it interrupts the call (EINTR, EPIPE) and is told to the platform through
 * rumpuser_kill(), which hands it to the embedder.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/resume_user_mode.h>
#include <linux/task_work.h>
#include <linux/signal.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

#define CALLBACK	((__sighandler_t __force)2)	/* neither SIG_DFL nor SIG_IGN; never called */

/*
 * Process 1, and by inheritance every process of library tasks, has a handler for each signal
 * that would end it by default: the embedder's callback. A process that asks for SIG_DFL gets the
 * default, which is its end.
 */
void pillion_default_signals(void)
{
	int sig;

	for (sig = 1; sig <= _NSIG; sig++)
		if (!sig_kernel_only(sig) && !sig_kernel_ignore(sig) && !sig_kernel_stop(sig))
			current->sighand->action[sig - 1].sa.sa_handler = CALLBACK;
}

/* The process ends, with this code (a status of wait()): its other tasks are killed. */
void pillion_group_exit(int code)
{
	struct signal_struct *signal = current->signal;

	spin_lock_irq(&current->sighand->siglock);
	if (!(signal->flags & SIGNAL_GROUP_EXIT)) {
		signal->group_exit_code = code;
		signal->flags = SIGNAL_GROUP_EXIT;
		zap_other_threads(current);
	}
	spin_unlock_irq(&current->sighand->siglock);
}

/*
 * The default action of a signal that ends a process, where whoever sent it could not do it: one
 * that would write a core, or was blocked.
 */
static void end_process(int sig)
{
	pillion_group_exit(sig);
	spin_lock_irq(&current->sighand->siglock);
	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	spin_unlock_irq(&current->sighand->siglock);
}

/* Take the next signal that somebody could want to know of; 0 if there is none. SIGKILL stays. */
static int take_signal(kernel_siginfo_t *info)
{
	enum pid_type type;
	struct k_sigaction *ka;
	int sig;

	for (;;) {
		if (fatal_signal_pending(current))
			return 0;
		spin_lock_irq(&current->sighand->siglock);
		sig = dequeue_signal(current, &current->blocked, info, &type);
		spin_unlock_irq(&current->sighand->siglock);
		if (!sig || sig == SIGKILL)
			return 0;
		ka = &current->sighand->action[sig - 1];
		if (ka->sa.sa_handler == SIG_IGN ||
		    (ka->sa.sa_handler == SIG_DFL && sig_kernel_ignore(sig)))
			continue;
		if (!sig_fatal(current, sig))
			return sig;
		if (!(current->signal->flags & SIGNAL_UNKILLABLE))
			end_process(sig);
	}
}

static bool restartable(long ret)
{
	return ret == -ERESTARTSYS || ret == -ERESTARTNOINTR || ret == -ERESTARTNOHAND;
}

/* Note the signals that the embedder is told of later. Was there one? */
static bool collect_signals(struct pillion_hthread *ht)
{
	kernel_siginfo_t info;
	bool any = false;
	int sig;

	while ((sig = take_signal(&info))) {
		any = true;
		if (ht->nsignals < PILLION_MAX_SIGNALS)
			ht->signals[ht->nsignals++] = sig;
	}
	spin_lock_irq(&current->sighand->siglock);
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
	return any;
}

bool pillion_exit_work(struct pillion_hthread *ht, long *ret)
{
	bool interrupted = false;

	if (test_thread_flag(TIF_NOTIFY_SIGNAL)) {
		interrupted = true;
		clear_notify_signal();
		if (task_work_pending(current))
			task_work_run();
	}
	if (test_thread_flag(TIF_NOTIFY_RESUME))
		resume_user_mode_work(current_pt_regs());
	if (test_thread_flag(TIF_SIGPENDING))
		interrupted |= collect_signals(ht);
	/* The mask that the call had for its time goes; a call that is made again sets it again. */
	restore_saved_sigmask();
	if (test_thread_flag(TIF_SIGPENDING))
		interrupted |= collect_signals(ht);
	if (fatal_signal_pending(current))
		interrupted = true;
	if (!interrupted && restartable(*ret))
		return true;
	if (restartable(*ret) || *ret == -ERESTART_RESTARTBLOCK)
		*ret = -EINTR;
	return false;
}

/*
 * After the virtual CPU was released: the embedder may call in again. pid: the process that the
 * signals were for, which the thread may have left.
 */
void pillion_deliver_signals(struct pillion_hthread *ht, int pid)
{
	int signals[PILLION_MAX_SIGNALS];
	unsigned int i, n = ht->nsignals;

	memcpy(signals, ht->signals, n * sizeof(signals[0]));
	ht->nsignals = 0;
	for (i = 0; i < n; i++)
		rumpuser_kill(pid, signals[i]);
}

/*
 * The leader is who a process-directed signal is given to first. What it makes of it:
 *  - what all library tasks block stays pending (for a signalfd, or until one lets it through), and
 *    sigtimedwait() is woken for what it waits for;
 *  - a library task that sleeps inside and does not block it gets it, and is interrupted;
 *  - if there is none, the embedder is told at once.
 */
static struct task_struct *signal_target(int sig, sigset_t *blocked_by_all)
{
	struct task_struct *t, *target = NULL;
	bool any = false;

	sigfillset(blocked_by_all);
	rcu_read_lock();
	for_each_thread(current, t) {
		if (!t->thread.ht || (t->flags & PF_EXITING))
			continue;
		any = true;
		sigandsets(blocked_by_all, blocked_by_all, &t->blocked);
		if (sig && !target && !sigismember(&t->blocked, sig) &&
		    (READ_ONCE(t->__state) & TASK_INTERRUPTIBLE))
			target = t;
	}
	rcu_read_unlock();
	if (!any)
		sigemptyset(blocked_by_all);
	sigdelsetmask(blocked_by_all, sigmask(SIGKILL) | sigmask(SIGSTOP));
	return target;
}

void pillion_leader_signals(void)
{
	struct task_struct *target;
	kernel_siginfo_t info;
	sigset_t blocked;
	int sig;

	if (test_thread_flag(TIF_NOTIFY_SIGNAL)) {
		clear_notify_signal();
		task_work_run();
	}
	for (;;) {
		signal_target(0, &blocked);
		set_current_blocked(&blocked);
		sig = take_signal(&info);
		if (!sig)
			break;
		target = signal_target(sig, &blocked);
		if (target)
			send_sig_info(sig, &info, target);
		else
			rumpuser_kill(task_tgid_nr(current), sig);
	}
	/* The next signal is the leader's again; what stays pending does not wake it. */
	spin_lock_irq(&current->sighand->siglock);
	recalc_sigpending();
	sigemptyset(&current->blocked);
	spin_unlock_irq(&current->sighand->siglock);
}
