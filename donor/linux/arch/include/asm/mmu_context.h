/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_MMU_CONTEXT_H
#define _ASM_PILLION_MMU_CONTEXT_H

#include <linux/sched.h>
#include <asm/program.h>

static inline void arch_unmap(struct mm_struct *mm, unsigned long start, unsigned long end)
{
}

/*
 * What a library task names is the host's memory. A mapping that its process made in the donor
 * has nothing to do with it, even where the addresses agree: its pages must not be pinned for the
 * host's, nor a fault of the host's be taken for mended by them.
 */
static inline bool arch_vma_access_permitted(struct vm_area_struct *vma, bool write,
					     bool execute, bool foreign)
{
	return foreign || !current->thread.ht || pillion_is_program(current);
}

static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next,
			     struct task_struct *tsk)
{
}

#ifdef CONFIG_PILLION_PROGRAMS
void pillion_space_destroy(struct mm_struct *mm);

static inline int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
	mm->context.space = NULL;
	mm->context.copied = false;
	return 0;
}
#define init_new_context init_new_context

/* Only the right to write is lost by fork: what flush_tlb_mm() has to do next. */
static inline int arch_dup_mmap(struct mm_struct *oldmm, struct mm_struct *mm)
{
	oldmm->context.copied = true;
	return 0;
}

/* Nobody runs in it any more: what is unmapped from now on is nobody's translation. */
static inline void arch_exit_mmap(struct mm_struct *mm)
{
	pillion_space_destroy(mm);
}
#else
static inline int arch_dup_mmap(struct mm_struct *oldmm, struct mm_struct *mm)
{
	return 0;
}

static inline void arch_exit_mmap(struct mm_struct *mm)
{
}
#endif

#include <asm-generic/mmu_context.h>

#endif
