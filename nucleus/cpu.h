/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What cpu/<isa> provides. Its own header <arch.h> (found by -Icpu/<isa>) has the types and what
 * must be inline:
 *
 *   PAGE_SHIFT, PAGE_SIZE; USER_END (first address above user programs);
 *   CPU_MAX: of so many CPUs there can be data
 *   PAGE_MAX_ORDER: the allocator's largest block has 2^PAGE_MAX_ORDER pages
 *   CPU_ELF_MACHINE: of programs
 *   DIRECT_BASE, PAGE_ARRAY_BASE, KVA_BASE, KVA_END: layout of the kernel's half
 *   struct cpu_context	what cpu_switch() saves
 *   struct cpu_regs	user registers, the layout of the ISA's struct user_regs_struct
 *   struct cpu_arch	the ISA's part of struct cpu; pt: the page tables that are loaded
 *   cpu_irq_save(), cpu_irq_restore(flags), cpu_irq_enable(), cpu_irq_disable(), cpu_irqs_on()
 *   cpu_self(), cpu_thread(), cpu_resched_due(): this CPU, its thread, resched; one load each
 *   cpu_pause(), cpu_frame(), cpu_counter(): spin-wait hint, the frame pointer, a fast counter
 *   struct native_frame	what a native system call leaves on the stack: native_handle(f), an
 *	argument; native_message(f), tag, words and a place for the badge; native_result(f, value), if
 *	the call does not end on the fast way
 *   cpu_bare(arch)	user mode has nothing loaded on this CPU but page tables, and so a program that
 *	needs no more can follow another
 */
#ifndef NUCLEUS_CPU_H
#define NUCLEUS_CPU_H

#include <nucleus/types.h>

struct cpu;
struct message;
struct runq;
struct space;
struct thread;
struct user;

#include <arch.h>

/*
 * A CPU. Its own fields are written by itself alone, but for ready, which its run queue's lock
 * protects. cpu/ knows the offsets of those before arch.
 */
struct cpu {
	struct cpu	*self;
	struct thread	*thread;	/* that runs */
	uint32_t	resched;	/* the scheduler should look */
	uint32_t	id;
	struct thread	*idle;
	struct runq	*runq;		/* its own; its lock is first (runq.h) */
	struct cpu_arch	arch;
	struct user	*user;		/* whose floating-point registers are loaded (user.c) */
	uint32_t	ready;		/* bit p: a thread of priority p waits (sched.c) */
	unsigned long	switches;	/* of threads */
};

extern struct cpu cpus[CPU_MAX];	/* those that run: smp.h */

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(DIRECT_BASE + pa);
}

/* p: in the direct map or in the kernel's image. */
paddr_t virt_to_phys(const void *p);

/* ---- one CPU ---- */

void cpu_init(struct cpu *cpu);		/* traps, protection features; cpu_self() works after it */
void cpu_idle(void);			/* interrupts off; wait for one, and return with them on */
void cpu_halt(void) NORETURN;		/* for ever */
const char *cpu_name(void);

/*
 * cpu_stacks: for exceptions that cannot use the thread's stack, stacks with an unmapped page below
 * each. Thread context; on the boot CPU, which has had others until then, or before the CPU starts.
 * False: no memory.
 * cpu_secondary: where another CPU begins, as a physical address, entered as its instruction set
 * has it: it goes to smp_enter(cpu) on a stack that ends at top; 0: it cannot. One at a time.
 * cpu_secondary_end: it has started; what was needed for that is freed.
 * cpu_poll: do what other CPUs wait for. Any context; those call it that wait with interrupts off,
 * and the interrupt between CPUs.
 */
bool cpu_stacks(struct cpu *cpu);
paddr_t cpu_secondary(struct cpu *cpu, vaddr_t top);
void cpu_secondary_end(void);
void cpu_poll(void);

/* ---- threads ---- */

/* The context that calls is t from now on: boot only, cpu_switch() does it for all others. */
void cpu_set_thread(struct thread *t);

/* Prepare a context that begins in fn(arg) on the stack that ends at top. fn does not return. */
void cpu_context_init(struct cpu_context *ctx, vaddr_t top, void (*fn)(void *), void *arg);

/* From one thread to another; returns when from runs again. Interrupts are off on both sides. */
void cpu_switch(struct thread *from, struct thread *to);

/* ---- page tables: more in pagetable.h ---- */

/*
 * Load the tables of a space on this CPU, interrupts off, unless they are. The kernel's half is
 * always there; kernel_space's tables are those of no program.
 */
struct pagetable;
void cpu_pt_use(struct pagetable *pt);

/* The same in any context that stays on its CPU. */
static inline void cpu_pt_need(struct pagetable *pt)
{
	unsigned long flags;

	if (cpu_self()->arch.pt == pt)
		return;
	flags = cpu_irq_save();
	cpu_pt_use(pt);
	cpu_irq_restore(flags);
}

/* ---- copies that survive a bad kernel-half address, or none at all ---- */

/*
 * Any context that may fault. copy_checked: bytes not copied, exact; those after are unchanged.
 * 1, 2, 4 and 8 bytes at aligned addresses are one access each.
 * cmpxchg32_checked: *prev = *p; if (*prev == old) *p = new_, atomically. 0 or E_FAULT.
 */
size_t copy_checked(void *dst, const void *src, size_t len);
int cmpxchg32_checked(uint32_t *p, uint32_t old, uint32_t new_, uint32_t *prev);

/*
 * Between the kernel and the program whose tables are loaded, by its own addresses, and as it could
 * read or write them itself: how many bytes are left, at the end, of which some may have been
 * copied nevertheless. The caller stays on its CPU; the program's range is below USER_END.
 */
size_t cpu_copy_in(void *to, vaddr_t from, size_t len);
size_t cpu_copy_out(vaddr_t to, const void *from, size_t len);

/* ---- memory for devices ---- */

/*
 * Where devices do not look into the caches: what was written to ordinary memory is written back,
 * and the result is what it is to be mapped with besides (PROT_WC). Elsewhere 0.
 */
unsigned cpu_dma_memory(const void *va, size_t len);

/* ---- entropy ---- */

/* Up to len bytes of the CPU's own generator; how many. 0: it has none. */
size_t cpu_random(void *buf, size_t len);

#endif /* NUCLEUS_CPU_H */
