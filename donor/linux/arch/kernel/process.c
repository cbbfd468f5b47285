// SPDX-License-Identifier: GPL-2.0-only
/* Task creation, and what the donor asks an architecture about tasks. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/syscalls.h>
#include <linux/ptrace.h>
#include <linux/elf.h>
#include <linux/regset.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <asm/stacktrace.h>

struct start {
	int (*fn)(void *arg);
	void *arg;
};

/*
 * First code of every task with a stack of the donor's. A process leader's function does not
 * return.
 */
static void task_start(void *arg)
{
	struct start s = *(struct start *)arg;

	schedule_tail(pillion_vcpu.last);
	s.fn(s.arg);
	/* kernel_init returns when it has "executed" the first program (init.c). */
	if (is_global_init(current))
		pillion_become_init();
#ifdef CONFIG_PILLION_PROGRAMS
	if (pillion_is_program(current))
		pillion_program_begin();	/* rump_ext_spawn() has executed one */
#endif
	do_exit(0);
}

int copy_thread(struct task_struct *p, const struct kernel_clone_args *args)
{
	unsigned char library = current->thread.library;
	struct start *s;
	void *stack;

	memset(&p->thread, 0, sizeof(p->thread));
#ifdef CONFIG_PILLION_PROGRAMS
	if (!args->fn && pillion_is_program(current))
		return pillion_program_fork(p, args);
#endif
	if (!args->fn)
		return -ENOSYS;		/* clone(2), fork(2): a library task has no registers to give the child */
	if ((void *)args->fn == pillion_library_start) {
		p->thread.ht = args->fn_arg;
		p->thread.library = 1;
		return 0;
	}
	p->thread.library = library;
	stack = pillion_stack_map(p);
	if (!stack)
		return -ENOMEM;
	s = stack + THREAD_SIZE - 32;
	s->fn = args->fn;
	s->arg = args->fn_arg;
	p->thread.sp = pillion_ctx_make(stack, THREAD_SIZE - 32, task_start, s);
	return 0;
}

#ifndef CONFIG_PILLION_PROGRAMS
void flush_thread(void)
{
}

long rump_ext_spawn(const char *path, char *const argv[], char *const envp[], const char *tty)
{
	return -ENOSYS;
}
#endif

void show_regs(struct pt_regs *regs)
{
	show_regs_print_info(KERN_DEFAULT);
}

struct wchan {
	unsigned long pc;
};

static bool wchan_frame(void *arg, unsigned long pc)
{
	struct wchan *w = arg;

	if (in_sched_functions(pc))
		return true;
	w->pc = pc;
	return false;
}

unsigned long __get_wchan(struct task_struct *p)
{
	struct wchan w = { 0 };

	if (!p->thread.ht)
		pillion_unwind(p, wchan_frame, &w);
	return w.pc;
}

#ifndef CONFIG_PILLION_PROGRAMS
void ptrace_disable(struct task_struct *child)
{
}

long arch_ptrace(struct task_struct *child, long request, unsigned long addr, unsigned long data)
{
	return -EIO;		/* a library task has no registers, nor stops outside */
}
#endif
