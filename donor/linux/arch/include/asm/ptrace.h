/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PTRACE_H
#define _ASM_PILLION_PTRACE_H

#include <uapi/asm/ptrace.h>

#ifndef __ASSEMBLY__
/*
 * A library task has no user registers; interrupts are seen at known points. user: was a task
 * outside the donor?
 */
struct pt_regs {
	unsigned long pc, sp, fp, ret;
	int user;
};

#define user_mode(regs)			((regs)->user)
#define instruction_pointer(regs)	((regs)->pc)
#define profile_pc(regs)		instruction_pointer(regs)
#define user_stack_pointer(regs)	((regs)->sp)
#define frame_pointer(regs)		((regs)->fp)
#define regs_return_value(regs)		((regs)->ret)

static inline void instruction_pointer_set(struct pt_regs *regs, unsigned long pc)
{
	regs->pc = pc;
}

static inline long regs_is_syscall_success(struct pt_regs *regs)
{
	return (long)regs->ret >= 0;
}

#endif
#endif
