// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a tracer sees of a program's registers, and stepping: ptrace(2) of x86-64.
 *
 * The general registers are in the task, in the order of struct user_regs_struct. FP state is the
 * platform's. A tracee is stopped in the donor, so both stay as they are meanwhile.
 *
 * Stepping sets the trap flag, which is the tracer's then: nobody is shown it.
 */
#include <linux/elf.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <uapi/asm/processor-flags.h>
#include <uapi/asm/sigcontext.h>
#include "user.h"

#define USER_SIZE	912	/* of what C libraries call struct user, which begins with the registers */

/* ---- stepping ---- */

void user_enable_single_step(struct task_struct *p)
{
	set_tsk_thread_flag(p, TIF_SINGLESTEP);
	task_pt_regs(p)->u.rflags |= X86_EFLAGS_TF;
}

void user_disable_single_step(struct task_struct *p)
{
	if (test_and_clear_tsk_thread_flag(p, TIF_SINGLESTEP))
		task_pt_regs(p)->u.rflags &= ~X86_EFLAGS_TF;
}

void ptrace_disable(struct task_struct *p)
{
	user_disable_single_step(p);
}

/* ---- general registers ---- */

static void regs_get(struct task_struct *p, struct rumpext_regs *r)
{
	*r = task_pt_regs(p)->u;
	if (test_tsk_thread_flag(p, TIF_SINGLESTEP))
		r->rflags &= ~X86_EFLAGS_TF;
}

/* What user code may not have is the platform's to take away, but for addresses. */
static int regs_set(struct task_struct *p, const struct rumpext_regs *r)
{
	if (r->fs_base >= TASK_SIZE || r->gs_base >= TASK_SIZE)
		return -EIO;
	task_pt_regs(p)->u = *r;
	if (test_tsk_thread_flag(p, TIF_SINGLESTEP))
		task_pt_regs(p)->u.rflags |= X86_EFLAGS_TF;
	return 0;
}

static int general_get(struct task_struct *p, const struct user_regset *set, struct membuf to)
{
	struct rumpext_regs r;

	regs_get(p, &r);
	return membuf_write(&to, &r, sizeof(r));
}

static int general_set(struct task_struct *p, const struct user_regset *set, unsigned int pos,
		       unsigned int count, const void *kbuf, const void __user *ubuf)
{
	struct rumpext_regs r;
	int error;

	regs_get(p, &r);
	error = user_regset_copyin(&pos, &count, &kbuf, &ubuf, &r, 0, sizeof(r));
	return error ?: regs_set(p, &r);
}

/* ---- FP state ---- */

/* FXSAVE's part, or all of it, with the components that there are where Linux says so. */
static int fp_get(struct task_struct *p, struct membuf to, unsigned int size)
{
	void *buf = pillion_fp_buffer();
	int left;

	if (!buf)
		return -ENOMEM;
	rumpext_user_fpget(p->thread.ht->user, buf);
	if (size > FXSAVE_SIZE)
		*(u64 *)(buf + FXSAVE_SIZE - sizeof(struct _fpx_sw_bytes)) = pillion_fp_features;
	left = membuf_write(&to, buf, size);
	kfree(buf);
	return left;
}

static int fp_set(struct task_struct *p, unsigned int pos, unsigned int count, const void *kbuf,
		  const void __user *ubuf, unsigned int size)
{
	void *buf = pillion_fp_buffer();
	int error;

	if (!buf)
		return -ENOMEM;
	rumpext_user_fpget(p->thread.ht->user, buf);
	error = user_regset_copyin(&pos, &count, &kbuf, &ubuf, buf, 0, size);
	if (!error && size == FXSAVE_SIZE && pillion_fp_size > FXSAVE_SIZE)
		*(u64 *)(buf + FXSAVE_SIZE) |= 3;	/* x87 and SSE are not in their initial state */
	if (!error && rumpext_user_fpput(p->thread.ht->user, buf))
		error = -EINVAL;
	kfree(buf);
	return error;
}

static int fxsave_get(struct task_struct *p, const struct user_regset *set, struct membuf to)
{
	return fp_get(p, to, FXSAVE_SIZE);
}

static int fxsave_set(struct task_struct *p, const struct user_regset *set, unsigned int pos,
		      unsigned int count, const void *kbuf, const void __user *ubuf)
{
	return fp_set(p, pos, count, kbuf, ubuf, FXSAVE_SIZE);
}

