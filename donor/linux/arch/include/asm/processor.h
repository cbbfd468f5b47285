/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PROCESSOR_H
#define _ASM_PILLION_PROCESSOR_H

#include <linux/types.h>
#include <asm/page.h>
#include <asm/ptrace.h>
#include <asm/cpu_ctx.h>
#ifdef CONFIG_PILLION_PROGRAMS
#include <asm/cpu_user.h>
#endif

/*
 * The layout of a process's own memory, and the limit for user copies, differ: library tasks'
 * pointers are the host's, anywhere (asm/uaccess.h).
 */
#define TASK_SIZE		((1UL << 47) - PAGE_SIZE)	/* or rip could become no address */
#define TASK_SIZE_MAX		(~0UL)
#define STACK_TOP		TASK_SIZE
#define STACK_TOP_MAX		STACK_TOP
#define TASK_UNMAPPED_BASE	(PAGE_ALIGN(TASK_SIZE / 3))

struct pillion_hthread;
struct pillion_leader;
struct task_struct;

struct thread_struct {
	void *sp;			/* where pillion_ctx_switch() left a task that runs on a stack of the donor's */
	struct pillion_hthread *ht;	/* library task: the host thread that is its body; NULL: runs on any */
	struct pillion_leader *leader;	/* set in the group leader of a process with library tasks */
	struct pt_regs regs;
	unsigned char stack_mapped;	/* mm/stack.c */
	unsigned char library;		/* copies reach host memory */
	struct list_head tasks;		/* in ht->tasks */
#ifdef CONFIG_PILLION_PROGRAMS
	bool program;			/* has a user mode, and memory of its own (kernel/program.c) */
	struct pillion_cpu_fault fault;	/* the last one, for a signal's context */
	u64 user_ns;			/* CPU time in user mode, as the platform reported it */
#endif
};

#define INIT_THREAD	{ }

#define task_pt_regs(p)	(&(p)->thread.regs)
#define current_pt_regs()	task_pt_regs(current)
#define KSTK_EIP(p)	instruction_pointer(task_pt_regs(p))
#define KSTK_ESP(p)	user_stack_pointer(task_pt_regs(p))

unsigned long __get_wchan(struct task_struct *p);

#ifdef CONFIG_PILLION_PROGRAMS
void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp);
#else
static inline void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp)
{
}
#endif

/* Busy loops wait for interrupts, which are only seen where the donor looks for them. */
void pillion_cpu_relax(void);
#define cpu_relax()	pillion_cpu_relax()

#endif
