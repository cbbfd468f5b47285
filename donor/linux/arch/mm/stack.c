// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel stacks: THREAD_SIZE bytes of the arena, aliased into slots of the window with an unmapped gap below each.
 * vmalloc would do it at several times the cost. A slot stays mapped to its pages when its task is gone, for the next.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>
#include <asm/rump.h>
#include "mm.h"

#define SLOT_SIZE	(2 * THREAD_SIZE)
#define SLOTS		(WINDOW_STACKS / SLOT_SIZE)
#define KEEP		16

static unsigned long stacks;			/* where slot 0 begins */
static unsigned long frames[SLOTS];		/* physical address of each slot's pages, 0: none */
static DECLARE_BITMAP(used, SLOTS);
static unsigned int kept;			/* free slots that still have their pages */
static DEFINE_SPINLOCK(lock);

void __init pillion_stacks_init(void)
{
	stacks = pillion_vmalloc_end;
}

static void *slot_stack(unsigned long slot)
{
	return (void *)(stacks + slot * SLOT_SIZE + SLOT_SIZE - THREAD_SIZE);
}

unsigned long *arch_alloc_thread_stack_node(struct task_struct *tsk, int node)
{
	unsigned long slot, flags, phys = 0;
	void *stack;

	spin_lock_irqsave(&lock, flags);
	for_each_clear_bit(slot, used, SLOTS)
		if (frames[slot] || !kept)
			break;
	if (slot < SLOTS) {
		__set_bit(slot, used);
		phys = frames[slot];
		if (phys)
			kept--;
	}
	spin_unlock_irqrestore(&lock, flags);
	if (slot >= SLOTS)
		return NULL;
	stack = slot_stack(slot);
	if (!phys) {
		struct page *page = alloc_pages_node(node, THREADINFO_GFP & ~__GFP_ACCOUNT, THREAD_SIZE_ORDER);

		if (!page || rumpext_map(stack, THREAD_SIZE, page_to_phys(page))) {
			if (page)
				__free_pages(page, THREAD_SIZE_ORDER);
			__clear_bit(slot, used);
			return NULL;
		}
		frames[slot] = page_to_phys(page);
	}
	return stack;
}

void arch_free_thread_stack(struct task_struct *tsk)
{
	unsigned long slot = ((unsigned long)tsk->stack - stacks) / SLOT_SIZE;
	unsigned long flags;

	tsk->stack = NULL;
	spin_lock_irqsave(&lock, flags);
	if (kept < KEEP) {
		kept++;
	} else {
		rumpext_unmap(slot_stack(slot), THREAD_SIZE);
		__free_pages(pfn_to_page(frames[slot] >> PAGE_SHIFT), THREAD_SIZE_ORDER);
		frames[slot] = 0;
	}
	__clear_bit(slot, used);
	spin_unlock_irqrestore(&lock, flags);
}
