/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU: features, descriptor tables, control registers.
 *
 * Interface: cpu_init, cpu_stacks, cpu_set_thread, cpu_idle, cpu_halt, cpu_name, cpu_features,
 * cpu_context_init, cpu_random, cpu_dma_memory, virt_to_phys.
 * Locking: none; each CPU sets itself up, cpu_features is constant after boot.
 */
#include <nucleus/log.h>
#include <nucleus/space.h>
#include <nucleus/string.h>
#include <nucleus/thread.h>

#include "asm.h"
#include "trap.h"
#include "user.h"

#define CR4_MCE		0x00000040ul
#define CR4_PGE		0x00000080ul
#define CR4_OSFXSR	0x00000200ul
#define CR4_OSXMMEXCPT	0x00000400ul
#define CR4_UMIP	0x00000800ul
#define CR4_PCIDE	0x00020000ul
#define CR4_OSXSAVE	0x00040000ul
#define CR4_SMEP	0x00100000ul
#define CR4_SMAP	0x00200000ul
#define CR0_MP		0x00000002ul
#define CR0_EM		0x00000004ul
#define CR0_NE		0x00000020ul

#define MSR_PAT		0x277
#define MSR_SYSENTER_CS	0x174
#define PAT_WC_AT_1	0x0007040600070106ul	/* the default, but for entry 1: write combining */

#define IST_SIZE	(8 * KIB)
#define IST_COUNT	4

struct cpu_features cpu_features;
struct cpu cpus[CPU_MAX];

static uint8_t early_stack[IST_SIZE] ALIGNED(16);	/* all of the boot CPU's, at first */
static char name[49];

void cpu_syscall_entry(void);
void cpu_thread_start(void);
size_t copy_to_fault(void *to, const void *from, size_t len);	/* memory.S */

_Static_assert(offsetof(struct cpu, self) == CPU_SELF, "asm.h");
_Static_assert(offsetof(struct cpu, thread) == CPU_THREAD, "asm.h");
_Static_assert(offsetof(struct cpu, runq) == CPU_RUNQ, "asm.h");
_Static_assert(offsetof(struct cpu, resched) == 16, "cpu_resched_due");
_Static_assert(offsetof(struct cpu, arch.scratch) == CPU_SCRATCH, "asm.h");
_Static_assert(offsetof(struct cpu, arch.tss.rsp[0]) == CPU_TSS_RSP0, "asm.h");
_Static_assert(offsetof(struct thread, context.sp) == CTX_SP, "asm.h");
_Static_assert(offsetof(struct thread, context.user_sp) == CTX_USER_SP, "asm.h");
_Static_assert(offsetof(struct thread, context.user_regs) == CTX_USER_REGS, "asm.h");
_Static_assert(offsetof(struct thread, user) == THREAD_USER, "asm.h");
_Static_assert(offsetof(struct cpu_regs, orig_rax) == R_ORIG_RAX, "asm.h");
_Static_assert(offsetof(struct cpu_regs, ss) == R_SS, "asm.h");

static void find_features(void)
{
	struct cpu_features *f = &cpu_features;
	uint32_t max = cpuid(0, 0).eax, ext = cpuid(0x80000000, 0).eax;
	struct cpuid c1 = cpuid(1, 0), e1 = cpuid(0x80000001, 0), c;
	unsigned bits = 36;

	f->mce = c1.edx >> 7 & 1;
	f->apic = c1.edx >> 9 & 1;
	f->pge = c1.edx >> 13 & 1;
	f->pcid = f->pge && (c1.ecx >> 17 & 1);
	f->pat = c1.edx >> 16 & 1;
	f->deadline = c1.ecx >> 24 & 1;
	f->xsave = c1.ecx >> 26 & 1;
	f->rdrand = c1.ecx >> 30 & 1;
	f->hypervisor = c1.ecx >> 31;
	f->nx = e1.edx >> 20 & 1;
	f->pdpe1gb = e1.edx >> 26 & 1;
	if (max >= 7) {
		c = cpuid(7, 0);
		f->smep = c.ebx >> 7 & 1;
		f->rdseed = c.ebx >> 18 & 1;
		f->smap = c.ebx >> 20 & 1;
		f->umip = c.ecx >> 2 & 1;
	}
	if (ext >= 0x80000007)
		f->invariant_tsc = cpuid(0x80000007, 0).edx >> 8 & 1;
	if (ext >= 0x80000008)
		bits = cpuid(0x80000008, 0).eax & 0xff;
	f->phys_mask = (1ul << bits) - 1;
	if (ext >= 0x80000004) {
		for (unsigned i = 0; i < 3; i++) {
			c = cpuid(0x80000002 + i, 0);
			memcpy(name + i * 16, &c, 16);
		}
	}
}

