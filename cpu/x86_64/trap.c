/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions: to user.c if they are of user mode, to a fixup if they are of a checked copy; the
 * rest ends the kernel, with a name. Interrupts go to the board.
 *
 * Interface: trap_init; trap (from trap.S).
 * Locking: none. The IDT is constant after boot.
 */
#include <nucleus/board.h>
#include <nucleus/log.h>
#include <nucleus/regs.h>
#include <nucleus/thread.h>

#include "asm.h"
#include "trap.h"
#include "user.h"

struct gate {
	uint16_t	offset0, selector;
	uint8_t		ist, type;
	uint16_t	offset1;
	uint32_t	offset2, reserved;
};

/* Where a checked copy may fault, and where it goes on: each relative to its own place. */
struct fixup {
	int32_t		start, end, to;
};

extern const char trap_stubs[];
extern const struct fixup trap_fixups[], trap_fixups_end[];

static struct gate idt[256] ALIGNED(16);

static const char *const names[] = {
	"division error", "debug exception", "non-maskable interrupt", "breakpoint", "overflow",
	"bound range exceeded", "invalid opcode", "no coprocessor", "double fault", "overrun",
	"invalid TSS", "segment not present", "stack segment fault", "general protection fault",
	"page fault", "reserved exception", "floating-point error", "alignment check",
	"machine check", "SIMD floating-point error", "virtualization exception",
	"control protection exception",
};

/* Only breakpoints may be raised by an instruction of user mode. */
void trap_init(void)
{
	static const uint8_t ist[] = { [TRAP_DB] = 1, [TRAP_NMI] = 2, [TRAP_DF] = 3, [TRAP_MC] = 4 };
	struct {
		uint16_t	limit;
		const void	*base;
	} PACKED idtr = { sizeof(idt) - 1, idt };

	for (unsigned v = 0; v < ARRAY_SIZE(idt) && cpu_self()->id == 0; v++) {
		uint64_t stub = (uint64_t)trap_stubs + v * 16;

		idt[v] = (struct gate) {
			.offset0 = (uint16_t)stub,
			.offset1 = (uint16_t)(stub >> 16),
			.offset2 = (uint32_t)(stub >> 32),
			.selector = SEL_KERNEL_CS,
			.type = v == TRAP_BP ? 0xee : 0x8e,	/* interrupt gate, ring 3 or 0 */
			.ist = v < ARRAY_SIZE(ist) ? ist[v] : 0,
		};
	}
	__asm__ volatile("lidt %0" :: "m"(idtr));
}

static bool fix_up(struct trap_frame *f)
{
	for (const struct fixup *x = trap_fixups; x != trap_fixups_end; x++) {
		if (f->rip >= (uint64_t)&x->start + (int64_t)x->start &&
		    f->rip < (uint64_t)&x->end + (int64_t)x->end) {
			f->rip = (uint64_t)&x->to + (int64_t)x->to;
			return true;
		}
	}
	return false;
}

const char *regs_exception(unsigned vector)
{
	return vector < ARRAY_SIZE(names) ? names[vector] : "unknown exception";
}

static void kernel_fault(struct trap_frame *f)
{
	uintptr_t addr = trap_address(), caller;
	const char *access = f->error & PF_FETCH ? "execution of" :
	    f->error & PF_WRITE ? "write to" : "read of";

	/* A call to nowhere: who called is on top of the stack, and has made its frame. */
	if (f->vector == TRAP_PF && (f->error & PF_FETCH) &&
	    copy_checked(&caller, (void *)f->rsp, sizeof(caller)) == 0)
		f->rip = caller - 1;
	if (f->vector == TRAP_PF)
		panic_at(f->rip, f->rbp, "page fault: %s %#lx (%s)", access, addr, address_kind(addr));
	if (f->vector == TRAP_DF)
		panic_at(f->rip, f->rbp, "double fault at stack %#lx, address %#lx (%s)",
		    (unsigned long)f->rsp, addr, f->rsp - addr < PAGE_SIZE ? "kernel stack overflow" :
		    address_kind(addr));
	panic_at(f->rip, f->rbp, "%s, code %#lx", regs_exception((unsigned)f->vector),
	    (unsigned long)f->error);
}

void trap(struct trap_frame *f)
{
	bool user = f->cs & 3;

	/* User code can set the flag that switches SMAP off, and so do copies; nothing clears it. */
	if (cpu_features.smap)
		__asm__ volatile("clac" ::: "cc");
	if (f->vector >= TRAP_IRQ) {
		board_interrupt((unsigned)f->vector);
		if (f->eflags & EFLAGS_IF)
			sched_irq_exit();
		if (user)
			user_check_work(f);
		return;
	}
	if (user && f->vector != TRAP_NMI && f->vector != TRAP_MC && f->vector != TRAP_DF)
		user_exception(f);
	if ((f->vector == TRAP_PF || f->vector == TRAP_GP) && fix_up(f))
		return;
	kernel_fault(f);
}
