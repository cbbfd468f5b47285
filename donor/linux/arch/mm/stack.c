// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel stacks.
 *
 * task->stack is THREAD_SIZE bytes of the arena, aligned to that: the donor accounts for the
 * pages. What a task runs on is an alias of them in the window, with as much unmapped space below
 * it: address and guard follow from the frame. Library tasks have a stack too, but need the alias
 * only to exit on.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include "mm.h"

static void *alias_of(struct task_struct *tsk)
{
	unsigned long offset = pillion_offset(__pa(task_stack_page(tsk)));

	return (void *)(pillion_vmalloc_end + 2 * offset + THREAD_SIZE);
}

unsigned long *arch_alloc_thread_stack_node(struct task_struct *tsk, int node)
{
	struct page *page = alloc_pages_node(node, THREADINFO_GFP, THREAD_SIZE_ORDER);

	return page ? page_to_virt(page) : NULL;
}

void arch_free_thread_stack(struct task_struct *tsk)
{
	if (tsk->thread.stack_mapped) {
		rumpext_unmap(alias_of(tsk), THREAD_SIZE);
		tsk->thread.stack_mapped = 0;
	}
	free_pages((unsigned long)tsk->stack, THREAD_SIZE_ORDER);
	tsk->stack = NULL;
}

/* The lower end of the stack that tsk runs on; NULL if the platform cannot map it. */
void *pillion_stack_map(struct task_struct *tsk)
{
	void *alias = alias_of(tsk);

	if (!tsk->thread.stack_mapped) {
		if (rumpext_map(alias, THREAD_SIZE, pillion_offset(__pa(task_stack_page(tsk)))))
			return NULL;
		tsk->thread.stack_mapped = 1;
	}
	return alias;
}
