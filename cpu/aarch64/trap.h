/* SPDX-License-Identifier: BSD-2-Clause */
/* What trap.S leaves on the stack, and who looks at it. */
#ifndef TRAP_H
#define TRAP_H

#include <nucleus/cpu.h>

/* Of an interrupt of the kernel there is only what a function does not keep, pc, pstate, record. */
struct trap_frame {
	struct cpu_regs	regs;
	uint64_t	esr, far;
	uint64_t	record[2];
	uint64_t	pad;
};

extern const char trap_vectors[], trap_native_vectors[];	/* of Linux programs, native ones */

void pt_init_secondary(void);		/* pagetable.c: a CPU that has started with the boot's TTBR0 */

/* user.c: user mode was left by an exception, or may have work. The first does not return. */
void user_exception(struct trap_frame *f) NORETURN;
void user_check_work(struct trap_frame *f);

/* Kinds of faults in the low six bits of ESR that are about addresses; the rest is an exception. */
static inline bool trap_is_page_fault(uint64_t esr)
{
	unsigned kind = esr >> 2 & 0xf;

	return kind <= 3;		/* address size, translation, access flag, permission */
}

/* Of an abort: a write, and not cache maintenance, which is reported as one. */
static inline bool trap_is_write(uint64_t esr)
{
	return (esr & 0x140) == 0x40;
}

#endif /* TRAP_H */
