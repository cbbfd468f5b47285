/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User execution: run user code with given registers in a given space on the calling thread,
 * until it needs the kernel.
 *
 * A struct user holds what stays with a thread of user code between runs and is not in the general
 * registers: floating-point and vector state. It belongs to no thread, but is run by one at a
 * time. While user code runs, the thread is preempted and interrupted like any other, without
 * user_run() returning.
 *
 * Locking: a user is used by one thread at a time, but for user_kick().
 */
#ifndef NUCLEUS_USER_H
#define NUCLEUS_USER_H

#include <nucleus/cpu.h>
#include <nucleus/space.h>

struct user;

/*
 * user_create: a new one. NULL: no memory. user_reset: one that is not running becomes like new.
 * Floating-point state is what a program begins with, or, unless from is NULL, a copy of from's,
 * which is not running either, or is the caller's own.
 */
struct user *user_create(struct user *from);
void user_reset(struct user *u, struct user *from);
void user_destroy(struct user *u);

/*
 * The same for native programs (native.h), whose system calls have an entry of their own. Such a
 * user has no floating-point state until it touches that: USER_FP; user_fp_begin() gives it one,
 * E_NOMEM. from is of a native program, too.
 */
struct user *user_create_native(struct user *from);
void user_reset_native(struct user *u);
int user_fp_begin(struct user *u);

/* What programs may use of the CPU, in the ISA's own terms, as Linux tells them. */
struct user_features {
	uint64_t	fp_components;	/* x86_64: XCR0, or 3 without XSAVE */
	unsigned long	hwcap, hwcap2;	/* AT_HWCAP, AT_HWCAP2 */
};
void user_features(struct user_features *f);

enum user_exit {
	USER_SYSCALL = 1,	/* the system-call instruction: number and arguments in regs */
	USER_FAULT,		/* an access to addr (bits of access) that the space does not allow */
	USER_EXCEPTION,		/* vector and code: the CPU's own numbers; addr if there is one */
	USER_WORK,		/* *work is not 0, or user_stop(); nothing else happened */
	USER_FP,		/* a native program that has no floating-point state wants one */
};

struct user_trap {
	enum user_exit	why;
	unsigned	access;		/* USER_FAULT: PROT_R, PROT_W or PROT_X (space.h) */
	unsigned	vector, code;
	uintptr_t	addr;
	uint64_t	ran;		/* what user_stop() said; or 0 */
};

/*
 * Run. regs (struct cpu_regs: the layout of the ISA's struct user_regs_struct) is read and
 * written; privileged bits in it are ignored. *work is looked at with interrupts off before each
 * return to user mode, the first included: the run ends if it is not 0. s may be changed by others
 * meanwhile. May sleep; no lock held, preemption on.
 */
void user_run(struct user *u, struct space *s, struct cpu_regs *regs, const volatile unsigned *work,
    struct user_trap *trap);

/*
 * Make u look at its work word soon if it is running, on whatever CPU; nothing if not. Set the
 * word before. Any context; u exists until the call returns.
 */
void user_kick(struct user *u);

/*
 * From an interrupt handler: the user that was interrupted (thread_self()->user) ends its run, and
 * is told that it ran for so long, a number of the caller's.
 */
void user_stop(struct user *u, uint64_t ran);

/*
 * At the end of a fast call (native.h) that has slept, interrupts off: others have run if they have
 * to. False: the program can go on. True: the run ends, with USER_WORK.
 */
bool user_resume(void);

/*
 * Floating-point state as the ISA's signal frames and ptrace have it (x86_64: XSAVE area, standard
 * format). u is not running, or the caller's own. user_fp_put: E_INVAL: not the right length, or
 * contents that the CPU would refuse; the state is unchanged then.
 */
size_t user_fp_size(void);
void user_fp_get(struct user *u, void *buf);
int user_fp_put(struct user *u, const void *buf, size_t len);

/* ---- for the nucleus's other files, and cpu/ ---- */

struct user {
	unsigned long	running;	/* in user_run(). cpu/ knows that it is the first */
	struct cpu	*loaded;	/* whose registers have fp, which is out of date then; or NULL */
	struct cpu	*cpu;		/* where it runs, ran last, or waits in a run queue */
	void		*fp;		/* cpu_fp_size() bytes; NULL: it has none yet (native) */
	bool		native;
	struct space	*space;		/* these while it runs */
	const volatile unsigned *work;
	bool		stop;		/* as if *work were not 0 */
	struct user_trap *trap;
};

bool user_has_work(const struct user *u);	/* *work is not 0; u is running */

/*
 * user_arrive: u, the calling thread's, runs on this CPU from now on; look at the work word after
 * it. Interrupts are off; may sleep and change the CPU, but is on the one that it says. Needed
 * where u->cpu is another, or u->loaded.
 * user_load: the floating-point registers become u's. Interrupts off, after user_arrive().
 * user_unload: they become nobody's. Interrupts off.
 */
void user_arrive(struct user *u);
void user_load(struct user *u);
void user_unload(void);
static inline bool user_is_here(const struct user *u)
{
	struct cpu *cpu = cpu_self();

	return u->cpu == cpu && (u->loaded == cpu || u->loaded == NULL);
}

/*
 * What cpu/<isa> provides: floating-point state at fp, at a multiple of 64: how large it is; what a
 * program begins with; the registers' to memory and back; whether the CPU would accept what a
 * program wrote, and what is to be removed from that. cpu_fp_allow: whether user mode may touch it;
 * it is allowed to when state is saved or loaded. What is loaded may be lost when it is forbidden.
 */
size_t cpu_fp_size(void);
void cpu_fp_init(void *fp);
void cpu_fp_save(void *fp);
void cpu_fp_load(const void *fp);
bool cpu_fp_valid(const void *fp);
void cpu_fp_clean(void *fp);
void cpu_fp_allow(bool on);

#endif /* NUCLEUS_USER_H */
