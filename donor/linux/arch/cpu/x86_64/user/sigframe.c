// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signal frames of x86-64. From high to low addresses: the FP state at a multiple of 64 (the
 * platform's bytes, with the words that say what they are, and a second magic number behind
 * them), then struct frame, whose address + 8 is a multiple of 16, as at the entry of a function.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/processor.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/vcpu.h>
#include <uapi/asm/processor-flags.h>
#include <uapi/asm/sigcontext.h>
#include <uapi/asm/ucontext.h>
#include "user.h"

#define RED_ZONE	128

struct frame {
	void __user *restorer;
	struct ucontext uc;
	siginfo_t info;
};

unsigned long pillion_sigframe_size;

static bool has_xsave(void)
{
	return pillion_fp_size > FXSAVE_SIZE;
}

static unsigned int fp_frame_size(void)
{
	return pillion_fp_size + (has_xsave() ? FP_XSTATE_MAGIC2_SIZE : 0);
}

void __init pillion_sigframe_init(void)
{
	pillion_sigframe_size = ALIGN(sizeof(struct frame) + fp_frame_size() + 64 + 16, 16);
}

void *pillion_fp_buffer(void)
{
	return kzalloc(roundup_pow_of_two(pillion_fp_size), GFP_KERNEL);	/* aligned to its size */
}

/* ---- down ---- */

static int put_fp(void __user *to)
{
	struct _fpx_sw_bytes sw = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = fp_frame_size(),
		.xfeatures = pillion_fp_features,
		.xstate_size = pillion_fp_size,
	};
	void *buf = pillion_fp_buffer();
	int error;

	if (!buf)
		return -ENOMEM;
	rumpext_user_fpget(current->thread.ht->user, buf);
	if (has_xsave())
		memcpy(buf + FXSAVE_SIZE - sizeof(sw), &sw, sizeof(sw));
	error = copy_to_user(to, buf, pillion_fp_size) ||
		(has_xsave() && put_user(FP_XSTATE_MAGIC2, (u32 __user *)(to + pillion_fp_size)));
	kfree(buf);
	return error;
}

static void fill_context(struct sigcontext_64 *sc, const struct rumpext_regs *r)
{
	*sc = (struct sigcontext_64){
		.r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11,
		.r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
		.di = r->rdi, .si = r->rsi, .bp = r->rbp, .bx = r->rbx,
		.dx = r->rdx, .ax = r->rax, .cx = r->rcx, .sp = r->rsp,
		.ip = r->rip, .flags = r->rflags, .cs = r->cs, .ss = r->ss,
		.err = current->thread.fault.error,
		.trapno = current->thread.fault.trap,
		.oldmask = current->blocked.sig[0],
		.cr2 = current->thread.fault.addr,
	};
}

/* Where the frame goes, and the FP state; NULL if a signal stack that is in use would overflow. */
static struct frame __user *place(struct ksignal *ksig, const struct rumpext_regs *r,
				  void __user **fp)
{
	unsigned long sp = r->rsp - RED_ZONE;
	bool on_alternate = on_sig_stack(r->rsp);

	if ((ksig->ka.sa.sa_flags & SA_ONSTACK) && sas_ss_flags(sp) == 0) {
		sp = current->sas_ss_sp + current->sas_ss_size;
		on_alternate = true;
	}
	sp = round_down(sp - fp_frame_size(), 64);
	*fp = (void __user *)sp;
	sp = round_down(sp - sizeof(struct frame), 16) - 8;
	if (on_alternate && !__on_sig_stack(sp))
		return NULL;
	return (struct frame __user *)sp;
}

