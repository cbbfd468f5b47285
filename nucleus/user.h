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

/* A new one: reset floating-point state, or a copy of from's (not running). NULL: no memory. */
struct user *user_create(struct user *from);
void user_destroy(struct user *u);

enum user_exit {
	USER_SYSCALL,		/* the system-call instruction: number and arguments in regs */
	USER_FAULT,		/* an access to addr (bits of access) that the space does not allow */
	USER_EXCEPTION,		/* vector and code: the CPU's own numbers; addr if there is one */
	USER_WORK,		/* *work is not 0; nothing else happened */
};

struct user_trap {
	enum user_exit	why;
	unsigned	access;		/* USER_FAULT: PROT_R, PROT_W or PROT_X (space.h) */
	unsigned	vector, code;
	uintptr_t	addr;
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
 * Floating-point state as the ISA's signal frames and ptrace have it (x86_64: XSAVE area, standard
 * format). u is not running, or the caller's own. user_fp_put: E_INVAL: not the right length, or
 * contents that the CPU would refuse; the state is unchanged then.
 */
size_t user_fp_size(void);
void user_fp_get(struct user *u, void *buf);
int user_fp_put(struct user *u, const void *buf, size_t len);

#endif /* NUCLEUS_USER_H */
