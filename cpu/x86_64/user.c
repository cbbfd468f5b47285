/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User execution. The contract is <nucleus/user.h>.
 *
 * cpu_user_enter() (switch.S) goes to user mode and comes back as if it were a function call, with
 * what ends a run done. A system call comes back by itself; for anything else trap() has made a
 * frame on the thread's stack, below cpu_user_enter()'s. An interrupt goes back to user mode from
 * there, also after other threads have run; an exception, or an interrupt that finds the work word
 * set, copies the frame to the caller's registers and drops it with cpu_user_leave().
 *
 * Floating-point registers and segment bases stay loaded for the user that they were loaded for,
 * struct cpu_arch.user, until another user runs on the CPU: only then are they saved. The kernel
 * itself uses neither. Threads do not move between CPUs; whoever makes them do so saves first.
 *
 * Locking: interrupts are off wherever a user's or the CPU's state of this kind is touched.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
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
#define FP_HEADER	64		/* follows it */
#define FCW_RESET	0x37f
#define MXCSR_RESET	0x1f80

struct user {
	struct thread		*thread;	/* that runs it, or NULL */
	uint8_t			*fp;	/* FXSAVE or XSAVE area; out of date while loaded */
	struct space		*space;	/* while running */
	const volatile unsigned	*work;
	bool			stop;	/* as if *work were not 0 */
	bool			native;
	bool			lazy;	/* native, and has never touched fp, which is NULL */
	struct user_trap	*trap;
};

struct fp_area {
	uint16_t	fcw, fsw;
	uint8_t		other[20];
	uint32_t	mxcsr, mxcsr_mask;
	uint8_t		registers[FP_LEGACY - 32];
	uint64_t	xstate_bv, xcomp_bv, reserved[6];
};

_Static_assert(offsetof(struct user, thread) == USER_THREAD, "asm.h");

void cpu_user_enter(struct cpu_regs *regs);
void cpu_user_leave(void) NORETURN;
void cpu_syscall_entry(void);
void cpu_native_entry(void);

static size_t fp_size;
static uint32_t fp_mxcsr_mask;
static uint64_t fp_components;

/* ---- floating-point state ---- */

static void fp_save(struct user *u)
{
	if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)" :: "r"(u->fp), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" :: "r"(u->fp) : "memory");
}

static void fp_load(const struct user *u)
{
	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)" :: "r"(u->fp), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" :: "r"(u->fp) : "memory");
}

