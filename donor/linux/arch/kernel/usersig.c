// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals of programs: what is done before user code runs again. The frame on the program's stack
 * is the CPU's (cpu/<isa>/user/sigframe.c).
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/signal.h>
#include <linux/unistd.h>
#include <asm/program.h>
#include <asm/syscall.h>
#include <asm/vcpu.h>

/* A system call that was interrupted: EINTR, or once more. ksig: the handler, NULL if none runs. */
static void interrupted_call(struct pt_regs *regs, const struct ksignal *ksig)
{
	int nr = syscall_get_nr(current, regs);

	if (nr == -1)
		return;
	switch (syscall_get_return_value(current, regs)) {
	case -ERESTART_RESTARTBLOCK:
		if (ksig)
			syscall_set_return_value(current, regs, -EINTR, 0);
		else
			pillion_syscall_again(regs, __NR_restart_syscall);
		break;
	case -ERESTARTNOHAND:
		if (ksig)
			syscall_set_return_value(current, regs, -EINTR, 0);
		else
			pillion_syscall_again(regs, nr);
		break;
	case -ERESTARTSYS:
		if (ksig && !(ksig->ka.sa.sa_flags & SA_RESTART)) {
			syscall_set_return_value(current, regs, -EINTR, 0);
			break;
		}
		fallthrough;
	case -ERESTARTNOINTR:
		pillion_syscall_again(regs, nr);
		break;
	}
}

static void do_signal(struct pt_regs *regs)
{
	struct ksignal ksig;
	bool stepping;

	if (get_signal(&ksig)) {
		interrupted_call(regs, &ksig);
		/* A tracer that steps sees the handler's first instruction, the handler no trap flag. */
		stepping = test_thread_flag(TIF_SINGLESTEP);
		if (stepping)
			user_disable_single_step(current);
		signal_setup_done(pillion_cpu_signal_frame(&ksig, regs) != 0, &ksig, stepping);
		return;
	}
	interrupted_call(regs, NULL);
	restore_saved_sigmask();
}

void pillion_user_work(struct pt_regs *regs)
{
	unsigned long flags;

	while ((flags = read_thread_flags()) & _TIF_WORK_MASK) {
		if (flags & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
			do_signal(regs);
		if (flags & _TIF_NOTIFY_RESUME)
			resume_user_mode_work(regs);
	}
}
