/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User execution: running it, and what floating-point state is. The contract is <nucleus/user.h>,
 * what is the same for all CPUs nucleus/user.c.
 *
 * cpu_user_enter() (switch.S) goes to user mode and comes back as if it were a function call, with
 * what ends a run done. A system call comes back by itself; for anything else trap() has made a
 * frame on the thread's stack, below cpu_user_enter()'s. An interrupt goes back to user mode from
 * there, also after other threads have run; an exception, or an interrupt that finds the work word
 * set, copies the frame to the caller's registers and drops it with cpu_user_leave().
 *
 * Segment bases stay loaded like floating-point registers, with which they are exchanged.
 *
 * Locking: interrupts are off wherever the CPU's state of this kind is touched.
 */
#include <nucleus/string.h>
#include <nucleus/thread.h>
#include <nucleus/user.h>

#include "asm.h"
#include "trap.h"
#include "user.h"

/* Components of XSAVE: x87, SSE, AVX, AVX-512. Not those that need more than room. */
#define XSTATE_WANTED	0xe7u
#define FP_LEGACY	512		/* FXSAVE's area, with which XSAVE's begins */
#define FP_SOFTWARE	464		/* from here on it is not the CPU's */
#define FCW_RESET	0x37f
#define MXCSR_RESET	0x1f80

struct fp_area {
	uint16_t	fcw, fsw;
	uint8_t		other[20];
	uint32_t	mxcsr, mxcsr_mask;
	uint8_t		registers[FP_LEGACY - 32];
	uint64_t	xstate_bv, xcomp_bv, reserved[6];
};

_Static_assert(offsetof(struct user, running) == USER_RUNNING, "asm.h");
_Static_assert(offsetof(struct user, space) == USER_SPACE, "asm.h");
_Static_assert(offsetof(struct space, pt) == 0, "native.S");

void cpu_user_enter(struct cpu_regs *regs);
void cpu_user_leave(void) NORETURN;
void cpu_syscall_entry(void);
void cpu_native_entry(void);

static size_t fp_size;
static uint32_t fp_mxcsr_mask;
static uint64_t fp_components;

/* ---- floating-point state ---- */

void cpu_fp_save(void *fp)
{
	if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)" :: "r"(fp), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" :: "r"(fp) : "memory");
}

void cpu_fp_load(const void *fp)
{
	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)" :: "r"(fp), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" :: "r"(fp) : "memory");
}

void user_init(void)
{
	static struct fp_area area ALIGNED(64);

	fp_size = FP_LEGACY;
	if (cpu_features.xsave) {
		fp_components = cpuid(13, 0).eax & XSTATE_WANTED;
		__asm__ volatile("xsetbv" :: "a"((uint32_t)fp_components), "d"(0), "c"(0));
		fp_size = cpuid(13, 0).ebx;
	}
	__asm__ volatile("fxsave64 %0" : "=m"(area));
	fp_mxcsr_mask = area.mxcsr_mask != 0 ? area.mxcsr_mask : 0xffbf;
}

void user_features(struct user_features *f)
{
	f->fp_components = cpu_features.xsave ? fp_components : 3;
	f->hwcap = cpuid(1, 0).edx;
	f->hwcap2 = 0;			/* programs may not write their segment bases */
}

size_t cpu_fp_size(void)
{
	return fp_size;
}

void cpu_fp_init(void *fp)
{
	struct fp_area *a = fp;

	memset(fp, 0, fp_size);
	a->fcw = FCW_RESET;
	a->mxcsr = MXCSR_RESET;
}

bool cpu_fp_valid(const void *fp)
{
	const struct fp_area *a = fp;
	uint64_t bad;

	if ((a->mxcsr & ~fp_mxcsr_mask) != 0)
		return false;
	if (!cpu_features.xsave)
		return true;
	bad = (a->xstate_bv & ~fp_components) | a->xcomp_bv;
	for (unsigned i = 0; i < ARRAY_SIZE(a->reserved); i++)
		bad |= a->reserved[i];
	return bad == 0;
}

