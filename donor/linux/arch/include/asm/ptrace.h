/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PTRACE_H
#define _ASM_PILLION_PTRACE_H

#include <uapi/asm/ptrace.h>

#ifndef __ASSEMBLY__
/*
 * A program task's user registers are what the platform loads (rumpext_user_run()). A library
 * task has none; interrupts are seen at known points. user: was a task outside the donor?
 */
#ifdef CONFIG_PILLION_PROGRAMS
#include <asm/cpu_regs.h>
#else
struct pt_regs {
	unsigned long pc, sp, fp, ret;
	int user;
};
#define PT_REGS_PC	pc
#define PT_REGS_SP	sp
#define PT_REGS_FP	fp
#define PT_REGS_RET	ret
#endif

#define user_mode(regs)			((regs)->user)
#define instruction_pointer(regs)	((regs)->PT_REGS_PC)
#define profile_pc(regs)		instruction_pointer(regs)
#define user_stack_pointer(regs)	((regs)->PT_REGS_SP)
#define frame_pointer(regs)		((regs)->PT_REGS_FP)
#define regs_return_value(regs)		((regs)->PT_REGS_RET)

#ifdef CONFIG_PILLION_PROGRAMS
#define arch_has_single_step()		(1)
#endif

static inline void instruction_pointer_set(struct pt_regs *regs, unsigned long pc)
{
	regs->PT_REGS_PC = pc;
}

static inline long regs_is_syscall_success(struct pt_regs *regs)
{
	return (long)regs->PT_REGS_RET >= 0;
}

#endif
#endif
