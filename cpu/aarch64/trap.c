/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions of the kernel: to a fixup if they are of a checked access; the rest ends it, with a
 * name. Interrupts go to the board. Exceptions of user mode are user.c's.
 *
 * Interface: trap_kernel, trap_irq, trap_system (from trap.S).
 * Locking: none.
 */
#include <nucleus/board.h>
#include <nucleus/log.h>
#include <nucleus/regs.h>
#include <nucleus/thread.h>

#include "asm.h"
#include "trap.h"

/* Where a checked access may trap, and where it goes on: each relative to its own place. */
struct fixup {
	int32_t		start, end, to;
};

extern const struct fixup trap_fixups[], trap_fixups_end[];

void trap_kernel(struct trap_frame *f);
void trap_irq(void);
void trap_system(struct trap_frame *f) NORETURN;

static bool fix_up(struct trap_frame *f)
{
	for (const struct fixup *x = trap_fixups; x != trap_fixups_end; x++) {
		if (f->regs.pc >= (uint64_t)&x->start + (int64_t)x->start &&
		    f->regs.pc < (uint64_t)&x->end + (int64_t)x->end) {
			f->regs.pc = (uint64_t)&x->to + (int64_t)x->to;
			return true;
		}
	}
	return false;
}

const char *regs_exception(unsigned class)
{
	switch (class) {
	case EC_SYSTEM:
		return "privileged register";
	case EC_UNKNOWN:
		return "undefined instruction";
	case EC_PC_ALIGN:
		return "program counter not aligned";
	case EC_SP_ALIGN:
		return "stack not aligned";
	case EC_BRK:
		return "breakpoint";
	default:
		return "exception";
	}
}

static void kernel_fault(struct trap_frame *f) NORETURN;

static void kernel_fault(struct trap_frame *f)
{
	unsigned class = (unsigned)(f->esr >> ESR_EC_SHIFT);
	uint64_t pc = f->regs.pc;
	const char *access = class == EC_FETCH ? "execution of" :
	    trap_is_write(f->esr) ? "write to" : "read of";

	if (class == EC_FETCH || class == EC_PC_ALIGN)
		pc = f->regs.x[30] - 4;		/* a call to nowhere: who called */
	if ((class == EC_FETCH || class == EC_DATA) && trap_is_page_fault(f->esr))
		panic_at(pc, f->regs.x[29], "page fault: %s %#lx (%s)", access, f->far,
		    f->far - f->regs.sp < PAGE_SIZE ? "kernel stack overflow" : address_kind(f->far));
	if (class == EC_FETCH || class == EC_DATA)
		panic_at(pc, f->regs.x[29], "abort %#lx: %s %#lx (%s)", f->esr & 0x3f, access, f->far,
		    address_kind(f->far));
	panic_at(pc, f->regs.x[29], "%s, syndrome %#lx", regs_exception(class), f->esr);
}

void trap_kernel(struct trap_frame *f)
{
	unsigned class = (unsigned)(f->esr >> ESR_EC_SHIFT);

	if ((class != EC_DATA && class != EC_UNKNOWN) || !fix_up(f))
		kernel_fault(f);
}

void trap_irq(void)
{
	board_interrupt(0);
	sched_irq_exit();
}

/* The memory system's error, which belongs to no instruction; or what cannot happen. */
void trap_system(struct trap_frame *f)
{
	panic_at(f->regs.pc, f->regs.x[29], "system error, syndrome %#lx", f->esr);
}
