/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: flushing, address-space numbers, the direct map of the boot.
 *
 * Interface: pt_flush, pt_root_init, pt_root_drop (nucleus/pagetable.h), pt_executable, cpu_pt_use,
 * cpu_pt_need, cpu_boot_map.
 *
 * The kernel's tables are TTBR1's and global, so a program's have nothing of them. A program's
 * context is the number of its address space (ASID), by which the TLB tells translations apart,
 * and above it the generation that it is from. When all numbers are taken a new generation
 * begins: all TLBs are flushed; what is loaded on a CPU, or about to be, keeps its number, which
 * nobody else gets in that generation. Flushing reaches all CPUs by itself.
 *
 * Locking: asid_lock for giving numbers. arch.pt and arch.next are written by the CPU itself: before
 * it loads tables, next is those, and pt is what it had until it has loaded them. See cpu_pt_use().
 */
#include <nucleus/boot.h>
#include <nucleus/page.h>
#include <nucleus/smp.h>
#include <nucleus/string.h>
#include <nucleus/sync.h>

#include <pte.h>

#define FLUSH_SINGLE	32		/* pages up to which they are flushed one by one */
#define ASID_BITS	8		/* more, where the CPU has them, would save few flushes */
#define ASID_MASK	(((uint64_t)1 << ASID_BITS) - 1)
#define GENERATION	((uint64_t)1 << ASID_BITS)
#define BOOT_BLOCK	(2 * MIB)
#define BOOT_END	(4 * GIB)
#define BOOT_DEVICES	4

extern uint64_t boot_high0[], boot_direct2[];

void cpu_kernel_tables(paddr_t root);	/* start.S */

static struct spinlock asid_lock;
static uint64_t generation = GENERATION, next_asid = 1;
static uint64_t kept[(ASID_MASK + 1) / 64];	/* bit n: number n is from the generation before */

static struct {
	paddr_t		start, end;
} boot_device[BOOT_DEVICES];
static unsigned nboot_devices;

/* ---- flushing ---- */

static void flush_everything(void)
{
	__asm__ volatile("dsb ishst; tlbi vmalle1is; dsb ish; isb" ::: "memory");
}

void pt_flush(const struct pagetable *pt, vaddr_t va, vaddr_t end)
{
	uint64_t asid, pages = (end - va) >> PAGE_SHIFT;

	/* Who is given a number meanwhile finds the new entries, or is found here: new_context(). */
	__asm__ volatile("dsb ishst" ::: "memory");
	asid = __atomic_load_n(&pt->context, __ATOMIC_RELAXED) << 48;
	if (pages > FLUSH_SINGLE) {
		if (pt->user)
			__asm__ volatile("tlbi aside1is, %0" :: "r"(asid) : "memory");
		else
			__asm__ volatile("tlbi vmalle1is" ::: "memory");
	} else {
		for (; pages > 0; pages--, va += PAGE_SIZE)
			__asm__ volatile("tlbi vae1is, %0" :: "r"(asid | (va << 8 >> 20)) : "memory");
	}
	__asm__ volatile("dsb ish; isb" ::: "memory");
}

/* Of what is no RAM nobody knows who writes it. */
void pt_executable(paddr_t pa, size_t len)
{
	if (page_is_ram(pa) && page_is_ram(pa + len - 1))
		cpu_code_written(phys_to_virt(pa), len);
}

/* ---- address-space numbers ---- */

static bool is_current(uint64_t context)
{
	return (context & ~ASID_MASK) == __atomic_load_n(&generation, __ATOMIC_RELAXED);
}

/* pt, or NULL, is in use: where its number is of the generation that ends, it keeps that. */
static void keep(struct pagetable *pt, uint64_t ending)
{
	uint64_t number;

	if (pt == NULL || (pt->context & ~ASID_MASK) != ending)
		return;
	number = pt->context & ASID_MASK;
	pt->context = (ending + GENERATION) | number;
	kept[number / 64] |= 1ul << number % 64;
}

/* What a CPU is about to load is looked at first: it may have loaded that when pt is looked at. */
static void begin_generation(void)
{
	uint64_t ending = generation;

	next_asid = 1;
	memset(kept, 0, sizeof(kept));
	__atomic_store_n(&generation, ending + GENERATION, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < CPU_MAX; i++) {
		keep(__atomic_load_n(&cpus[i].arch.next, __ATOMIC_SEQ_CST), ending);
		keep(__atomic_load_n(&cpus[i].arch.pt, __ATOMIC_SEQ_CST), ending);
	}
	flush_everything();
}