const char *cpu_name(void)
{
	const char *s = name;

	while (*s == ' ')
		s++;
	return s;
}

/* Segments: only those that 64-bit mode, system calls and the TSS need. */
static void load_gdt(struct cpu *cpu)
{
	struct cpu_arch *a = &cpu->arch;
	uint64_t tss = (uint64_t)&a->tss;
	struct {
		uint16_t	limit;
		const void	*base;
	} PACKED gdtr = { sizeof(a->gdt) - 1, a->gdt };

	a->gdt[SEL_KERNEL_CS / 8] = 0x00af9b000000ffff;
	a->gdt[SEL_KERNEL_DS / 8] = 0x00cf93000000ffff;
	a->gdt[SEL_USER_SS / 8] = 0x00cff3000000ffff;
	a->gdt[SEL_USER_CS / 8] = 0x00affb000000ffff;
	a->gdt[SEL_TSS / 8] = (sizeof(a->tss) - 1) | (tss & 0xffffff) << 16 | 0x89ul << 40 |
	    (tss >> 24 & 0xff) << 56;
	a->gdt[SEL_TSS / 8 + 1] = tss >> 32;
	a->tss.iomap = sizeof(a->tss);
	for (unsigned i = 0; i < IST_COUNT && cpu->id == 0; i++)
		a->tss.ist[i] = (uint64_t)early_stack + IST_SIZE;

	__asm__ volatile("lgdt %0" :: "m"(gdtr));
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:"
			 :: "i"(SEL_KERNEL_CS) : "rax", "memory");
	__asm__ volatile("movl %0, %%ss; movl %1, %%ds; movl %1, %%es; movl %1, %%fs; movl %1, %%gs"
			 :: "r"(SEL_KERNEL_DS), "r"(0));
	__asm__ volatile("ltr %w0" :: "r"(SEL_TSS));
	/* After reset the LDT is a valid one, at address 0, where a program's memory is. */
	__asm__ volatile("lldt %w0" :: "r"(0));
}

bool cpu_stacks(struct cpu *cpu)
{
	for (unsigned i = 0; i < IST_COUNT; i++) {
		char *stack = kva_alloc(IST_SIZE);

		if (stack == NULL)
			return false;
		cpu->arch.tss.ist[i] = (uint64_t)stack + IST_SIZE;
	}
	return true;
}

