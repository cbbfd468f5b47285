/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_THREAD_INFO_H
#define _ASM_PILLION_THREAD_INFO_H

#include <linux/const.h>

/*
 * Kernel stacks are aliases of arena pages, with unmapped pages between them (mm/stack.c).
 * Handlers of the embedder's own signals may run on top of what a kernel thread has there, hence
 * the room.
 */
#define THREAD_SIZE_ORDER	CONFIG_PILLION_STACK_ORDER
#define THREAD_SIZE		(_AC(1, UL) << (12 + THREAD_SIZE_ORDER))

#ifndef __ASSEMBLY__
struct thread_info {
	unsigned long flags;
	int preempt_count;
};

struct task_struct;
unsigned long *arch_alloc_thread_stack_node(struct task_struct *tsk, int node);
void arch_free_thread_stack(struct task_struct *tsk);

#define INIT_THREAD_INFO(tsk)	{ .flags = 0, .preempt_count = INIT_PREEMPT_COUNT }
#endif

#define TIF_SYSCALL_TRACE	0
#define TIF_NOTIFY_RESUME	1
#define TIF_SIGPENDING		2
#define TIF_NEED_RESCHED	3
#define TIF_NOTIFY_SIGNAL	4
#define TIF_MEMDIE		5
#define TIF_RESTORE_SIGMASK	6
#define TIF_SECCOMP		7
#define TIF_SYSCALL_AUDIT	8
#define TIF_POLLING_NRFLAG	9
#define TIF_SINGLESTEP		10	/* a tracer steps the task */

#define _TIF_SYSCALL_TRACE	(1 << TIF_SYSCALL_TRACE)
#define _TIF_NOTIFY_RESUME	(1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		(1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	(1 << TIF_NEED_RESCHED)
#define _TIF_NOTIFY_SIGNAL	(1 << TIF_NOTIFY_SIGNAL)
#define _TIF_SECCOMP		(1 << TIF_SECCOMP)
#define _TIF_POLLING_NRFLAG	(1 << TIF_POLLING_NRFLAG)
#define _TIF_SINGLESTEP		(1 << TIF_SINGLESTEP)

/* What a task must look at before it leaves the donor. */
#define _TIF_WORK_MASK	(_TIF_NOTIFY_RESUME | _TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL)

/* Why a program's system call is more than the call. */
#define _TIF_CALL_MASK	(_TIF_SYSCALL_TRACE | _TIF_SINGLESTEP)

#endif
