/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_SYSCALL_H
#define _ASM_PILLION_SYSCALL_H

#include <linux/sched.h>
#include <asm/ptrace.h>
#include <asm/cpu_abi.h>

struct futex_waitv;

typedef long (*pillion_syscall_fn)(long, long, long, long, long, long);
extern const pillion_syscall_fn sys_call_table[];

long pillion_sys_futex(u32 __user *uaddr, int op, u32 val, const void __user *timeout,
		       u32 __user *uaddr2, u32 val3);
long pillion_sys_futex_waitv(struct futex_waitv __user *waiters, unsigned int n, unsigned int flags,
			     struct __kernel_timespec __user *timeout, clockid_t clock);
long pillion_sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg);
long pillion_sys_socket(int family, int type, int protocol);

static inline long syscall_get_error(struct task_struct *task, struct pt_regs *regs)
{
	return IS_ERR_VALUE(regs_return_value(regs)) ? regs_return_value(regs) : 0;
}

static inline long syscall_get_return_value(struct task_struct *task, struct pt_regs *regs)
{
	return regs_return_value(regs);
}

/* A library task's calls are function calls: nobody else sees their numbers and arguments. */
#ifdef CONFIG_PILLION_PROGRAMS
#include <asm/cpu_syscall.h>
#else
static inline int syscall_get_nr(struct task_struct *task, struct pt_regs *regs)
{
	return -1;
}

static inline void syscall_rollback(struct task_struct *task, struct pt_regs *regs)
{
}

static inline void syscall_get_arguments(struct task_struct *task, struct pt_regs *regs,
					 unsigned long *args)
{
	memset(args, 0, 6 * sizeof(args[0]));
}
#endif

static inline int syscall_get_arch(struct task_struct *task)
{
	return PILLION_AUDIT_ARCH;
}

#endif
