/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User execution: running it, and what floating-point state is. The contract is <nucleus/user.h>,
 * what is the same for all CPUs nucleus/user.c.
 *
 * cpu_user_enter() (switch.S) goes to user mode and comes back as if it were a function call. A
 * system call comes back by itself; for anything else trap.S has made a frame on the thread's
 * stack, below cpu_user_enter()'s. An interrupt goes back to user mode from there, also after other
 * threads have run; an exception, or an interrupt that finds the work word set, copies the frame to
 * the caller's registers and drops it with cpu_user_leave().
 *
 * Locking: interrupts are off wherever the CPU's state of this kind is touched.
 */
#include <nucleus/string.h>
#include <nucleus/thread.h>
#include <nucleus/user.h>

#include "asm.h"
#include "trap.h"

/* Linux's struct user_fpsimd_state. */
struct fp_state {
	uint64_t	v[64];
	uint32_t	fpsr, fpcr, reserved[2];
};

#define FPSR_USER	0xf800009fu	/* the bits that are something */
#define FPCR_USER	0x07f79f00u

#define CPACR_FP	(3ul << 20)	/* floating point traps nowhere */
#define CPACR_TRAP	(1ul << 20)	/* in user mode */

_Static_assert(offsetof(struct user, space) == USER_SPACE, "asm.h");
_Static_assert(offsetof(struct space, pt) == 0, "native.S");

void cpu_user_enter(struct cpu_regs *regs);
void cpu_user_leave(void) NORETURN;

/* ---- floating-point state; saved and loaded by switch.S ---- */

void user_features(struct user_features *f)
{
	*f = (struct user_features) { .hwcap = 0x3 };	/* floating point, vectors */
}

size_t cpu_fp_size(void)
{
	return sizeof(struct fp_state);
}

void cpu_fp_init(void *fp)
{
	memset(fp, 0, sizeof(struct fp_state));
}

bool cpu_fp_valid(const void *fp)
{
	const struct fp_state *s = fp;

	return (s->fpsr & ~FPSR_USER) == 0 && (s->fpcr & ~FPCR_USER) == 0;
}

void cpu_fp_clean(void *fp)
{
	struct fp_state *s = fp;

	s->reserved[0] = s->reserved[1] = 0;
}

void cpu_fp_allow(bool on)
{
	struct cpu_arch *a = &cpu_self()->arch;

	if (a->fp_trap == !on)
		return;
	sysreg_write(cpacr_el1, on ? CPACR_FP : CPACR_TRAP);
	a->fp_trap = !on;
}

/* ---- running ---- */

static void set_stepping(struct cpu_arch *a, bool on)
{
	sysreg_write(mdscr_el1, on);
	a->stepping = on;
}

static void set_native(struct cpu_arch *a, bool native)
{
	sysreg_write(vbar_el1, native ? trap_native_vectors : trap_vectors);
	a->native = native;
}

/*
 * A native program that does not use floating point is bare: it has nothing on the CPU, and what is
 * there of such programs is the same for all.
 */
static inline bool is_bare(const struct user *u)
{
	return u->fp == NULL;
}

static NOINLINE void load(struct cpu *cpu, struct user *u)
{
	struct cpu_arch *a = &cpu->arch;

	if (is_bare(u) && a->bare)
		return;
	if (is_bare(u)) {
		user_unload();
		cpu_fp_allow(false);
	} else {
		user_load(u);
	}
	if (a->native != u->native)
		set_native(a, u->native);
	a->bare = is_bare(u);
}

/* Before each return to user mode: page tables, floating point and debugging are u's. */
static inline void prepare(struct user *u, uint64_t pstate)
{
	struct cpu *cpu = cpu_self();

	if (unlikely(cpu->arch.pt != &u->space->pt))
		cpu_pt_use(&u->space->pt);
	if (unlikely(cpu->user != u && !(cpu->arch.bare && is_bare(u))))
		load(cpu, u);
	if (unlikely(cpu->arch.stepping != !!(pstate & PSTATE_SS)))
		set_stepping(&cpu->arch, pstate & PSTATE_SS);
}

/* Where floating point is loaded is where the user is; so one comparison does in most runs. */
static inline bool ready(const struct user *u)
{
	const struct cpu *cpu = cpu_self();

	return !sched_user_waits() &&
	    (likely(cpu->user == u) || (cpu->arch.bare && is_bare(u) && u->cpu == cpu));
}

static NOINLINE void get_ready(struct user *u)
{
	do {
		if (!user_is_here(u))
			user_arrive(u);
		if (sched_user_waits())
			sched_enter_user(u->work);
	} while (!user_is_here(u));
}

void user_run(struct user *u, struct space *s, struct cpu_regs *regs, const volatile unsigned *work,
    struct user_trap *trap)
{
	struct thread *t = thread_self();

	trap->why = USER_SYSCALL;
	trap->ran = 0;
	regs->pstate &= PSTATE_NZCV | PSTATE_SS;
	u->space = s;
	u->work = work;
	u->trap = trap;

	cpu_irq_disable();
	t->user = u;
	u->running = 1;
	if (unlikely(!ready(u)))
		get_ready(u);
	if (likely(*work == 0)) {
		prepare(u, regs->pstate);
		cpu_user_enter(regs);
	} else {
		trap->why = USER_WORK;
	}
	t->user = NULL;
	u->running = 0;
	cpu_irq_enable();
}

void user_exception(struct trap_frame *f)
{
	struct thread *t = cpu_thread();
	struct user_trap *trap = t->user->trap;
	unsigned class = (unsigned)(f->esr >> ESR_EC_SHIFT);

	trap->vector = class;
	trap->code = f->esr & 0x1ffffff;
	trap->addr = 0;
	trap->why = class == EC_FP && t->user->fp == NULL ? USER_FP : USER_EXCEPTION;
	if (class == EC_FETCH_USER || class == EC_DATA_USER) {
		trap->addr = f->far;
		trap->access = class == EC_FETCH_USER ? PROT_X : trap_is_write(f->esr) ? PROT_W : PROT_R;
		if (trap_is_page_fault(f->esr))
			trap->why = USER_FAULT;
	}
	*t->context.user_regs = f->regs;
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
		*t->context.user_regs = f->regs;
		cpu_user_leave();
	}
	prepare(u, f->regs.pstate);
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
	prepare(u, 0);
	return false;
}
