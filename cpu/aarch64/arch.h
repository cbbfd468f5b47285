/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64: what must be inline, and the layout of memory. The contract is <nucleus/cpu.h>.
 *
 *	0000000000001000 .. USER_END	the program's, by TTBR0
 *	ffff000000000000		direct map of all RAM
 *	ffff400000000000		array of struct page; only what describes RAM is there
 *	ffff500000000000 .. KVA_END	kernel virtual addresses: stacks, device memory, arenas
 *	ffffffff80000000		the image; physical address kernel_delta + the last 31 bits
 *
 * In the kernel TPIDR_EL1 is the CPU's struct cpu and SP_EL0 the thread: one register each, so that
 * reading them needs no protection from preemption. Offsets into structures that assembler code
 * needs are in asm.h and checked in cpu.c.
 */
#ifndef ARCH_H
#define ARCH_H

#define CPU_MAX		4
#define PAGE_SHIFT	12
#define PAGE_SIZE	((size_t)1 << PAGE_SHIFT)
#define PAGE_MAX_ORDER	10		/* largest block kept by the page allocator: 4 MiB */

#define USER_END	0x0000fffffffff000ul
#define DIRECT_BASE	0xffff000000000000ul
#define PAGE_ARRAY_BASE	0xffff400000000000ul
#define KVA_BASE	0xffff500000000000ul
#define KVA_END		0xffff508000000000ul
#define KERNEL_BASE	0xffffffff80000000ul

#define CPU_ELF_MACHINE	183

/* ---- registers ---- */

/* Linux's struct user_pt_regs, and behind it the thread pointer, TPIDR_EL0. */
struct cpu_regs {
	uint64_t	x[31], sp, pc, pstate, tls;
};

/*
 * A thread that does not run: everything else is on its stack. The last two are of a thread in
 * user mode: where its kernel stack begins then, and where a system call puts its registers.
 */
struct cpu_context {
	uint64_t	sp;
	uint64_t	user_sp;
	struct cpu_regs	*user_regs;
};

/*
 * What the entry of a native program's system call leaves on the kernel's stack (native.S): the
 * arguments, which are results afterwards, and what is the entry's own.
 */
struct native_frame {
	unsigned long	x0;		/* a handle; becomes the result */
	unsigned long	message[5];	/* x1 - x5 */
	unsigned long	x6;		/* a deadline; becomes the badge */
	unsigned long	number;		/* x8 */
	uint64_t	pc, pstate, sp, tls, x18, x30;
};

static inline unsigned long native_handle(const struct native_frame *f)
{
	return f->x0;
}

static inline struct message *native_message(struct native_frame *f)
{
	return (struct message *)f->message;
}

static inline void native_result(struct native_frame *f, long result)
{
	f->x0 = (unsigned long)result;
}

struct cpu_arch {
	uint64_t	scratch;	/* exceptions of the kernel: trap.S */
	uint64_t	fault_stack;	/* where they are handled: its end */
	struct pagetable *pt, *next;	/* that are loaded, or about to be (pagetable.c) */
	bool		stepping;	/* MDSCR_EL1.SS */
	bool		native;		/* VBAR_EL1 is a native program's */
	bool		bare;		/* user mode has nothing loaded: user.c */
	bool		fp_trap;	/* user mode may not touch floating point */
};

static inline bool cpu_bare(const struct cpu_arch *a)
{
	return a->bare;
}

/* The names are the assembler's, or macros for one. */
#define sysreg_text(name)	#name
#define sysreg_read(name) ({ \
	uint64_t v_; \
	__asm__ volatile("mrs %0, " sysreg_text(name) : "=r"(v_)); \
	v_; })
#define sysreg_write(name, value) \
	__asm__ volatile("msr " sysreg_text(name) ", %0" :: "r"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

/* All accesses before are done, also as devices see them. */
static inline void dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

/* A counter that user mode can read too; not before what comes before it. */
static inline uint64_t cpu_counter(void)
{
	isb();
	return sysreg_read(cntvct_el0);
}

/* It has no ports. */
#define CPU_PORTS	0u

static inline uint32_t cpu_port_read(unsigned port, unsigned width)
{
	(void)port;
	(void)width;
	return 0;
}

static inline void cpu_port_write(unsigned port, unsigned width, uint32_t v)
{
	(void)port;
	(void)width;
	(void)v;
}

#define PSTATE_I	0x00000080ul
#define PSTATE_SS	0x00200000ul	/* a single step */
#define PSTATE_NZCV	0xf0000000ul

/* ---- interrupts on and off ---- */

static inline unsigned long cpu_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("mrs %0, daif; msr daifset, #3" : "=r"(flags) :: "memory");
	return flags;
}

static inline void cpu_irq_enable(void)
{
	__asm__ volatile("msr daifclr, #3" ::: "memory");
}

static inline void cpu_irq_disable(void)
{
	__asm__ volatile("msr daifset, #3" ::: "memory");
}

static inline void cpu_irq_restore(unsigned long flags)
{
	__asm__ volatile("msr daif, %0" :: "r"(flags) : "memory");
}

static inline bool cpu_irqs_on(void)
{
	return !(sysreg_read(daif) & PSTATE_I);
}

static inline void cpu_pause(void)
{
	__asm__ volatile("yield" ::: "memory");
}

static inline uintptr_t cpu_frame(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

static inline struct cpu *cpu_self(void)
{
	return (struct cpu *)sysreg_read(tpidr_el1);
}

static inline struct thread *cpu_thread(void)
{
	return (struct thread *)sysreg_read(sp_el0);
}

/* Should the thread move between the two instructions, it has been through the scheduler. */
static inline bool cpu_resched_due(void)
{
	uint32_t due;

	__asm__ volatile("mrs %x0, tpidr_el1; ldr %w0, [%x0, #16]" : "=r"(due));
	return due;
}

struct cpu_features {
	bool	pan, rng;
	bool	icache_coherent, dcache_unified;	/* CTR_EL0: no need to invalidate, to clean */
	uint64_t phys_mask;		/* bits of a physical address */
};
extern struct cpu_features cpu_features;

extern uint64_t kernel_delta;		/* physical address of the image - (link address - base) */

/*
 * Boot only, before space_init(): [pa, pa+len) below 4 GiB becomes part of the direct map. What was
 * mapped as device memory (of which there may be few) stays when the final tables replace these.
 */
void *cpu_boot_map(paddr_t pa, size_t len, bool device);

/*
 * For memory that is shared with what does not look into the caches: write it back, and drop it.
 * cpu_code_written: what was written to memory at va can be executed.
 */
void cpu_cache_flush(const void *va, size_t len);
void cpu_code_written(const void *va, size_t len);

#endif /* ARCH_H */