/* Make u->fp valid. u stays loaded if it is. */
static void fp_sync(struct user *u)
{
	unsigned long flags = cpu_irq_save();

	if (cpu_self()->arch.user == u && !u->lazy)
		fp_save(u);
	cpu_irq_restore(flags);
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

size_t user_fp_size(void)
{
	return fp_size;
}

void user_fp_get(struct user *u, void *buf)
{
	fp_sync(u);
	memcpy(buf, u->fp, fp_size);
}

int user_fp_put(struct user *u, const void *buf, size_t len)
{
	const struct fp_area *a = buf;
	unsigned long flags;

	if (len != fp_size || (a->mxcsr & ~fp_mxcsr_mask) != 0)
		return E_INVAL;
	if (cpu_features.xsave) {
		uint64_t bad = (a->xstate_bv & ~fp_components) | a->xcomp_bv;

		for (unsigned i = 0; i < ARRAY_SIZE(a->reserved); i++)
			bad |= a->reserved[i];
		if (bad != 0)
			return E_INVAL;
	}
	flags = cpu_irq_save();
	memcpy(u->fp, buf, len);
	memset(u->fp + FP_SOFTWARE, 0, FP_LEGACY - FP_SOFTWARE);
	if (cpu_self()->arch.user == u)
		cpu_self()->arch.user = NULL;
	cpu_irq_restore(flags);
	return 0;
}

/* ---- users ---- */

struct user *user_create(struct user *from)
{
	struct user *u = heap_zalloc(sizeof(*u));

	if (u == NULL)
		return NULL;
	u->fp = heap_alloc_aligned(fp_size, 64);
	if (u->fp == NULL) {
		heap_free(u);
		return NULL;
	}
	user_reset(u, from);
	return u;
}

/* What is loaded of u is not its state any more. */
static void forget(struct user *u)
{
	unsigned long flags = cpu_irq_save();

	if (cpu_self()->arch.user == u)
		cpu_self()->arch.user = NULL;
	cpu_irq_restore(flags);
}

void user_reset(struct user *u, struct user *from)
{
	struct fp_area *a = (struct fp_area *)u->fp;

	forget(u);
	if (from != NULL) {
		user_fp_get(from, u->fp);
		return;
	}
	memset(u->fp, 0, fp_size);
	a->fcw = FCW_RESET;
	a->mxcsr = MXCSR_RESET;
}

struct user *user_create_native(struct user *from)
{
	struct user *u = heap_zalloc(sizeof(*u));

	if (u == NULL)
		return NULL;
	u->native = u->lazy = true;
	if (from == NULL || from->lazy)
		return u;
	u->fp = heap_alloc_aligned(fp_size, 64);
	if (u->fp == NULL) {
		heap_free(u);
		return NULL;
	}
	u->lazy = false;
	user_fp_get(from, u->fp);
	return u;
}

void user_reset_native(struct user *u)
{
	forget(u);
	u->lazy = true;
	heap_free(u->fp);
	u->fp = NULL;
}

int user_fp_begin(struct user *u)
{
	forget(u);
	u->fp = heap_alloc_aligned(fp_size, 64);
	if (u->fp == NULL)
		return E_NOMEM;
	u->lazy = false;
	user_reset(u, NULL);
	return 0;
}

void user_destroy(struct user *u)
{
	forget(u);
	heap_free(u->fp);
	heap_free(u);
}

/* With one CPU the caller is not user code, and who is waits for the CPU. */
void user_kick(struct user *u)
{
	unsigned long flags = cpu_irq_save();

	if (u->thread != NULL)
		sched_kick(u->thread);
	cpu_irq_restore(flags);
	if (cpu_resched_due())
		sched_preempt();
}

bool user_has_work(const struct user *u)
{
	return *u->work != 0;
}

void user_stop(struct user *u, uint64_t ran)
{
	u->stop = true;
	u->trap->ran = ran;
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

static void set_fp_trap(struct cpu_arch *a, bool trap)
{
	unsigned long cr0;

	if (trap) {
		__asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
		__asm__ volatile("movq %0, %%cr0" :: "r"(cr0 | CR0_TS));
	} else {
		__asm__ volatile("clts");
	}
	a->fp_trap = trap;
}

static void load(struct cpu_arch *a, struct user *u, const struct cpu_regs *regs)
{
	uint64_t fs = base_checked(regs->fs_base), gs = base_checked(regs->gs_base);

	if (a->root != u->space->pt.root)
		cpu_pt_use(&u->space->pt);
	if (a->user != u) {
		if (a->user != NULL && !a->user->lazy)
			fp_save(a->user);
		if (a->fp_trap != u->lazy)
			set_fp_trap(a, u->lazy);
		if (!u->lazy)
			fp_load(u);
		if (a->native != u->native)
			set_native(a, u->native);
		a->user = u;
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

/* Page tables, floating point, segment bases that are loaded are u's. */
static inline bool prepared(const struct user *u, const struct cpu_regs *regs)
{
	const struct cpu_arch *a = &cpu_self()->arch;

	return a->root == u->space->pt.root && a->user == u && a->fs_base == regs->fs_base &&
	    a->gs_base == regs->gs_base;
}

/* Before each return to user mode. */
static inline void prepare(struct user *u, const struct cpu_regs *regs)
{
	if (unlikely(!prepared(u, regs)))
		load(&cpu_self()->arch, u, regs);
}

/* The run ends without having begun. */
static void not_run(struct user *u)
{
	thread_self()->user = NULL;
	u->thread = NULL;
	cpu_irq_enable();
}

/* Something is not as it nearly always is. */
static NOINLINE void enter_slowly(struct user *u, struct cpu_regs *regs)
{
	struct user_trap *trap = u->trap;

	if (sched_user_waits())
		sched_enter_user(u->work);
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
	struct thread *t = thread_self();

	trap->why = USER_SYSCALL;
	trap->ran = 0;
	u->space = s;
	u->work = work;
	u->stop = false;
	u->trap = trap;

	cpu_irq_disable();
	t->user = u;
	t->kicked = false;
	u->thread = t;
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
	trap->why = f->vector == TRAP_NM && u->lazy ? USER_FP : USER_EXCEPTION;
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

void user_check_work(struct trap_frame *f)
{
	struct thread *t = cpu_thread();

	if (*t->user->work != 0 || t->user->stop) {
		t->user->trap->why = USER_WORK;
		copy_regs(f);
		cpu_user_leave();
	}
	t->kicked = false;
	prepare(t->user, t->context.user_regs);
}

bool user_resume(void)
{
	struct thread *t;
	struct user *u;

	if (unlikely(cpu_resched_due()))
		sched_irq_exit();
	t = cpu_thread();
	u = t->user;
	if (unlikely(*u->work != 0 || u->stop)) {
		u->trap->why = USER_WORK;
		return true;
	}
	prepare(u, t->context.user_regs);
	return false;
}