void cpu_fp_clean(void *fp)
{
	memset((uint8_t *)fp + FP_SOFTWARE, 0, FP_LEGACY - FP_SOFTWARE);
}

/*
 * Before the registers are closed they are cleared: some CPUs read closed ones ahead of the trap
 * (CVE-2018-3665), and what another program had there could be guessed.
 */
void cpu_fp_allow(bool on)
{
	static const struct fp_area clean ALIGNED(64) = { .fcw = FCW_RESET, .mxcsr = MXCSR_RESET };
	struct cpu_arch *a = &cpu_self()->arch;
	unsigned long cr0;

	if (a->fp_trap == !on)
		return;
	if (on) {
		__asm__ volatile("clts");
	} else {
		cpu_fp_load(&clean);
		__asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
		__asm__ volatile("movq %0, %%cr0" :: "r"(cr0 | CR0_TS));
	}
	a->fp_trap = !on;
}

/* ---- running ---- */

static inline uint64_t base_checked(uint64_t base)
{
	return base < USER_END ? base : 0;
}

static void set_native(struct cpu_arch *a, bool native)
{
	wrmsr(MSR_LSTAR, (uint64_t)(native ? cpu_native_entry : cpu_syscall_entry));
	a->native = native;
}

/*
 * A native program that uses neither floating point nor segment bases is bare: it has nothing on
 * the CPU, and what is there of such programs is the same for all. By loading selectors they can
 * only make a base 0.
 */
static inline bool is_bare(const struct user *u, const struct cpu_regs *regs)
{
	return u->fp == NULL && regs->fs_base == 0;
}

static void become_bare(struct cpu_arch *a)
{
	user_unload();
	cpu_fp_allow(false);
	if (!a->native)
		set_native(a, true);
	__asm__ volatile("movl %0, %%fs" :: "r"(0));
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_KERNEL_GS, 0);
	a->fs_base = a->gs_base = 0;
	a->bare = true;
}

static void load(struct cpu *cpu, struct user *u, const struct cpu_regs *regs)
{
	uint64_t fs = base_checked(regs->fs_base), gs = base_checked(regs->gs_base);
	struct cpu_arch *a = &cpu->arch;

	if (a->pt != &u->space->pt)
		cpu_pt_use(&u->space->pt);
	if (is_bare(u, regs)) {
		if (!a->bare)
			become_bare(a);
		return;
	}
	a->bare = false;
	if (cpu->user != u) {
		user_load(u);
		if (a->native != u->native)
			set_native(a, u->native);
		/* A program may load a selector, which changes the base behind our back. */
		__asm__ volatile("movl %0, %%fs" :: "r"(0));
		a->fs_base = a->gs_base = ~0ul;
	}
	if (a->fs_base != fs) {
		wrmsr(MSR_FS_BASE, fs);
		a->fs_base = fs;
	}
	if (a->gs_base != gs) {
		wrmsr(MSR_KERNEL_GS, gs);
		a->gs_base = gs;
	}
}

/*
 * Page tables, floating point, segment bases that are loaded are u's. So it is here: floating point
 * is loaded on one CPU.
 */
static inline bool prepared(const struct user *u, const struct cpu_regs *regs)
{
	const struct cpu *cpu = cpu_self();

	if (unlikely(cpu->arch.pt != &u->space->pt))
		return false;
	if (unlikely(cpu->user != u))
		return cpu->arch.bare && is_bare(u, regs) && u->cpu == cpu;
	return cpu->arch.fs_base == regs->fs_base && cpu->arch.gs_base == regs->gs_base;
}

/* Before each return to user mode. */
static inline void prepare(struct user *u, const struct cpu_regs *regs)
{
	if (unlikely(!prepared(u, regs)))
		load(cpu_self(), u, regs);
}