void cpu_init(struct cpu *cpu)
{
	const struct cpu_features *f = &cpu_features;
	unsigned long cr0, cr4;

	if (cpu->id == 0)
		find_features();
	cpu->self = cpu;
	load_gdt(cpu);
	wrmsr(MSR_GS_BASE, (uint64_t)cpu);
	wrmsr(MSR_KERNEL_GS, 0);
	trap_init();
	if (cpu->id != 0)
		pt_init_secondary();		/* before global pages are switched on */

	__asm__("movq %%cr0, %0" : "=r"(cr0));
	cr0 = (cr0 | CR0_MP | CR0_NE | CR0_WP) & ~(CR0_EM | CR0_TS);
	__asm__ volatile("movq %0, %%cr0" :: "r"(cr0));
	__asm__("movq %%cr4, %0" : "=r"(cr4));
	cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
	cr4 |= f->mce ? CR4_MCE : 0;
	cr4 |= f->pge ? CR4_PGE : 0;
	cr4 |= f->pcid ? CR4_PCIDE : 0;
	cr4 |= f->smep ? CR4_SMEP : 0;
	cr4 |= f->smap ? CR4_SMAP : 0;
	cr4 |= f->umip ? CR4_UMIP : 0;
	cr4 |= f->xsave ? CR4_OSXSAVE : 0;
	__asm__ volatile("movq %0, %%cr4" :: "r"(cr4) : "memory");
	if (f->pat)
		wrmsr(MSR_PAT, PAT_WC_AT_1);

	wrmsr(MSR_SYSENTER_CS, 0);		/* that instruction is a fault */
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (uint64_t)SEL_SYSRET << 48 | (uint64_t)SEL_KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (uint64_t)cpu_syscall_entry);
	wrmsr(MSR_FMASK, EFLAGS_IF | EFLAGS_TF | EFLAGS_DF | EFLAGS_AC | EFLAGS_NT | EFLAGS_IOPL |
	    EFLAGS_RF);
	user_init();
}

/* An interrupt between the two instructions is not lost: sti takes effect after the next one. */
void cpu_idle(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

void cpu_set_thread(struct thread *t)
{
	cpu_self()->thread = t;
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

void cpu_context_init(struct cpu_context *ctx, vaddr_t top, void (*fn)(void *), void *arg)
{
	uint64_t *sp = (uint64_t *)ROUND_DOWN(top, 16);

	*--sp = 0;				/* the end of backtraces */
	*--sp = (uint64_t)cpu_thread_start;
	*--sp = 0;				/* rbp */
	*--sp = (uint64_t)fn;			/* rbx */
	*--sp = (uint64_t)arg;			/* r12 */
	sp -= 3;				/* r13, r14, r15 */
	ctx->sp = (uint64_t)sp;
	ctx->user_sp = 0;
	ctx->user_regs = NULL;
}

paddr_t virt_to_phys(const void *p)
{
	uintptr_t va = (uintptr_t)p;

	return va >= KERNEL_BASE ? va - KERNEL_BASE + kernel_delta : va - DIRECT_BASE;
}

/* A PC's caches see what devices do. */
unsigned cpu_dma_memory(const void *va, size_t len)
{
	(void)va;
	(void)len;
	return 0;
}

/* rdrand and rdseed clear the carry flag when they have nothing just now. */
size_t cpu_random(void *buf, size_t len)
{
	size_t done = 0;
	unsigned tries = 0;
	uint64_t v;
	bool ok;

	if (!cpu_features.rdrand && !cpu_features.rdseed)
		return 0;
	while (done < len && tries < 32) {
		if (cpu_features.rdseed)
			__asm__ volatile("rdseed %0" : "=r"(v), "=@ccc"(ok));
		else
			__asm__ volatile("rdrand %0" : "=r"(v), "=@ccc"(ok));
		if (!ok) {
			tries++;
			cpu_pause();
			continue;
		}
		memcpy((char *)buf + done, &v, MIN(len - done, sizeof(v)));
		done += MIN(len - done, sizeof(v));
	}
	return done;
}

/* ---- copies ---- */

/* The program's rights are the kernel's, but for SMAP. */
static size_t copy_with_access(void *to, const void *from, size_t len)
{
	size_t left;

	if (!cpu_features.smap)
		return copy_to_fault(to, from, len);
	__asm__ volatile("stac" ::: "memory", "cc");
	left = copy_to_fault(to, from, len);
	__asm__ volatile("clac" ::: "memory", "cc");
	return left;
}

size_t cpu_copy_in(void *to, vaddr_t from, size_t len)
{
	return copy_with_access(to, (const void *)from, len);
}

size_t cpu_copy_out(vaddr_t to, const void *from, size_t len)
{
	return copy_with_access((void *)to, from, len);
}
