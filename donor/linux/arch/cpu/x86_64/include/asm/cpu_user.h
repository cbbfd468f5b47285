/* SPDX-License-Identifier: GPL-2.0-only */
/* What of user mode is the CPU's own: cpu/<isa>/user/. */
#ifndef _ASM_PILLION_CPU_USER_H
#define _ASM_PILLION_CPU_USER_H

/* user/mmap.c */
#define HAVE_ARCH_UNMAPPED_AREA
#define HAVE_ARCH_UNMAPPED_AREA_TOPDOWN

struct pt_regs;
struct ksignal;
struct rumpext_trap;
struct rumpext_user_info;

/* What a signal's context says of the last exception. */
struct pillion_cpu_fault {
	unsigned int trap, error;
	unsigned long addr;
};

void pillion_cpu_user_init(const struct rumpext_user_info *info);
void pillion_cpu_set_tls(struct pt_regs *regs, unsigned long tls);
void pillion_cpu_set_stack(struct pt_regs *regs, unsigned long sp);
/* Remember a page fault's particulars. */
void pillion_cpu_page_fault(const struct rumpext_trap *trap);
/* Any other exception of user code: what becomes of it is a signal. */
void pillion_cpu_exception(struct pt_regs *regs, const struct rumpext_trap *trap);
/* Push a frame for a handler and go there; not 0 if the stack cannot take it. */
int pillion_cpu_signal_frame(struct ksignal *ksig, struct pt_regs *regs);

#endif
