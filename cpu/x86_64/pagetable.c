/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: flushing, and what must be in a root.
 *
 * Interface: pt_flush, pt_root_init, pt_root_drop (nucleus/pagetable.h), cpu_pt_use, cpu_pt_need,
 * cpu_poll.
 *
 * The kernel's mappings are global. The top-level entries of its half are made at boot and never
 * change, so that every space has them. A program's translations are in a CPU's TLB only while its
 * root is loaded there.
 *
 * Other CPUs are asked to flush by an interrupt, and waited for, with interrupts off and the
 * space's lock held: so whoever waits for a spin lock, or for this, does meanwhile what it is asked
 * for (cpu_poll()).
 *
 * Locking: each CPU has one request, which it fills with interrupts off; others clear their bits in
 * it. arch.root and arch.next are written by the CPU itself: before it loads a root, next is that,
 * and root is what it had until it has loaded the new one.
 */
#include <nucleus/board.h>
#include <nucleus/error.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>

#include <pte.h>

#define FLUSH_SINGLE	32		/* pages up to which they are flushed one by one */
#define KERNEL_HALF	(PT_ENTRIES / 2)

struct request {
	paddr_t		root;		/* a program's; 0: the kernel's half */
	vaddr_t		va, end;
	uint32_t	pending;	/* bit i: cpus[i] has not done it yet */
};

static const struct pagetable *kernel_pt;
static struct request requests[CPU_MAX];
static uint32_t mapped;			/* bit i: cpus[i] has the kernel's final tables */

/* ---- flushing ---- */

static void flush_all(bool user)
{
	unsigned long cr, cr4;

	if (user || !cpu_features.pge) {
		__asm__ volatile("movq %%cr3, %0; movq %0, %%cr3" : "=r"(cr) :: "memory");
		return;
	}
	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("movq %0, %%cr4; movq %1, %%cr4" :: "r"(cr4 & ~0x80ul), "r"(cr4) : "memory");
}

/* On this CPU; root as in a request. */
static inline void flush(paddr_t root, vaddr_t va, vaddr_t end)
{
	if (root != 0 && cpu_self()->arch.root != root)
		return;
	if ((end - va) >> PAGE_SHIFT > FLUSH_SINGLE) {
		flush_all(root != 0);
		return;
	}
	for (; va != end; va += PAGE_SIZE)
		__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

void cpu_poll(void)
{
	uint32_t self = 1u << cpu_self()->id;

	for (uint32_t rest = READ_ONCE(mapped); rest != 0; rest &= rest - 1) {
		struct request *r = &requests[__builtin_ctz(rest)];

		if (!(__atomic_load_n(&r->pending, __ATOMIC_ACQUIRE) & self))
			continue;
		flush(r->root, r->va, r->end);
		__atomic_and_fetch(&r->pending, ~self, __ATOMIC_RELEASE);
	}
}

static bool concerns(const struct cpu *cpu, paddr_t root)
{
	return root == 0 || READ_ONCE(cpu->arch.root) == root || READ_ONCE(cpu->arch.next) == root;
}

/* Those of the set others for which the root is, or is about to be, what they have loaded. */
static NOINLINE void flush_others(uint32_t others, paddr_t root, vaddr_t va, vaddr_t end)
{
	struct request *r = &requests[cpu_self()->id];
	uint32_t asked = 0;

	for (uint32_t rest = others; rest != 0; rest &= rest - 1) {
		unsigned i = (unsigned)__builtin_ctz(rest);

		if (concerns(&cpus[i], root))
			asked |= 1u << i;
	}
	if (asked == 0)
		return;
	r->root = root;
	r->va = va;
	r->end = end;
	__atomic_store_n(&r->pending, asked, __ATOMIC_RELEASE);
	for (uint32_t rest = asked; rest != 0; rest &= rest - 1)
		board_ipi((unsigned)__builtin_ctz(rest));
	while (__atomic_load_n(&r->pending, __ATOMIC_ACQUIRE) != 0)
		smp_spin();
}

/* Who loads a root meanwhile finds the new entries, or is found here: each writes, then reads. */
void pt_flush(const struct pagetable *pt, vaddr_t va, vaddr_t end)
{
	paddr_t root = pt->user ? pt->root : 0;
	uint32_t others;

	flush(root, va, end);
	smp_fence();
	others = READ_ONCE(mapped) & ~(1u << cpu_self()->id);
	if (unlikely(others != 0))
		flush_others(others, root, va, end);
}

/* ---- roots ---- */

int pt_root_init(struct pagetable *pt)
{
	uint64_t *root = phys_to_virt(pt->root);
	paddr_t pa;

	if (pt->user) {
		memcpy(root + KERNEL_HALF, (uint64_t *)phys_to_virt(kernel_pt->root) + KERNEL_HALF,
		    KERNEL_HALF * sizeof(uint64_t));
		return 0;
	}
	kernel_pt = pt;
	for (vaddr_t va = KVA_BASE; va < KVA_END; va += pt_level_size(PT_TOP)) {
		pa = pt_table_alloc(pt);
		if (pa == 0)
			return E_NOMEM;
		root[pt_index(PT_TOP, va)] = pte_table(pt, pa);
	}
	return 0;
}

static void unload(void *pt)
{
	if (cpu_self()->arch.root == ((const struct pagetable *)pt)->root)
		cpu_pt_use(kernel_pt);
}

/* It may still be loaded where a program ran last. */
void pt_root_drop(struct pagetable *pt)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		if (concerns(&cpus[i], pt->root))
			smp_call(&cpus[i], unload, pt);
	}
}

/* A CPU's first tables are the kernel's: what its TLB has of those at its start goes, too. */
void cpu_pt_use(const struct pagetable *pt)
{
	struct cpu *cpu = cpu_self();

	if (!pt->user && !(mapped >> cpu->id & 1))
		__atomic_or_fetch(&mapped, 1u << cpu->id, __ATOMIC_SEQ_CST);
	WRITE_ONCE(cpu->arch.next, pt->root);
	__asm__ volatile("movq %0, %%cr3" :: "r"(pt->root) : "memory");
	WRITE_ONCE(cpu->arch.root, pt->root);
}

void cpu_pt_need(const struct pagetable *pt)
{
	unsigned long flags;

	if (likely(cpu_self()->arch.root == pt->root))
		return;
	flags = cpu_irq_save();
	cpu_pt_use(pt);
	cpu_irq_restore(flags);
}
