/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User execution. The contract is <nucleus/user.h>.
 *
 * cpu_user_enter() (switch.S) goes to user mode and comes back as if it were a function call. A
 * system call comes back by itself; for anything else trap.S has made a frame on the thread's
 * stack, below cpu_user_enter()'s. An interrupt goes back to user mode from there, also after other
 * threads have run; an exception, or an interrupt that finds the work word set, copies the frame to
 * the caller's registers and drops it with cpu_user_leave().
 *
 * Floating-point registers stay loaded for the user that they were loaded for, struct
 * cpu_arch.user, until another user runs on the CPU: only then are they saved. The kernel does not
 * use them. A user knows the CPU that it is loaded on; another that needs its state calls there.
 *
 * Locking: interrupts are off wherever a user's or the CPU's state of this kind is touched, which a
 * CPU does with its own alone; the last it does with a user that it has no more is to clear loaded.
 */
#include <nucleus/error.h>
#include <nucleus/heap.h>
#include <nucleus/log.h>
#include <nucleus/smp.h>
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

struct user {
	struct fp_state		fp;	/* out of date while loaded */
	struct cpu		*loaded;	/* whose registers have fp, or NULL */
	struct cpu		*cpu;	/* where it runs, or NULL */
	struct thread		*thread;	/* that runs it, or NULL */
	struct space		*space;	/* while running */
	const volatile unsigned	*work;
	bool			stop;	/* as if *work were not 0 */
	bool			native;
	bool			lazy;	/* native, and has never touched fp */
	struct user_trap	*trap;
};

#define CPACR_FP	(3ul << 20)	/* floating point traps nowhere */
#define CPACR_TRAP	(1ul << 20)	/* in user mode */

void cpu_fp_save(struct fp_state *fp);
void cpu_fp_load(const struct fp_state *fp);
void cpu_user_enter(struct cpu_regs *regs);
void cpu_user_leave(void) NORETURN;

/* ---- floating-point state ---- */

void user_features(struct user_features *f)
{
	*f = (struct user_features) { .hwcap = 0x3 };	/* floating point, vectors */
}

size_t user_fp_size(void)
{
	return sizeof(struct fp_state);
}

/* On the CPU where a user is loaded, if it still is. */
static void save(void *arg)
{
	struct user *u = arg;

	if (cpu_self()->arch.user == u && !u->lazy)
		cpu_fp_save(&u->fp);
}

static void drop(void *arg)
{
	struct user *u = arg;

	if (cpu_self()->arch.user == u) {
		cpu_self()->arch.user = NULL;
		__atomic_store_n(&u->loaded, NULL, __ATOMIC_RELEASE);
	}
}

static void save_and_drop(void *arg)
{
	save(arg);
	drop(arg);
}

static void where_loaded(struct user *u, void (*fn)(void *))
{
	struct cpu *cpu = __atomic_load_n(&u->loaded, __ATOMIC_ACQUIRE);

	if (cpu != NULL)
		smp_call(cpu, fn, u);
}

/* Make u->fp valid. u stays loaded if it is. */
static void fp_sync(struct user *u)
{
	where_loaded(u, save);
}

/* What is loaded of u is not its state any more. */
static void forget(struct user *u)
{
	where_loaded(u, drop);
}

void user_fp_get(struct user *u, void *buf)
{
	fp_sync(u);
	memcpy(buf, &u->fp, sizeof(u->fp));
}

int user_fp_put(struct user *u, const void *buf, size_t len)
{
	const struct fp_state *fp = buf;

	if (len != sizeof(*fp) || (fp->fpsr & ~FPSR_USER) != 0 || (fp->fpcr & ~FPCR_USER) != 0)
		return E_INVAL;
	forget(u);
	u->fp = *fp;
	u->fp.reserved[0] = u->fp.reserved[1] = 0;
	return 0;
}

/* ---- users ---- */

struct user *user_create(struct user *from)
{
	struct user *u = heap_zalloc(sizeof(*u));

	if (u != NULL)
		user_reset(u, from);
	return u;
}

struct user *user_create_native(struct user *from)
{
	struct user *u = heap_alloc(sizeof(*u));

	if (u == NULL)
		return NULL;
	memset((char *)u + sizeof(u->fp), 0, sizeof(*u) - sizeof(u->fp));
	u->native = true;
	u->lazy = from == NULL || from->lazy;
	if (!u->lazy)
		user_fp_get(from, &u->fp);
	return u;
}

