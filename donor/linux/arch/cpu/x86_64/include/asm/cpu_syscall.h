/* SPDX-License-Identifier: GPL-2.0-only */
/* How a program passes a system call's number and arguments. */
#ifndef _ASM_PILLION_CPU_SYSCALL_H
#define _ASM_PILLION_CPU_SYSCALL_H

/* -1: not in a system call. */
static inline int syscall_get_nr(struct task_struct *task, struct pt_regs *regs)
{
	return regs->u.orig_rax;
}

static inline void syscall_set_return_value(struct task_struct *task, struct pt_regs *regs,
					    int error, long val)
{
	regs->u.rax = error ?: val;
}

static inline void syscall_get_arguments(struct task_struct *task, struct pt_regs *regs,
					 unsigned long *args)
{
	args[0] = regs->u.rdi;
	args[1] = regs->u.rsi;
	args[2] = regs->u.rdx;
	args[3] = regs->u.r10;
	args[4] = regs->u.r8;
	args[5] = regs->u.r9;
}

/* Make call nr when user code runs again. */
static inline void pillion_syscall_again(struct pt_regs *regs, long nr)
{
	regs->u.rax = nr;
	regs->u.rip -= 2;
}

static inline void syscall_rollback(struct task_struct *task, struct pt_regs *regs)
{
	regs->u.rax = regs->u.orig_rax;
}

#endif