static int xstate_active(struct task_struct *p, const struct user_regset *set)
{
	return pillion_fp_size > FXSAVE_SIZE ? pillion_fp_size / set->size : -ENODEV;
}

static int xstate_get(struct task_struct *p, const struct user_regset *set, struct membuf to)
{
	return pillion_fp_size > FXSAVE_SIZE ? fp_get(p, to, pillion_fp_size) : -ENODEV;
}

static int xstate_set(struct task_struct *p, const struct user_regset *set, unsigned int pos,
		      unsigned int count, const void *kbuf, const void __user *ubuf)
{
	if (pillion_fp_size <= FXSAVE_SIZE)
		return -ENODEV;
	if (pos || count != pillion_fp_size)
		return -EINVAL;
	return fp_set(p, pos, count, kbuf, ubuf, pillion_fp_size);
}

/* ---- the sets ---- */

enum { GENERAL, FXSAVE, XSTATE };

static struct user_regset sets[] = {
	[GENERAL] = {
		.core_note_type = NT_PRSTATUS,
		.n = sizeof(struct rumpext_regs) / sizeof(long),
		.size = sizeof(long),
		.align = sizeof(long),
		.regset_get = general_get,
		.set = general_set,
	},
	[FXSAVE] = {
		.core_note_type = NT_PRFPREG,
		.n = FXSAVE_SIZE / sizeof(long),
		.size = sizeof(long),
		.align = sizeof(long),
		.regset_get = fxsave_get,
		.set = fxsave_set,
	},
	[XSTATE] = {
		.core_note_type = NT_X86_XSTATE,
		.size = sizeof(long),
		.align = sizeof(long),
		.active = xstate_active,
		.regset_get = xstate_get,
		.set = xstate_set,
	},
};

static const struct user_regset_view view = {
	.name = "x86_64",
	.e_machine = EM_X86_64,
	.regsets = sets,
	.n = ARRAY_SIZE(sets),
};

void __init pillion_ptrace_init(void)
{
	sets[XSTATE].n = pillion_fp_size / sizeof(long);
}

const struct user_regset_view *task_user_regset_view(struct task_struct *p)
{
	return &view;
}

/* ---- requests ---- */

/* A word of struct user: registers, and others, of which there are none: they read as 0. */
static long user_word(struct task_struct *p, unsigned long addr, bool write, unsigned long *value)
{
	struct rumpext_regs r;

	if (addr % sizeof(long) || addr >= USER_SIZE)
		return -EIO;
	if (addr < sizeof(r)) {
		regs_get(p, &r);
		if (!write) {
			memcpy(value, (void *)&r + addr, sizeof(*value));
			return 0;
		}
		memcpy((void *)&r + addr, value, sizeof(*value));
		return regs_set(p, &r);
	}
	if (write)
		return *value ? -EIO : 0;
	*value = 0;
	return 0;
}

long arch_ptrace(struct task_struct *p, long request, unsigned long addr, unsigned long data)
{
	void __user *datap = (void __user *)data;
	long ret;

	/* Kernel threads cannot be traced, and library tasks have no registers. */
	if (!pillion_is_program(p) || !p->thread.ht)
		return -EIO;
	switch (request) {
	case PTRACE_PEEKUSR:
		ret = user_word(p, addr, false, &addr);
		return ret ?: put_user(addr, (unsigned long __user *)datap);
	case PTRACE_POKEUSR:
		return user_word(p, addr, true, &data);
	case PTRACE_GETREGS:
		return copy_regset_to_user(p, &view, GENERAL, 0, sizeof(struct rumpext_regs), datap);
	case PTRACE_SETREGS:
		return copy_regset_from_user(p, &view, GENERAL, 0, sizeof(struct rumpext_regs), datap);
	case PTRACE_GETFPREGS:
		return copy_regset_to_user(p, &view, FXSAVE, 0, FXSAVE_SIZE, datap);
	case PTRACE_SETFPREGS:
		return copy_regset_from_user(p, &view, FXSAVE, 0, FXSAVE_SIZE, datap);
	case PTRACE_ARCH_PRCTL:
		return pillion_arch_prctl(task_pt_regs(p), data, addr);
	default:
		return ptrace_request(p, request, addr, data);
	}
}
