/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: flushing, loading, the direct map of the boot.
 *
 * Interface: pt_flush, pt_root_init, pt_root_drop (nucleus/pagetable.h), pt_executable, cpu_pt_use,
 * pt_init_secondary, cpu_boot_map.
 *
 * The kernel's tables are TTBR1's and global, so a program's have nothing of them. A program's
 * translations are known in a TLB by the number of its space (ASID), so they stay there while other
 * tables are loaded; a space that has none of its own shares 0 with the others of these.
 *
 * Bit i of a space's cpus says that cpus[i] has no old translations. Who changes entries clears the
 * bits, and flushes here if the tables are loaded here, and on all CPUs, which an instruction can,
 * if they are loaded elsewhere: all CPUs pay for that, and in an emulator they stop for it. A CPU
 * that finds its bit clear when it loads the tables flushes then. What has no number does always.
 *
 * Locking: arch.pt and arch.next are written by the CPU itself, with interrupts off: before it
 * loads tables, next is those, and pt is what it had until it has loaded the new ones.
 */
#include <nucleus/asid.h>
#include <nucleus/boot.h>
#include <nucleus/page.h>
#include <nucleus/smp.h>

#include <pte.h>

#define FLUSH_SINGLE	32		/* pages up to which they are flushed one by one */
#define ASID_SHIFT	48		/* in TTBR0 and flushing instructions */
#define MMFR0_ASID16	0x20
#define BOOT_BLOCK	(2 * MIB)
#define BOOT_END	(4 * GIB)
#define BOOT_DEVICES	4

extern uint64_t boot_high0[], boot_direct2[];

void cpu_kernel_tables(paddr_t root);	/* start.S */

static struct {
	paddr_t		start, end;
} boot_device[BOOT_DEVICES];
static unsigned nboot_devices;

/* ---- flushing ---- */

/* pages up to FLUSH_SINGLE one by one, or all of a program's or of everybody's; dsb to follow. */
static void flush_here(uint64_t asid, vaddr_t va, uint64_t pages)
{
	if (pages > FLUSH_SINGLE)
		__asm__ volatile("tlbi aside1, %0" :: "r"(asid) : "memory");
	for (; pages <= FLUSH_SINGLE && pages > 0; pages--, va += PAGE_SIZE)
		__asm__ volatile("tlbi vae1, %0" :: "r"(asid | (va << 8 >> 20)) : "memory");
}

static void flush_everywhere(uint64_t asid, vaddr_t va, uint64_t pages, bool user)
{
	if (pages > FLUSH_SINGLE && user)
		__asm__ volatile("tlbi aside1is, %0" :: "r"(asid) : "memory");
	else if (pages > FLUSH_SINGLE)
		__asm__ volatile("tlbi vmalle1is" ::: "memory");
	for (; pages <= FLUSH_SINGLE && pages > 0; pages--, va += PAGE_SIZE)
		__asm__ volatile("tlbi vae1is, %0" :: "r"(asid | (va << 8 >> 20)) : "memory");
	__asm__ volatile("dsb ish; isb" ::: "memory");
}

/* The CPUs that have the tables loaded, or are about to. */
static uint32_t loaded_on(const struct pagetable *pt)
{
	uint32_t loaded = 0;

	for (unsigned i = 0; i < cpu_count; i++) {
		const struct cpu_arch *a = &cpus[i].arch;

		if (READ_ONCE(a->pt) == pt || READ_ONCE(a->next) == pt)
			loaded |= 1u << i;
	}
	return loaded;
}

/*
 * A CPU that loads the tables meanwhile says so and then looks at its bit; here the bits are
 * cleared and then CPUs are looked at. So it finds its bit clear, or is found here.
 */