void user_reset_native(struct user *u)
{
	forget(u);
	u->lazy = true;
}

int user_fp_begin(struct user *u)
{
	forget(u);
	memset(&u->fp, 0, sizeof(u->fp));
	u->lazy = false;
	return 0;
}

void user_reset(struct user *u, struct user *from)
{
	forget(u);
	if (from != NULL)
		user_fp_get(from, &u->fp);
	else
		memset(&u->fp, 0, sizeof(u->fp));
}

void user_destroy(struct user *u)
{
	forget(u);
	heap_free(u);
}

/*
 * On the calling CPU the caller is not user code, and who is waits for the CPU. On another CPU the
 * run may end at any moment: its thread is not looked at from here.
 */
void user_kick(struct user *u)
{
	unsigned long flags = cpu_irq_save();
	struct cpu *cpu;

	smp_fence();				/* the work word, then this; user_run() */
	cpu = READ_ONCE(u->cpu);
	if (cpu == cpu_self())
		sched_kick(u->thread);
	else if (cpu != NULL)
		smp_notify(cpu);
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

static void set_fp_trap(struct cpu_arch *a, bool trap)
{
	sysreg_write(cpacr_el1, trap ? CPACR_TRAP : CPACR_FP);
	a->fp_trap = trap;
}

static void load(struct cpu_arch *a, struct user *u)
{
	struct user *old = a->user;

	if (old != NULL) {
		if (!old->lazy)
			cpu_fp_save(&old->fp);
		__atomic_store_n(&old->loaded, NULL, __ATOMIC_RELEASE);
	}
	if (!u->lazy)
		cpu_fp_load(&u->fp);
	if (a->fp_trap != u->lazy)
		set_fp_trap(a, u->lazy);
	if (a->native != u->native)
		set_native(a, u->native);
	a->user = u;
	u->loaded = cpu_self();
}

/* Before each return to user mode: page tables, floating point and debugging are u's. */
static inline void prepare(struct user *u, uint64_t pstate)
{
	struct cpu_arch *a = &cpu_self()->arch;

	if (unlikely(a->pt != &u->space->pt))
		cpu_pt_use(&u->space->pt);
	if (unlikely(a->user != u))
		load(a, u);
	if (unlikely(a->stepping != !!(pstate & PSTATE_SS)))
		set_stepping(a, pstate & PSTATE_SS);
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
	u->stop = false;
	u->trap = trap;

	if (unlikely(u->loaded != t->cpu && u->loaded != NULL))
		where_loaded(u, save_and_drop);
	cpu_irq_disable();
	t->user = u;
	t->kicked = false;
	u->thread = t;
	u->cpu = t->cpu;
	smp_fence();
	if (sched_user_waits())
		sched_enter_user(work);
	if (likely(*work == 0)) {
		prepare(u, regs->pstate);
		cpu_user_enter(regs);
	} else {
		trap->why = USER_WORK;
	}
	t->user = NULL;
	u->cpu = NULL;
	u->thread = NULL;
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
	trap->why = class == EC_FP && t->user->lazy ? USER_FP : USER_EXCEPTION;
	if (class == EC_FETCH_USER || class == EC_DATA_USER) {
		trap->addr = f->far;
		trap->access = class == EC_FETCH_USER ? PROT_X : trap_is_write(f->esr) ? PROT_W : PROT_R;
		if (trap_is_page_fault(f->esr))
			trap->why = USER_FAULT;
	}
	*t->context.user_regs = f->regs;
	cpu_user_leave();
}

void user_check_work(struct trap_frame *f)
{
	struct thread *t = cpu_thread();

	if (*t->user->work != 0 || t->user->stop) {
		t->user->trap->why = USER_WORK;
		*t->context.user_regs = f->regs;
		cpu_user_leave();
	}
	t->kicked = false;
	prepare(t->user, f->regs.pstate);
}

bool user_resume(void)
{
	struct user *u;

	if (unlikely(cpu_resched_due()))
		sched_irq_exit();
	u = cpu_thread()->user;
	if (unlikely(*u->work != 0 || u->stop)) {
		u->trap->why = USER_WORK;
		return true;
	}
	prepare(u, 0);
	return false;
}
