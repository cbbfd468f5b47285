// SPDX-License-Identifier: GPL-2.0-only
/* Programs on x86-64: registers of a new one, thread pointers, exceptions. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/processor.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <uapi/asm/prctl.h>
#include <uapi/asm/processor-flags.h>
#include <uapi/asm/sigcontext.h>
#include "user.h"

#define USER_CS		0x33
#define USER_DS		0x2b
#define BASE_LIMIT	(1UL << 47)

enum { DE = 0, DB = 1, BP = 3, OF = 4, BR = 5, UD = 6, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14,
       MF = 16, AC = 17, XM = 19 };

unsigned int pillion_fp_size = FXSAVE_SIZE;
u64 pillion_fp_features = 3;

void __init pillion_cpu_user_init(const struct rumpext_user_info *info)
{
	pillion_fp_size = info->fp_size;
	pillion_fp_features = info->fp_features;
	pillion_sigframe_init();
	pillion_ptrace_init();
}

/* orig_rax stays: a tracer sees the end of the call that execve is. */
void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp)
{
	u64 nr = regs->user ? regs->u.orig_rax : -1;

	memset(regs, 0, sizeof(*regs));
	regs->u.rip = pc;
	regs->u.rsp = sp;
	regs->u.rflags = X86_EFLAGS_IF;
	regs->u.cs = USER_CS;
	regs->u.ss = USER_DS;
	regs->u.orig_rax = nr;
	regs->user = 1;
}

void pillion_cpu_set_tls(struct pt_regs *regs, unsigned long tls)
{
	regs->u.fs_base = tls;
}

void pillion_cpu_set_stack(struct pt_regs *regs, unsigned long sp)
{
	regs->u.rsp = sp;
}

long pillion_arch_prctl(struct pt_regs *regs, int option, unsigned long arg)
{
	switch (option) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (arg >= BASE_LIMIT)
			return -EPERM;
		*(option == ARCH_SET_FS ? &regs->u.fs_base : &regs->u.gs_base) = arg;
		return 0;
	case ARCH_GET_FS:
		return put_user(regs->u.fs_base, (unsigned long __user *)arg);
	case ARCH_GET_GS:
		return put_user(regs->u.gs_base, (unsigned long __user *)arg);
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg)
{
	return pillion_is_program(current) ? pillion_arch_prctl(current_pt_regs(), option, arg) : -ENOSYS;
}

void pillion_cpu_page_fault(const struct rumpext_trap *trap)
{
	current->thread.fault.trap = PF;
	current->thread.fault.error = trap->code;
	current->thread.fault.addr = trap->addr;
}

/* Which of the unmasked floating-point exceptions it was. */
static int fp_code(unsigned int vector)
{
	union {
		struct _fpstate_64 fp;
		u8 bytes[1];
	} *state = kmalloc(pillion_fp_size, GFP_KERNEL);
	unsigned int e = 0;

	if (state) {
		rumpext_user_fpget(current->thread.ht->user, state);
		e = vector == MF ? state->fp.swd & ~state->fp.cwd :
			~(state->fp.mxcsr >> 7) & state->fp.mxcsr;
		kfree(state);
	}
	if (e & 0x01)
		return FPE_FLTINV;
	if (e & 0x04)
		return FPE_FLTDIV;
	if (e & 0x08)
		return FPE_FLTOVF;
	if (e & 0x12)
		return FPE_FLTUND;
	if (e & 0x20)
		return FPE_FLTRES;
	return 0;
}

void pillion_cpu_exception(struct pt_regs *regs, const struct rumpext_trap *trap)
{
	void __user *pc = (void __user *)instruction_pointer(regs);

	current->thread.fault.trap = trap->vector;
	current->thread.fault.error = trap->code;
	switch (trap->vector) {
	case DE:
		force_sig_fault(SIGFPE, FPE_INTDIV, pc);
		break;
	case DB:
		force_sig_fault(SIGTRAP, trap->addr & (1 << 14) ? TRAP_TRACE : TRAP_HWBKPT, pc);
		break;
	case BP:
		force_sig(SIGTRAP);
		break;
	case UD:
		force_sig_fault(SIGILL, ILL_ILLOPN, pc);
		break;
	case NP:
	case SS:
		force_sig(SIGBUS);
		break;
	case AC:
		force_sig_fault(SIGBUS, BUS_ADRALN, NULL);
		break;
	case MF:
	case XM:
		force_sig_fault(SIGFPE, fp_code(trap->vector), pc);
		break;
	default:
		force_sig(SIGSEGV);
	}
}
