/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: flushing, and what must be in a root.
 *
 * Interface: pt_flush, pt_root_init, pt_root_drop (nucleus/pagetable.h), pt_init_secondary,
 * cpu_pt_use, cpu_poll.
 *
 * The kernel's mappings are global. The top-level entries of its half are made at boot and never
 * change, so that every space has them.
 *
 * A program's translations stay in a CPU's TLB while other tables are loaded there, if the CPU has
 * PCIDs and the space a number. Bit i of its cpus says that cpus[i] has none that are old. Who
 * changes entries clears the bits, and asks those CPUs to flush that have the tables loaded; each
 * other CPU does when it loads them next, for it finds its bit clear. Without a number that is what
 * a load does anyway.
 *
 * Other CPUs are asked to flush by an interrupt, and waited for, with interrupts off and the
 * space's lock held: so whoever waits for a spin lock, or for this, does meanwhile what it is asked
 * for (cpu_poll()).
 *
 * Locking: each CPU has one request, which it fills with interrupts off; others clear their bits in
 * it. arch.pt and arch.next are written by the CPU itself: before it loads tables, next is those,
 * and pt is what it had until it has loaded the new ones.
 */
#include <nucleus/asid.h>
#include <nucleus/board.h>
#include <nucleus/error.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>

#include <pte.h>
#include <tlb.h>

#define FLUSH_SINGLE	32		/* pages up to which they are flushed one by one */
#define KERNEL_HALF	(PT_ENTRIES / 2)

struct request {
	struct pagetable *pt;		/* a program's; NULL: the kernel's half */
	vaddr_t		va, end;
	uint32_t	pending;	/* bit i: cpus[i] has not done it yet */
};

static struct pagetable *kernel_pt;
static struct request requests[CPU_MAX];
static uint32_t mapped = 1;		/* bit i: cpus[i] has the kernel's final tables */

/* ---- flushing ---- */

/*
 * On this CPU; pt as in a request. Where tables of the kernel's half go the range is a long one:
 * then what is cached of them must leave for all numbers.
 */
static inline void flush(const struct pagetable *pt, vaddr_t va, vaddr_t end)
{
	if ((end - va) >> PAGE_SHIFT <= FLUSH_SINGLE) {
		for (; va != end; va += PAGE_SIZE)
			tlb_flush_page(va);
	} else if (pt == NULL && cpu_features.pge) {
		tlb_flush_all();
	} else {
		tlb_flush_loaded();
	}
}

/* Who asks has the space's lock, so nobody else clears the bit that is set again here. */
void cpu_poll(void)
{
	uint32_t self = 1u << cpu_self()->id;

	for (uint32_t rest = READ_ONCE(mapped); rest != 0; rest &= rest - 1) {
		struct request *r = &requests[__builtin_ctz(rest)];

		if (!(__atomic_load_n(&r->pending, __ATOMIC_ACQUIRE) & self))
			continue;
		if (r->pt == NULL || cpu_self()->arch.pt == r->pt) {
			flush(r->pt, r->va, r->end);
			if (r->pt != NULL)
				__atomic_or_fetch(&r->pt->cpus, self, __ATOMIC_RELAXED);
		}
		__atomic_and_fetch(&r->pending, ~self, __ATOMIC_RELEASE);
	}
}

static bool concerns(const struct cpu *cpu, const struct pagetable *pt)
{
	return pt == NULL || READ_ONCE(cpu->arch.pt) == pt || READ_ONCE(cpu->arch.next) == pt;
}

/* Those of the set others that have the tables loaded, or are about to. */
static NOINLINE void flush_others(uint32_t others, struct pagetable *pt, vaddr_t va, vaddr_t end)
{
	struct request *r = &requests[cpu_self()->id];
	uint32_t asked = 0;

	for (uint32_t rest = others; rest != 0; rest &= rest - 1) {
		unsigned i = (unsigned)__builtin_ctz(rest);

		if (concerns(&cpus[i], pt))
			asked |= 1u << i;
	}
	if (asked == 0)
		return;
	r->pt = pt;
	r->va = va;
	r->end = end;
	__atomic_store_n(&r->pending, asked, __ATOMIC_RELEASE);
	for (uint32_t rest = asked; rest != 0; rest &= rest - 1)
		board_ipi((unsigned)__builtin_ctz(rest));
	while (__atomic_load_n(&r->pending, __ATOMIC_ACQUIRE) != 0)
		smp_spin();
}

/*
 * A CPU that loads the tables meanwhile says so and then looks at its bit; here the bits are
 * cleared and then CPUs are looked at. So it finds its bit clear, or is found here.
 */
void pt_flush(const struct pagetable *cpt, vaddr_t va, vaddr_t end)
{
	struct pagetable *pt = cpt->user ? (struct pagetable *)cpt : NULL;
	const struct cpu *cpu = cpu_self();
	uint32_t self = 1u << cpu->id, others;
	bool here = pt == NULL || cpu->arch.pt == pt;

	if (pt != NULL)
		__atomic_store_n(&pt->cpus, here ? self : 0, __ATOMIC_RELAXED);
	if (here)
		flush(pt, va, end);
	smp_fence();
	others = READ_ONCE(mapped) & ~self;
	if (unlikely(others != 0))
		flush_others(others, pt, va, end);
}

/* ---- roots ---- */

int pt_root_init(struct pagetable *pt)
{
	uint64_t *root = phys_to_virt(pt->root);
	paddr_t pa;

	pt->context = pt->root;
	if (pt->user) {
		pt->asid = asid_alloc();
		if (pt->asid != 0)
			pt->context |= CR3_KEEP | pt->asid;
		memcpy(root + KERNEL_HALF, (uint64_t *)phys_to_virt(kernel_pt->root) + KERNEL_HALF,
		    KERNEL_HALF * sizeof(uint64_t));
		return 0;
	}
	kernel_pt = pt;
	if (cpu_features.pcid)
		asid_init(ASID_MAX);
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
	if (cpu_self()->arch.pt == pt)
		cpu_pt_use(kernel_pt);
}

/* They may still be loaded where a program ran last. */
void pt_root_drop(struct pagetable *pt)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		if (concerns(&cpus[i], pt))
			smp_call(&cpus[i], unload, pt);
	}
	asid_free(pt->asid);
}

/* What its TLB has of the tables at its start goes. */
void pt_init_secondary(void)
{
	__atomic_or_fetch(&mapped, 1u << cpu_self()->id, __ATOMIC_SEQ_CST);
	cpu_pt_use(kernel_pt);
}

void cpu_pt_use(struct pagetable *pt)
{
	struct cpu *cpu = cpu_self();
	uint64_t cr3 = pt->context;

	if (cpu->arch.pt == pt)
		return;
	WRITE_ONCE(cpu->arch.next, pt);
	if (!cpu_set_bit(&pt->cpus, cpu->id))
		cr3 &= ~CR3_KEEP;
	tlb_load(cr3);
	WRITE_ONCE(cpu->arch.pt, pt);
}
