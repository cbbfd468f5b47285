/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU: features, system registers, caches.
 *
 * Interface: cpu_init, cpu_stacks, cpu_poll, cpu_set_thread, cpu_idle, cpu_halt, cpu_name,
 * cpu_features, cpu_context_init, cpu_random, virt_to_phys, cpu_cache_flush, cpu_dma_memory,
 * cpu_code_written.
 * Locking: none; each CPU sets itself up, cpu_features is constant after boot.
 */
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

#include "asm.h"
#include "trap.h"

#define FAULT_STACK	(1ul << FAULT_STACK_SHIFT)
#define CPACR_FP	(3ul << 20)	/* floating point traps nowhere */
#define CNTKCTL_VCOUNT	0x2ul		/* user mode may read the virtual counter */

struct cpu_features cpu_features;
struct cpu cpus[CPU_MAX];

static uint8_t early_stack[FAULT_STACK] ALIGNED(16);	/* the boot CPU's, at first */
static char name[48];

void cpu_thread_start(void);

_Static_assert(offsetof(struct cpu, thread) == CPU_THREAD, "asm.h");
_Static_assert(offsetof(struct cpu, runq) == CPU_RUNQ, "asm.h");
_Static_assert(offsetof(struct cpu, resched) == 16, "cpu_resched_due");
_Static_assert(offsetof(struct cpu, arch.scratch) == CPU_SCRATCH, "asm.h");
_Static_assert(offsetof(struct cpu, arch.fault_stack) == CPU_FAULT_STACK, "asm.h");
_Static_assert(offsetof(struct thread, context.sp) == CTX_SP, "asm.h");
_Static_assert(offsetof(struct thread, context.user_sp) == CTX_USER_SP, "asm.h");
_Static_assert(offsetof(struct thread, context.user_regs) == CTX_USER_REGS, "asm.h");
_Static_assert(offsetof(struct cpu_regs, sp) == R_SP, "asm.h");
_Static_assert(offsetof(struct cpu_regs, tls) == R_TLS, "asm.h");
_Static_assert(offsetof(struct trap_frame, esr) == F_ESR, "asm.h");
_Static_assert(offsetof(struct trap_frame, record) == F_RECORD, "asm.h");
_Static_assert(sizeof(struct trap_frame) == F_SIZE, "asm.h");
_Static_assert(offsetof(struct native_frame, number) == N_NUMBER, "asm.h");
_Static_assert(offsetof(struct native_frame, pc) == N_PC, "asm.h");
_Static_assert(offsetof(struct native_frame, sp) == N_SP, "asm.h");
_Static_assert(offsetof(struct native_frame, x18) == N_X18, "asm.h");
_Static_assert(sizeof(struct native_frame) == N_SIZE, "asm.h");

static inline unsigned field(uint64_t reg, unsigned at)
{
	return reg >> at & 0xf;
}

static void find_name(void)
{
	static const struct {
		uint16_t	part;
		const char	*name;
	} arm[] = {
		{ 0xd03, "Cortex-A53" }, { 0xd04, "Cortex-A35" }, { 0xd05, "Cortex-A55" },
		{ 0xd07, "Cortex-A57" }, { 0xd08, "Cortex-A72" }, { 0xd0b, "Cortex-A76" },
		{ 0xd0c, "Neoverse N1" },
	};
	unsigned midr = (unsigned)sysreg_read(midr_el1), part = midr >> 4 & 0xfff;

	format(name, sizeof(name), "ARMv8 implementer %#x part %#x", midr >> 24, part);
	for (unsigned i = 0; i < ARRAY_SIZE(arm); i++) {
		if (midr >> 24 == 'A' && part == arm[i].part)
			format(name, sizeof(name), "ARM %s r%up%u", arm[i].name, midr >> 20 & 0xf, midr & 0xf);
	}
}

static void find_features(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
	struct cpu_features *f = &cpu_features;
	uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1), ctr = sysreg_read(ctr_el0);

	f->pan = field(sysreg_read(id_aa64mmfr1_el1), 20) != 0;
	f->rng = field(sysreg_read(id_aa64isar0_el1), 60) != 0;
	f->icache_coherent = ctr >> 29 & 1;
	f->dcache_unified = ctr >> 28 & 1;
	f->phys_mask = (1ul << bits[MIN(field(mmfr0, 0), ARRAY_SIZE(bits) - 1)]) - 1;
	find_name();
}

const char *cpu_name(void)
{
	return name;
}

