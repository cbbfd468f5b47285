/* SPDX-License-Identifier: BSD-2-Clause */
/* The host as a CPU of the nucleus, for tests of portable parts in one thread. */
#ifndef ARCH_H
#define ARCH_H

#define PAGE_SHIFT	12
#define PAGE_SIZE	((size_t)1 << PAGE_SHIFT)
#define PAGE_MAX_ORDER	10
#define CPU_MAX		1
#define USER_END	0x00007ffffffff000ul
#define CPU_ELF_MACHINE	62

/* Physical memory is an array, and so are its pages. */
#define HOST_PAGES	4096
extern unsigned char host_memory[];
extern char host_pages[];			/* struct page */
#define DIRECT_BASE	((uintptr_t)host_memory)
#define PAGE_ARRAY_BASE	((uintptr_t)host_pages)

struct cpu_features {
	bool		pdpe1gb, pat;
	uint64_t	phys_mask;
};
extern struct cpu_features cpu_features;

struct cpu_context { unsigned long sp; };
struct cpu_regs { unsigned long none; };
struct cpu_arch { struct pagetable *pt, *next; };

static inline unsigned long cpu_irq_save(void)
{
	return 0;
}

static inline void cpu_irq_restore(unsigned long flags)
{
	(void)flags;
}

static inline bool cpu_resched_due(void)
{
	return false;
}

static inline void cpu_pause(void)
{
}

static inline uint64_t cpu_counter(void)
{
	return 0;
}

struct cpu *cpu_self(void);
struct thread *cpu_thread(void);

#endif /* ARCH_H */