/* The run ends without having begun. */
static void not_run(struct user *u)
{
	thread_self()->user = NULL;
	u->running = 0;
	cpu_irq_enable();
}

/* Something is not as it nearly always is. */
static NOINLINE void enter_slowly(struct user *u, struct cpu_regs *regs)
{
	struct user_trap *trap = u->trap;

	do {
		if (!user_is_here(u))
			user_arrive(u);
		if (sched_user_waits())
			sched_enter_user(u->work);
	} while (!user_is_here(u));
	if (*u->work != 0) {
		trap->why = USER_WORK;
		not_run(u);
	} else if (regs->rip >= USER_END) {
		*trap = (struct user_trap) { USER_FAULT, PROT_X, TRAP_PF, PF_USER | PF_FETCH,
		    regs->rip, 0 };
		not_run(u);
	} else {
		prepare(u, regs);
		cpu_user_enter(regs);
	}
}

/* On every system call's way: each instruction counts. */
void user_run(struct user *u, struct space *s, struct cpu_regs *regs, const volatile unsigned *work,
    struct user_trap *trap)
{
	trap->why = USER_SYSCALL;
	trap->ran = 0;
	u->space = s;
	u->work = work;
	u->trap = trap;

	cpu_irq_disable();
	thread_self()->user = u;
	u->running = 1;
	if (likely(!sched_user_waits() && *work == 0 && regs->rip < USER_END && prepared(u, regs)))
		cpu_user_enter(regs);
	else
		enter_slowly(u, regs);
}

/* The registers of user mode, from the frame to where user_run()'s caller wants them. */
static void copy_regs(const struct trap_frame *f)
{
	struct cpu_regs *regs = cpu_thread()->context.user_regs;

	memcpy(regs, f, offsetof(struct trap_frame, vector));
	regs->orig_rax = ~0ul;
	regs->rip = f->rip;
	regs->eflags = f->eflags;
	regs->rsp = f->rsp;
}

void user_exception(struct trap_frame *f)
{
	struct user *u = cpu_thread()->user;
	struct user_trap *trap = u->trap;

	trap->vector = (unsigned)f->vector;
	trap->code = (unsigned)f->error;
	trap->addr = f->vector == TRAP_DB ? trap_debug_status() : 0;
	trap->why = f->vector == TRAP_NM && u->fp == NULL ? USER_FP : USER_EXCEPTION;
	if (f->vector == TRAP_PF && !(f->error & PF_USER)) {
		/*
		 * An access of the CPU's own, not the program's: mapping the page would not help. QEMU's
		 * iret and far return read the stack so, which SMAP forbids.
		 */
		trap->vector = TRAP_GP;
		trap->code = 0;
	} else if (f->vector == TRAP_PF) {
		trap->why = USER_FAULT;
		trap->addr = trap_address();
		trap->access = f->error & PF_FETCH ? PROT_X : f->error & PF_WRITE ? PROT_W : PROT_R;
	}
	copy_regs(f);
	cpu_user_leave();
}

/* It may have been interrupted on another CPU; being fetched from there, it may be given work. */
void user_check_work(struct trap_frame *f)
{
	struct thread *t = cpu_thread();
	struct user *u = t->user;

	while (unlikely(!user_is_here(u)))
		user_arrive(u);
	t->kicked = false;
	if (*u->work != 0 || u->stop) {
		u->stop = false;
		u->trap->why = USER_WORK;
		copy_regs(f);
		cpu_user_leave();
	}
	prepare(u, t->context.user_regs);
}

bool user_resume(void)
{
	struct thread *t;
	struct user *u;

	if (cpu_resched_due())
		sched_irq_exit();
	t = cpu_thread();
	u = t->user;
	while (!user_is_here(u))
		user_arrive(u);
	t->kicked = false;
	if (*u->work != 0 || u->stop) {
		u->stop = false;
		u->trap->why = USER_WORK;
		return true;
	}
	prepare(u, t->context.user_regs);
	return false;
}
