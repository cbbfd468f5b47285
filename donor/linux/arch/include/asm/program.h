/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_PROGRAM_H
#define _ASM_PILLION_PROGRAM_H

/* Programs: tasks with a user mode. kernel/program.c has the whole story. */
#include <linux/types.h>

struct task_struct;
struct kernel_clone_args;
struct mm_struct;
struct pt_regs;
struct pillion_hthread;
struct rumpext_trap;

#ifdef CONFIG_PILLION_PROGRAMS
#define pillion_is_program(tsk)	((tsk)->thread.program)

/* kernel/program.c */
bool pillion_user_mode_init(void);
bool pillion_may_exec(void);
void pillion_become_program(void);
int pillion_program_fork(struct task_struct *p, const struct kernel_clone_args *args);
void __noreturn pillion_program_begin(void);
void __noreturn pillion_program_end(struct pillion_hthread *ht);
bool pillion_programs_stop(void);

/* kernel/usersig.c: signals and the like, before user code runs again */
void pillion_user_work(struct pt_regs *regs);

/* kernel/strace.c */
extern bool pillion_strace;
void pillion_strace_enter(unsigned int nr, const unsigned long *a);
void pillion_strace_exit(unsigned int nr, const unsigned long *a, long ret);

/* mm/fault.c */
void *pillion_user_page(unsigned long addr, bool write);
void pillion_user_fault(struct pt_regs *regs, struct rumpext_trap *trap);
bool pillion_wait_for_memory(unsigned int *tries);

/* mm/space.c; space_get: false if there is no memory for it */
bool pillion_space_get(struct mm_struct *mm);
int pillion_space_fill(struct mm_struct *mm, unsigned long addr, unsigned long pages);

/* mm/vdso.c */
void pillion_vdso_data_init(void);
bool pillion_vdso_clock(void);
#else
#define pillion_is_program(tsk)	false
static inline bool pillion_programs_stop(void) { return true; }
#endif

#endif
