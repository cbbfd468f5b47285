// SPDX-License-Identifier: GPL-2.0-only
/*
 * The upcalls of rumpuser(3) that a platform makes around hypercalls that block, and for threads
 * of its own.
 *
 * A thread with a task comes in as that. One without is a *visitor*: a carrier on its own stack,
 * to run donor code that does not sleep. Its record lasts for one visit, unless newlwp makes it
 * the thread's own; newlwp of process 0 asks for no more than that.
 *
 * Locking: visitor is touched with the virtual CPU held.
 */
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

static struct pillion_hthread *visitor;		/* holds the virtual CPU; or NULL */

static void hyp_schedule(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (ht && ht->task) {
		pillion_enter_slow(ht);
		return;
	}
	ht = pillion_visit();
	if (!ht)
		panic("pillion: no memory for a platform thread");
	visitor = ht;
}

static void hyp_unschedule(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (visitor != ht) {
		pillion_leave_slow(ht);
		return;
	}
	visitor = NULL;
	pillion_visit_end(ht);
}

/*
 * A hypercall is about to block. A library task on its own thread parks meanwhile, a visitor goes;
 * anything else (a kernel thread, an interrupt, a thread that does not hold the virtual CPU) keeps
 * what it has.
 */
#define KEPT	(-1)	/* a count of locks that no component has */

static bool may_let_go(struct pillion_hthread *ht)
{
	if (!ht || pillion_vcpu.carrier != ht)
		return false;
	/* Idle, which may be the task that a visitor finds, has interrupts off. */
	if (visitor == ht)
		return !in_interrupt();
	return current->thread.ht == ht && !irqs_disabled();
}

static void hyp_backend_unschedule(int nlocks, int *countp, void *interlock)
{
	*countp = KEPT;
	if (!may_let_go((void *)rumpuser_curlwp()))
		return;
	*countp = 0;
	hyp_unschedule();
}

static void hyp_backend_schedule(int nlocks, void *interlock)
{
	if (nlocks != KEPT)
		hyp_schedule();
}

static int32_t hyp_getpid(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	return ht && ht->task ? ht->task->tgid : 0;
}

/* ---- contexts: the calling thread holds the virtual CPU, and does afterwards ---- */

static int hyp_newlwp(int32_t pid)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();
	bool temporary = ht->temporary;
	int error = 0;

	if (ht->task)
		return RUMP_EBUSY;
	if (pid) {
		visitor = NULL;
		error = pillion_attach(ht, pid);
		if (error)
			hyp_schedule();
	}
	ht->temporary = error && temporary;
	return pillion_to_rump(-error);
}

/* The thread's tasks end, and its record when it lets go of the virtual CPU. */
static void hyp_release(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (ht->task) {
		pillion_detach(ht, 0);
		while (ht->task) {
			pillion_enter_slow(ht);
			pillion_detach(ht, 0);
		}
		hyp_schedule();
	}
	ht->temporary = true;
}

static int hyp_rfork(void *priv, int flags, const char *comm)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();
	int pid, error = ht->task ? 0 : hyp_newlwp(1);

	return error ?: pillion_to_rump(-pillion_rfork(ht, &pid));
}

static void hyp_switch(struct lwp *l)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (!rump_ext_switch(l) && current != ht->task)
		pillion_enter_held(ht);
}

static struct lwp *hyp_curlwp(void)
{
	return rump_ext_curlwp();
}

static int hyp_syscall(int num, void *arg, long *retval)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();
	bool held = ht && pillion_vcpu.carrier == ht;
	const long *a = arg;
	long ret;

	if (held)
		hyp_unschedule();
	ret = rump_ext_syscall(num, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (held)
		hyp_schedule();
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
	.hyp_lwproc_release = hyp_release,
	.hyp_lwproc_rfork = hyp_rfork,
	.hyp_lwproc_newlwp = hyp_newlwp,
	.hyp_lwproc_curlwp = hyp_curlwp,
	.hyp_syscall = hyp_syscall,
	.hyp_lwpexit = hyp_release,
	.hyp_execnotify = hyp_execnotify,
	.hyp_getpid = hyp_getpid,
};