int pillion_cpu_signal_frame(struct ksignal *ksig, struct pt_regs *regs)
{
	struct rumpext_regs *r = &regs->u;
	struct frame __user *frame;
	void __user *fp;
	struct frame f = { .restorer = (void __user *)ksig->ka.sa.sa_restorer };

	frame = place(ksig, r, &fp);
	if (!frame || !(ksig->ka.sa.sa_flags & SA_RESTORER) ||
	    !access_ok(frame, pillion_sigframe_size) || put_fp(fp))
		return -EFAULT;
	f.uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (has_xsave() ? UC_FP_XSTATE : 0);
	fill_context(&f.uc.uc_mcontext, r);
	f.uc.uc_mcontext.fpstate = (u64)fp;
	f.uc.uc_sigmask = *sigmask_to_save();
	if (copy_to_user(frame, &f, offsetof(struct frame, info)) ||
	    __save_altstack(&frame->uc.uc_stack, r->rsp))
		return -EFAULT;
	if (ksig->ka.sa.sa_flags & SA_SIGINFO && copy_siginfo_to_user(&frame->info, &ksig->info))
		return -EFAULT;
	/* A handler begins with the FP state that a program begins with. */
	rumpext_user_reset(current->thread.ht->user, NULL);
	r->rdi = ksig->sig;
	r->rsi = (unsigned long)&frame->info;
	r->rdx = (unsigned long)&frame->uc;
	r->rax = 0;
	r->rsp = (unsigned long)frame;
	r->rip = (unsigned long)ksig->ka.sa.sa_handler;
	r->rflags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	r->orig_rax = -1;
	return 0;
}

/* ---- up ---- */

/*
 * A frame that a program made or changed: what the words say is not trusted. Without them, or if
 * they are wrong, there is the FXSAVE part only.
 */
static unsigned int fp_bytes(const struct _fpx_sw_bytes *sw, const void __user *from, u64 *features)
{
	u32 magic2;

	*features = 3;
	if (!has_xsave() || sw->magic1 != FP_XSTATE_MAGIC1 ||
	    sw->xstate_size < FXSAVE_SIZE + XSAVE_HEADER || sw->xstate_size > pillion_fp_size ||
	    sw->xstate_size > sw->extended_size ||
	    get_user(magic2, (u32 __user *)(from + sw->xstate_size)) || magic2 != FP_XSTATE_MAGIC2)
		return FXSAVE_SIZE;
	*features = sw->xfeatures & pillion_fp_features;
	return sw->xstate_size;
}

static int get_fp(const void __user *from)
{
	struct rumpext_user *user = current->thread.ht->user;
	struct _fpx_sw_bytes sw;
	unsigned int bytes;
	u64 features, *present;
	void *buf;
	int error;

	if (!from)
		return rumpext_user_reset(user, NULL), 0;
	if (copy_from_user(&sw, from + FXSAVE_SIZE - sizeof(sw), sizeof(sw)))
		return -EFAULT;
	bytes = fp_bytes(&sw, from, &features);
	buf = pillion_fp_buffer();
	if (!buf)
		return -ENOMEM;
	error = copy_from_user(buf, from, bytes);
	if (!error && has_xsave()) {
		present = buf + FXSAVE_SIZE;
		if (bytes == FXSAVE_SIZE)
			*present = 3;
		*present &= features;
	}
	error = error || rumpext_user_fpput(user, buf);
	kfree(buf);
	return error;
}

static int get_context(struct rumpext_regs *r, struct frame __user *frame)
{
	struct sigcontext_64 sc;

	current->restart_block.fn = do_no_restart_syscall;
	if (copy_from_user(&sc, &frame->uc.uc_mcontext, sizeof(sc)))
		return -EFAULT;
	r->r8 = sc.r8;
	r->r9 = sc.r9;
	r->r10 = sc.r10;
	r->r11 = sc.r11;
	r->r12 = sc.r12;
	r->r13 = sc.r13;
	r->r14 = sc.r14;
	r->r15 = sc.r15;
	r->rdi = sc.di;
	r->rsi = sc.si;
	r->rbp = sc.bp;
	r->rbx = sc.bx;
	r->rdx = sc.dx;
	r->rax = sc.ax;
	r->rcx = sc.cx;
	r->rsp = sc.sp;
	r->rip = sc.ip;
	r->rflags = sc.flags;	/* the platform lets through what user code may set */
	r->orig_rax = -1;
	return get_fp((void __user *)sc.fpstate);
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	struct frame __user *frame;
	sigset_t set;

	if (!pillion_is_program(current))
		return -ENOSYS;
	frame = (struct frame __user *)(regs->u.rsp - sizeof(long));
	if (copy_from_user(&set, &frame->uc.uc_sigmask, sizeof(set)))
		goto bad;
	set_current_blocked(&set);
	if (get_context(&regs->u, frame) || restore_altstack(&frame->uc.uc_stack))
		goto bad;
	return regs->u.rax;
bad:
	force_sig(SIGSEGV);
	return 0;
}
