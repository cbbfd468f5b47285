// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a library task does before it leaves the donor. A donor signal never becomes a host signal: it interrupts
 * the call (EINTR, EPIPE) and is told to the platform through rumpuser_kill(), which hands it to the embedder.
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
 * Process 1, and by inheritance every process of library tasks, has a handler for each signal that would end it by default:
 * the embedder's callback. A process that asks for SIG_DFL gets the default, which is its end.
 */
void pillion_default_signals(void)
{
	int sig;

	for (sig = 1; sig <= _NSIG; sig++)
		if (!sig_kernel_only(sig) && !sig_kernel_ignore(sig) && !sig_kernel_stop(sig))
			current->sighand->action[sig - 1].sa.sa_handler = CALLBACK;
	current->signal->flags &= ~SIGNAL_UNKILLABLE;
}

/* Take the next signal that somebody could want to know of; 0 if there is none. SIGKILL stays. */
static int take_signal(void)
{
	kernel_siginfo_t info;
	enum pid_type type;
	struct k_sigaction *ka;
	int sig;

	for (;;) {
		if (fatal_signal_pending(current))
			return 0;
		spin_lock_irq(&current->sighand->siglock);
		sig = dequeue_signal(current, &current->blocked, &info, &type);
		spin_unlock_irq(&current->sighand->siglock);
		if (!sig || sig == SIGKILL)
			return 0;
		ka = &current->sighand->action[sig - 1];
		if (ka->sa.sa_handler == SIG_IGN ||
		    (ka->sa.sa_handler == SIG_DFL && sig_kernel_ignore(sig)))
			continue;
		return sig;
	}
}

static bool restartable(long ret)
{
	return ret == -ERESTARTSYS || ret == -ERESTARTNOINTR || ret == -ERESTARTNOHAND;
}

bool pillion_exit_work(struct pillion_hthread *ht, long *ret)
{
	bool interrupted = false;
	int sig;

	if (test_thread_flag(TIF_NOTIFY_SIGNAL)) {
		interrupted = true;
		clear_notify_signal();
		if (task_work_pending(current))
			task_work_run();
	}
	if (test_thread_flag(TIF_NOTIFY_RESUME))
		resume_user_mode_work(current_pt_regs());
	if (test_thread_flag(TIF_SIGPENDING)) {
		while ((sig = take_signal())) {
			interrupted = true;
			if (ht->nsignals < PILLION_MAX_SIGNALS)
				ht->signals[ht->nsignals++] = sig;
		}
		spin_lock_irq(&current->sighand->siglock);
		recalc_sigpending();
		spin_unlock_irq(&current->sighand->siglock);
		restore_saved_sigmask();
	}
	if (fatal_signal_pending(current))
		interrupted = true;
	if (!interrupted && restartable(*ret))
		return true;
	if (restartable(*ret) || *ret == -ERESTART_RESTARTBLOCK)
		*ret = -EINTR;
	return false;
}

/* After the virtual CPU was released: the embedder may call in again. */
void pillion_deliver_signals(struct pillion_hthread *ht)
{
	int signals[PILLION_MAX_SIGNALS];
	unsigned int i, n = ht->nsignals;
	int pid = ht->task ? ht->task->tgid : 0;

	memcpy(signals, ht->signals, n * sizeof(signals[0]));
	ht->nsignals = 0;
	for (i = 0; i < n; i++)
		rumpuser_kill(pid, signals[i]);
}

/* A leader got a process-directed signal: nobody of the process was inside to take it. */
void pillion_leader_signals(void)
{
	int sig;

	if (test_thread_flag(TIF_NOTIFY_SIGNAL)) {
		clear_notify_signal();
		task_work_run();
	}
	while ((sig = take_signal()))
		rumpuser_kill(task_tgid_nr(current), sig);
	spin_lock_irq(&current->sighand->siglock);
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
}