void cpu_init(struct cpu *cpu)
{
	unsigned pmu;

	cpu->self = cpu;
	if (cpu->id == 0)
		cpu->arch.fault_stack = (uint64_t)early_stack + FAULT_STACK;
	sysreg_write(tpidr_el1, cpu);
	sysreg_write(tpidrro_el0, 0);
	sysreg_write(vbar_el1, trap_vectors);
	isb();
	if (cpu->id == 0)
		find_features();
	else
		pt_init_secondary();
	sysreg_write(cpacr_el1, CPACR_FP);
	sysreg_write(cntkctl_el1, CNTKCTL_VCOUNT);
	sysreg_write(mdscr_el1, 0);
	pmu = field(sysreg_read(id_aa64dfr0_el1), 8);
	if (pmu != 0 && pmu != 0xf)
		sysreg_write(pmuserenr_el0, 0);	/* may be anything after a reset, as may those above */
	sysreg_write(oslar_el1, 0);		/* debug exceptions, for single steps, are possible */
	if (cpu_features.pan) {
		sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) & ~(uint64_t)SCTLR_SPAN);
		__asm__ volatile(".inst 0xd500419f" ::: "memory");	/* msr pan, #1 */
	}
	isb();
	__asm__ volatile("msr daifclr, #4" ::: "memory");	/* system errors are reported */
}

bool cpu_stacks(struct cpu *cpu)
{
	char *stack = kva_alloc(FAULT_STACK);

	if (stack == NULL)
		return false;
	cpu->arch.fault_stack = (uint64_t)stack + FAULT_STACK;
	return true;
}

/* TLBs are flushed by an instruction that reaches them all. */
void cpu_poll(void)
{
}

void cpu_set_thread(struct thread *t)
{
	cpu_self()->thread = t;
	sysreg_write(sp_el0, t);
}

/* An interrupt that is masked ends the wait, too. */
void cpu_idle(void)
{
	dsb();
	__asm__ volatile("wfi" ::: "memory");
	cpu_irq_enable();
}

void cpu_halt(void)
{
	cpu_irq_disable();
	for (;;)
		__asm__ volatile("wfi");
}

/* As cpu_switch() restores it: x29 and x30, x19 and x20, and eight that do not matter. */
void cpu_context_init(struct cpu_context *ctx, vaddr_t top, void (*fn)(void *), void *arg)
{
	uint64_t *sp = (uint64_t *)ROUND_DOWN(top, 16) - 12;

	memset(sp, 0, 12 * sizeof(*sp));
	sp[1] = (uint64_t)cpu_thread_start;
	sp[2] = (uint64_t)fn;
	sp[3] = (uint64_t)arg;
	ctx->sp = (uint64_t)sp;
	ctx->user_sp = 0;
	ctx->user_regs = NULL;
}

paddr_t virt_to_phys(const void *p)
{
	uintptr_t va = (uintptr_t)p;

	return va >= KERNEL_BASE ? va - KERNEL_BASE + kernel_delta : va - DIRECT_BASE;
}

/* RNDR sets the zero flag when it has nothing just now. */
size_t cpu_random(void *buf, size_t len)
{
	size_t done = 0;
	unsigned tries = 0;
	uint64_t v;
	bool none;

	if (!cpu_features.rng)
		return 0;
	while (done < len && tries < 32) {
		__asm__ volatile("mrs %0, s3_3_c2_c4_0" : "=r"(v), "=@cceq"(none));
		if (none) {
			tries++;
			cpu_pause();
			continue;
		}
		memcpy((char *)buf + done, &v, MIN(len - done, sizeof(v)));
		done += MIN(len - done, sizeof(v));
	}
	return done;
}

/* ---- caches ---- */

#define CTR_PIPT	3u		/* the instruction cache goes by physical addresses */

static inline size_t line_size(unsigned field_at)
{
	return (size_t)4 << (sysreg_read(ctr_el0) >> field_at & 0xf);
}

void cpu_cache_flush(const void *va, size_t len)
{
	size_t line = line_size(16);

	for (uintptr_t p = ROUND_DOWN((uintptr_t)va, line); p < (uintptr_t)va + len; p += line)
		__asm__ volatile("dc civac, %0" :: "r"(p) : "memory");
	dsb();
}

unsigned cpu_dma_memory(const void *va, size_t len)
{
	cpu_cache_flush(va, len);
	return PROT_WC;
}

void cpu_code_written(const void *va, size_t len)
{
	uintptr_t end = (uintptr_t)va + len;
	size_t line = line_size(16);

	for (uintptr_t p = ROUND_DOWN((uintptr_t)va, line); !cpu_features.dcache_unified && p < end;
	    p += line)
		__asm__ volatile("dc cvau, %0" :: "r"(p) : "memory");
	__asm__ volatile("dsb ish" ::: "memory");
	line = line_size(0);
	if (!cpu_features.icache_coherent && (sysreg_read(ctr_el0) >> 14 & 3) != CTR_PIPT) {
		__asm__ volatile("ic ialluis" ::: "memory");	/* it may be there by other addresses */
		end = 0;
	}
	for (uintptr_t p = ROUND_DOWN((uintptr_t)va, line); !cpu_features.icache_coherent && p < end;
	    p += line)
		__asm__ volatile("ic ivau, %0" :: "r"(p) : "memory");
	__asm__ volatile("dsb ish" ::: "memory");
	isb();
}
