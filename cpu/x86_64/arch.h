/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what must be inline, and the layout of memory. The contract is <nucleus/cpu.h>.
 *
 *	0000000000001000 .. USER_END	the program's
 *	ffff800000000000		direct map of all RAM
 *	ffffc00000000000		array of struct page; only what describes RAM is there
 *	ffffd00000000000 .. KVA_END	kernel virtual addresses: stacks, device memory, arenas
 *	ffffffff80000000		the image; physical address kernel_delta + the last 31 bits
 *
 * %gs is the CPU's struct cpu while in the kernel. Offsets into structures that assembler code
 * needs are in asm.h and checked in cpu.c.
 */
#ifndef ARCH_H
#define ARCH_H

#define CPU_MAX		8
#define PAGE_SHIFT	12
#define PAGE_SIZE	((size_t)1 << PAGE_SHIFT)
#define PAGE_MAX_ORDER	10		/* largest block kept by the page allocator: 4 MiB */

#define USER_END	0x00007ffffffff000ul
#define DIRECT_BASE	0xffff800000000000ul
#define PAGE_ARRAY_BASE	0xffffc00000000000ul
#define KVA_BASE	0xffffd00000000000ul
#define KVA_END		0xffffd08000000000ul
#define KERNEL_BASE	0xffffffff80000000ul

#define CPU_ELF_MACHINE	62

/* ---- registers ---- */

/* Linux's struct user_regs_struct. */
struct cpu_regs {
	uint64_t	r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t	rax, rcx, rdx, rsi, rdi, orig_rax;
	uint64_t	rip, cs, eflags, rsp, ss;
	uint64_t	fs_base, gs_base, ds, es, fs, gs;
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
	unsigned long	rax;		/* the call's number; becomes its result */
	unsigned long	message[5];	/* rsi rdx r10 r8 r9 */
	unsigned long	rdi;		/* a handle; becomes the badge */
	uint64_t	flags, rip, rsp;
};

static inline unsigned long native_handle(const struct native_frame *f)
{
	return f->rdi;
}

static inline struct message *native_message(struct native_frame *f)
{
	return (struct message *)f->message;
}

static inline void native_result(struct native_frame *f, long result)
{
	f->rax = (unsigned long)result;
}

struct tss {
	uint32_t	reserved0;
	uint64_t	rsp[3];
	uint64_t	reserved1;
	uint64_t	ist[7];
	uint64_t	reserved2;
	uint16_t	reserved3, iomap;
} PACKED;

struct cpu_arch {
	uint64_t	scratch;	/* the system-call entry's */
	struct tss	tss;
	uint64_t	gdt[9];
	struct pagetable *pt, *next;	/* that %cr3 has; will have (pagetable.c) */
	uint64_t	fs_base, gs_base;	/* loaded for the CPU's user */
	bool		native;		/* system calls go to a native program's entry */
	bool		bare;		/* user mode has nothing loaded: user.c */
	bool		fp_trap;	/* user mode may not touch floating point: CR0.TS */
};

static inline bool cpu_bare(const struct cpu_arch *a)
{
	return a->bare;
}

/* ---- special instructions ---- */

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

/* A counter that user mode can read too. */
static inline uint64_t cpu_counter(void)
{
	return rdtsc();
}

struct cpuid {
	uint32_t	eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid c;

	__asm__ volatile("cpuid" : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
			 : "a"(leaf), "c"(sub));
	return c;
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" :: "a"(v), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" :: "a"(v), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" :: "a"(v), "Nd"(port));
}

/* Ports, as a capability gives them to programs; width is 1, 2 or 4. */
#define CPU_PORTS	0x10000u

static inline uint32_t cpu_port_read(unsigned port, unsigned width)
{
	return width == 1 ? inb((uint16_t)port) : width == 2 ? inw((uint16_t)port) : inl((uint16_t)port);
}

static inline void cpu_port_write(unsigned port, unsigned width, uint32_t v)
{
	if (width == 1)
		outb((uint16_t)port, (uint8_t)v);
	else if (width == 2)
		outw((uint16_t)port, (uint16_t)v);
	else
		outl((uint16_t)port, v);
}

#define EFLAGS_TF	0x00000100ul
#define EFLAGS_IF	0x00000200ul
#define EFLAGS_DF	0x00000400ul
#define EFLAGS_IOPL	0x00003000ul
#define EFLAGS_NT	0x00004000ul
#define EFLAGS_RF	0x00010000ul
#define EFLAGS_AC	0x00040000ul

/* ---- interrupts on and off ---- */

static inline unsigned long cpu_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) :: "memory");
	return flags;
}

static inline void cpu_irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static inline void cpu_irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline void cpu_irq_restore(unsigned long flags)
{
	if (flags & EFLAGS_IF)
		cpu_irq_enable();
}

static inline bool cpu_irqs_on(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return flags & EFLAGS_IF;
}

/* An atomic operation and a fence: was the bit set? */
static inline bool cpu_set_bit(uint32_t *word, unsigned bit)
{
	bool was;

	__asm__ volatile("lock btsl %2, %0" : "+m"(*word), "=@ccc"(was) : "r"(bit) : "memory");
	return was;
}

static inline void cpu_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

static inline uintptr_t cpu_frame(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

/* The fields at the beginning of struct cpu. One instruction each, so no preemption in between. */
static inline struct cpu *cpu_self(void)
{
	struct cpu *self;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(self));
	return self;
}

static inline struct thread *cpu_thread(void)
{
	struct thread *t;

	__asm__ volatile("movq %%gs:8, %0" : "=r"(t));
	return t;
}

static inline bool cpu_resched_due(void)
{
	uint32_t due;

	__asm__ volatile("movl %%gs:16, %0" : "=r"(due));
	return due;
}

/* What the board may ask about this CPU. */
struct cpu_features {
	bool	apic, deadline, invariant_tsc, hypervisor;
	bool	mce, nx, smep, smap, umip, pge, pcid, pdpe1gb, pat, xsave, rdrand, rdseed;
	uint64_t phys_mask;		/* bits of a physical address */
};
extern struct cpu_features cpu_features;

extern uint64_t kernel_delta;		/* physical address of the image - (link address - base) */

#endif /* ARCH_H */
