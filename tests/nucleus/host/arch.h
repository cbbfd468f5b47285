/* SPDX-License-Identifier: BSD-2-Clause */
/* The host as a CPU of the nucleus, for tests of portable parts in one thread. */
#ifndef ARCH_H
#define ARCH_H

#define PAGE_SHIFT	12
#define PAGE_SIZE	((size_t)1 << PAGE_SHIFT)
#define PAGE_MAX_ORDER	10
#define CPU_MAX		1
#define USER_END	0x00007ffffffff000ul
#define DIRECT_BASE	0ul
#define PAGE_ARRAY_BASE	0ul

struct cpu_context { unsigned long sp; };
struct cpu_regs { unsigned long none; };
struct cpu_arch { unsigned long none; };

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

struct cpu *cpu_self(void);
struct thread *cpu_thread(void);

#endif /* ARCH_H */
