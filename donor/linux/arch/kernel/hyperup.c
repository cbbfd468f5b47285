// SPDX-License-Identifier: GPL-2.0-only
/*
 * The upcalls of rumpuser(3) that a platform makes around hypercalls that block, and for threads
 * of its own.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

/*
 * A platform thread comes in to run donor code that does not sleep: as a carrier, without a task.
 */
static void hyp_schedule(void)
{
	struct pillion_hthread *ht = pillion_hthread_self();

	if (!ht)
		panic("pillion: no memory for a platform thread");
	pillion_ht_acquire(ht);
}

static void hyp_unschedule(void)
{
	pillion_ht_leave(pillion_hthread_self());
}

/*
 * A hypercall is about to block. A library task on its own thread parks meanwhile; anything else
 * (a kernel thread, an interrupt, a thread that does not hold the virtual CPU) keeps what it has.
 */
#define KEPT	(-1)	/* a count of locks that no component has */

static void hyp_backend_unschedule(int nlocks, int *countp, void *interlock)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	*countp = KEPT;
	if (!ht || pillion_vcpu.carrier != ht || current->thread.ht != ht || irqs_disabled())
		return;
	*countp = 0;
	pillion_leave_slow(ht);
}

static void hyp_backend_schedule(int nlocks, void *interlock)
{
	if (nlocks != KEPT)
		pillion_enter_slow((void *)rumpuser_curlwp());
}

static int32_t hyp_getpid(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	return ht && ht->task ? ht->task->tgid : 0;
}

static int hyp_rfork(void *priv, int flags, const char *comm)
{
	int pid;

	return rump_ext_rfork(&pid);
}

static int hyp_newlwp(int32_t pid)
{
	return rump_ext_attach(pid);
}

static void hyp_switch(struct lwp *l)
{
	rump_ext_switch(l);
}

static struct lwp *hyp_curlwp(void)
{
	return rump_ext_curlwp();
}

static int hyp_syscall(int num, void *arg, long *retval)
{
	const long *a = arg;
	long ret = rump_ext_syscall(num, a[0], a[1], a[2], a[3], a[4], a[5]);

	if (IS_ERR_VALUE(ret))
		return pillion_to_rump(-ret);
	*retval = ret;
	return 0;
}

/* Somebody whom the platform serves has executed a program: nothing here bears its name. */
static void hyp_execnotify(const char *comm)
{
}

const struct rumpuser_hyperup pillion_hyperup = {
	.hyp_schedule = hyp_schedule,
	.hyp_unschedule = hyp_unschedule,
	.hyp_backend_unschedule = hyp_backend_unschedule,
	.hyp_backend_schedule = hyp_backend_schedule,
	.hyp_lwproc_switch = hyp_switch,
	.hyp_lwproc_release = rump_ext_detach,
	.hyp_lwproc_rfork = hyp_rfork,
	.hyp_lwproc_newlwp = hyp_newlwp,
	.hyp_lwproc_curlwp = hyp_curlwp,
	.hyp_syscall = hyp_syscall,
	.hyp_lwpexit = rump_ext_detach,
	.hyp_execnotify = hyp_execnotify,
	.hyp_getpid = hyp_getpid,
};
