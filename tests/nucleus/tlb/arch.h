/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of the host as CPUs of the nucleus. */
#ifndef ARCH_H
#define ARCH_H

#define PAGE_SHIFT	12
#define PAGE_SIZE	((size_t)1 << PAGE_SHIFT)
#define PAGE_MAX_ORDER	10
#define CPU_MAX		4
#define USER_END	0x00007ffffffff000ul
#define KVA_BASE	0xffffd00000000000ul
#define KVA_END		0xffffd08000000000ul
#define CPU_ELF_MACHINE	62

/* Physical memory is an array, and so are its pages. */
#define HOST_PAGES	2048
extern unsigned char host_memory[];
extern char host_pages[];			/* struct page */
#define DIRECT_BASE	((uintptr_t)host_memory)
#define PAGE_ARRAY_BASE	((uintptr_t)host_pages)

struct cpu_features {
	bool		pge, pcid, pdpe1gb, pat;
	uint64_t	phys_mask;
};
extern struct cpu_features cpu_features;

struct cpu_context { unsigned long sp; };
struct cpu_regs { unsigned long none; };
struct cpu_arch { struct pagetable *pt, *next; };

struct cpu *cpu_self(void);
struct thread *cpu_thread(void);
bool cpu_set_bit(uint32_t *word, unsigned bit);

void pt_init_secondary(void);

/* Interrupts come where a CPU asks for them: they are always off. */
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

#endif /* ARCH_H */
