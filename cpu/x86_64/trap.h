/* SPDX-License-Identifier: BSD-2-Clause */
/* What trap.S leaves on the stack, and who looks at it. */
#ifndef TRAP_H
#define TRAP_H

#include <nucleus/cpu.h>

struct trap_frame {
	uint64_t	r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t	rax, rcx, rdx, rsi, rdi;
	uint64_t	vector, error;
	uint64_t	rip, cs, eflags, rsp, ss;
};

enum {
	TRAP_DB = 1, TRAP_NMI = 2, TRAP_BP = 3, TRAP_NM = 7, TRAP_DF = 8, TRAP_GP = 13, TRAP_PF = 14,
	TRAP_MC = 18,
	TRAP_IRQ = 32,				/* the first that is no exception */
};

#define PF_WRITE	0x02
#define PF_USER		0x04
#define PF_FETCH	0x10

static inline uintptr_t trap_address(void)
{
	uintptr_t cr2;

	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	return cr2;
}

/* DR6, which the CPU only adds to: it is cleared. */
static inline uintptr_t trap_debug_status(void)
{
	uintptr_t dr6;

	__asm__ volatile("movq %%dr6, %0; movq %1, %%dr6" : "=&r"(dr6) : "r"(0xffff0ff0ul));
	return dr6;
}

void trap_init(void);			/* the IDT; on each CPU */
void pt_init_secondary(void);		/* pagetable.c: a CPU that has started with tables of its own */

/* user.c: user mode was left by an exception, or may have work. The first does not return. */
void user_exception(struct trap_frame *f) NORETURN;
void user_check_work(struct trap_frame *f);

#endif /* TRAP_H */