static void new_context(struct pagetable *pt)
{
	spin_acquire(&asid_lock);
	while (!is_current(pt->context)) {
		if (next_asid > ASID_MASK)
			begin_generation();
		else if (!(kept[next_asid / 64] >> next_asid % 64 & 1))
			pt->context = generation | next_asid++;
		else
			next_asid++;
	}
	__asm__ volatile("dsb ish" ::: "memory");	/* before it is used: pt_flush() */
	spin_release(&asid_lock);
}

/*
 * Interrupts are off. Either who begins a new generation sees arch.next, or we see the generation:
 * each side writes the one before it reads the other. What was loaded stays in arch.pt until it is
 * not any more, so that its number is no other's, and its tables are not freed.
 */
void cpu_pt_use(const struct pagetable *cpt)
{
	struct pagetable *pt = (struct pagetable *)cpt;
	struct cpu_arch *a = &cpu_self()->arch;

	if (!pt->user) {
		if (sysreg_read(ttbr1_el1) != pt->root)
			cpu_kernel_tables(pt->root);
		sysreg_write(ttbr0_el1, virt_to_phys(boot_high0));
		isb();
		WRITE_ONCE(a->next, NULL);
		__atomic_store_n(&a->pt, NULL, __ATOMIC_RELEASE);
		return;
	}
	__atomic_store_n(&a->next, pt, __ATOMIC_SEQ_CST);
	if (unlikely(!is_current(__atomic_load_n(&pt->context, __ATOMIC_SEQ_CST))))
		new_context(pt);
	sysreg_write(ttbr0_el1, pt->root | pt->context << 48);
	isb();
	WRITE_ONCE(a->pt, pt);
}

void cpu_pt_need(const struct pagetable *pt)
{
	unsigned long flags;

	if (likely(cpu_self()->arch.pt == pt))
		return;
	flags = cpu_irq_save();
	cpu_pt_use(pt);
	cpu_irq_restore(flags);
}

/* ---- roots ---- */

int pt_root_init(struct pagetable *pt)
{
	int error = 0;

	for (unsigned i = 0; !pt->user && error == 0 && i < nboot_devices; i++) {
		paddr_t start = ROUND_DOWN(boot_device[i].start, PAGE_SIZE);
		paddr_t end = ROUND_UP(boot_device[i].end, PAGE_SIZE);

		error = pt_map(pt, (vaddr_t)phys_to_virt(start), start, end - start,
		    PROT_R | PROT_W | PROT_DEVICE);
	}
	return error;
}

static void unload(void *pt)
{
	if (cpu_self()->arch.pt == pt)
		cpu_pt_use(&kernel_space.pt);
}

/* It may still be loaded where a program ran last. */
void pt_root_drop(struct pagetable *pt)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		if (__atomic_load_n(&cpus[i].arch.pt, __ATOMIC_RELAXED) == pt)
			smp_call(&cpus[i], unload, pt);
	}
	/* Who begins a generation may have found it there still. */
	spin_unlock(&asid_lock, spin_lock(&asid_lock));
	if (pt->context != 0)
		pt_flush(pt, 0, USER_END);
}

void pt_init_secondary(void)
{
	sysreg_write(ttbr0_el1, virt_to_phys(boot_high0));
	isb();
	__asm__ volatile("tlbi vmalle1; dsb nsh; isb" ::: "memory");
}

/* ---- boot ---- */

void *cpu_boot_map(paddr_t pa, size_t len, bool device)
{
	static const struct pagetable kernel = { .user = false };
	uint64_t flags = pte_flags(&kernel, PROT_R | PROT_W | (device ? PROT_DEVICE : 0));
	paddr_t end = MIN(pa + len, BOOT_END);

	if (device) {
		if (nboot_devices == BOOT_DEVICES)
			return NULL;
		boot_device[nboot_devices].start = pa;
		boot_device[nboot_devices++].end = pa + len;
	}
	for (paddr_t p = ROUND_DOWN(pa, BOOT_BLOCK); p < end; p += BOOT_BLOCK)
		boot_direct2[p / BOOT_BLOCK] = pte_page(p, flags, 2);
	pt_written();
	return phys_to_virt(pa);
}