void pt_flush(const struct pagetable *cpt, vaddr_t va, vaddr_t end)
{
	struct pagetable *pt = (struct pagetable *)cpt;
	uint64_t asid = (uint64_t)pt->asid << ASID_SHIFT, pages = (end - va) >> PAGE_SHIFT;
	uint32_t self = 1u << cpu_self()->id, loaded;

	__asm__ volatile("dsb ish" ::: "memory");	/* the entries are seen from here on */
	if (!pt->user) {
		flush_everywhere(asid, va, pages, false);
		return;
	}
	__atomic_store_n(&pt->cpus, 0, __ATOMIC_RELAXED);
	smp_fence();
	loaded = loaded_on(pt);
	if (unlikely(loaded & ~self)) {
		flush_everywhere(asid, va, pages, true);
	} else if (loaded != 0) {
		flush_here(asid, va, pages);
		__asm__ volatile("dsb nsh; isb" ::: "memory");
	}
	__atomic_or_fetch(&pt->cpus, loaded, __ATOMIC_RELAXED);
}

/* Of what is no RAM nobody knows who writes it. */
void pt_executable(paddr_t pa, size_t len)
{
	if (page_is_ram(pa) && page_is_ram(pa + len - 1))
		cpu_code_written(phys_to_virt(pa), len);
}

/* ---- loading ---- */

/* The kernel's have none of a program's addresses; without a number, what there is of 0 goes. */
static NOINLINE void load_without_number(struct pagetable *pt)
{
	if (!pt->user && sysreg_read(ttbr1_el1) != pt->root)
		cpu_kernel_tables(pt->root);
	sysreg_write(ttbr0_el1, virt_to_phys(boot_high0));
	isb();
	if (pt->user) {
		__asm__ volatile("tlbi aside1, xzr; dsb nsh" ::: "memory");
		sysreg_write(ttbr0_el1, pt->context);
		isb();
	}
	WRITE_ONCE(cpu_self()->arch.pt, pt);
}

static inline void load(struct cpu_arch *a, struct pagetable *pt)
{
	sysreg_write(ttbr0_el1, pt->context);
	isb();
	WRITE_ONCE(a->pt, pt);
}

/* What the TLB has of the number goes. Who clears the bit from here on finds this CPU. */
static NOINLINE void load_after_flush(struct cpu *cpu, struct pagetable *pt)
{
	__atomic_or_fetch(&pt->cpus, 1u << cpu->id, __ATOMIC_RELAXED);
	__asm__ volatile("dsb ish" ::: "memory");
	flush_here((uint64_t)pt->asid << ASID_SHIFT, 0, USER_END >> PAGE_SHIFT);
	__asm__ volatile("dsb nsh" ::: "memory");
	load(&cpu->arch, pt);
}

/* What was loaded stays in arch.pt until it is not any more: pt_root_drop(). */
void cpu_pt_use(struct pagetable *pt)
{
	struct cpu *cpu = cpu_self();
	struct cpu_arch *a = &cpu->arch;

	if (a->pt == pt)
		return;
	WRITE_ONCE(a->next, pt);
	smp_fence();
	if (unlikely(pt->context >> ASID_SHIFT == 0)) {
		load_without_number(pt);
		return;
	}
	if (likely(READ_ONCE(pt->cpus) >> cpu->id & 1))
		load(a, pt);
	else
		load_after_flush(cpu, pt);
}

/* ---- roots ---- */

int pt_root_init(struct pagetable *pt)
{
	int error = 0;

	if (pt->user) {
		pt->asid = asid_alloc();
		pt->context = pt->root | (uint64_t)pt->asid << ASID_SHIFT;
		return 0;
	}
	/* Their number is known as 8 or 16 bits; start.S has asked for as many as there are. */
	asid_init(sysreg_read(id_aa64mmfr0_el1) & MMFR0_ASID16 ? 1u << 16 : 1u << 8);
	pt->context = pt->root;
	for (unsigned i = 0; error == 0 && i < nboot_devices; i++) {
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
	asid_free(pt->asid);
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
