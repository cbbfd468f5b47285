// SPDX-License-Identifier: GPL-2.0-only
/*
 * Library tasks and their processes.
 *
 * A host thread becomes a task of a process by asking the process's *leader*: a task with a stack
 * of the donor's that sits in pillion_leader_main(), holds the process together while no host
 * thread is in it, and clones itself (as a thread of its group) for each host thread that comes.
 * Process 1's leader is what "init" turned into (init.c); fork makes others.
 *
 * A task ends on the donor's own stack for it, not on the host thread's: it is turned into an
 * ordinary task there, which runs do_exit() while the host thread goes home.
 *
 * Everything here runs with the virtual CPU held. Handles that leave the donor (struct lwp *) are
 * task ids.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/init_task.h>
#include <asm/rump.h>
#include <asm/vcpu.h>

struct pillion_leader {
	struct task_struct *task;
	struct list_head requests;	/* of struct request */
	unsigned int ntasks;		/* library tasks in the process */
	bool joined;			/* there was one: the process ends with the last */
};

struct request {
	struct list_head list;
	struct pillion_hthread *ht;
};

static unsigned int library_tasks;	/* of all processes */

static unsigned int count_tasks(struct pillion_hthread *ht)
{
	struct list_head *pos;
	unsigned int n = 0;

	list_for_each(pos, &ht->tasks)
		n++;
	return n;
}

/* Is the calling thread the only one that is attached? */
bool pillion_alone(struct pillion_hthread *ht)
{
	return library_tasks == count_tasks(ht);
}

static struct task_struct *find_task(int tid)
{
	struct task_struct *p;

	rcu_read_lock();
	p = find_task_by_pid_ns(tid, &init_pid_ns);
	rcu_read_unlock();
	return p;	/* stays while the virtual CPU is held and nothing is scheduled */
}

/* Tell a thread that waits to join why it cannot. */
static void ht_fail(struct pillion_hthread *ht, int error)
{
	__atomic_store_n(&ht->error, error, __ATOMIC_RELEASE);
	pillion_ht_wake(ht);
}

static void __noreturn leader_exit(struct pillion_leader *l)
{
	struct signal_struct *sig = current->signal;
	struct request *r, *next;
	int code = sig->flags & SIGNAL_GROUP_EXIT ? sig->group_exit_code : 0;

	current->thread.leader = NULL;
	list_for_each_entry_safe(r, next, &l->requests, list)
		ht_fail(r->ht, ESRCH);
	kfree(l);
	do_exit(code);
}

/* Which signals wait. Not set_current_blocked(), which would call upon other tasks to take them. */
static void leader_block(const sigset_t *set)
{
	spin_lock_irq(&current->sighand->siglock);
	current->blocked = *set;
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
}

static void leader_clone(struct pillion_leader *l, struct pillion_hthread *ht)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		.fn = pillion_library_start,
		.fn_arg = ht,
	};
	sigset_t all, blocked = current->blocked;
	struct task_struct *p;
	pid_t pid;

	/* A clone is refused while a signal is pending. SIGKILL still does. */
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	leader_block(&all);
	pid = kernel_clone(&args);
	leader_block(&blocked);
	if (pid < 0) {
		ht_fail(ht, fatal_signal_pending(current) ? ESRCH : -pid);
		return;
	}
	/* Not before: a clone that fails late frees what it had made. */
	p = find_task(pid);
	p->blocked = blocked;
	ht->task = p;
	list_add(&p->thread.tasks, &ht->tasks);
	l->ntasks++;
	l->joined = true;
	library_tasks++;
}

/*
 * copy_thread() gives a task with this "function" no stack context, but the host thread that
 * asked for it.
 */
int pillion_library_start(void *arg)
{
	BUG();
}

static void leader_set(struct pillion_leader *l, struct task_struct *p)
{
	l->task = p;
	p->thread.leader = l;
}

int __noreturn pillion_leader_main(void *arg)
{
	struct pillion_leader *l = arg;
	struct request *r;

	leader_set(l, current);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (fatal_signal_pending(current) ||
		    (l->joined && !l->ntasks && list_empty(&l->requests) && !is_global_init(current))) {
			__set_current_state(TASK_RUNNING);
			leader_exit(l);
		}
		r = list_first_entry_or_null(&l->requests, struct request, list);
		if (!r) {
			if (signal_pending(current)) {
				/* Signals to the process go to the threads that are outside with a callback. */
				__set_current_state(TASK_RUNNING);
				pillion_leader_signals();
				continue;
			}
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		list_del(&r->list);
		leader_clone(l, r->ht);
	}
}

struct pillion_leader *pillion_leader_new(void)
{
	struct pillion_leader *l = kzalloc(sizeof(*l), GFP_KERNEL);

	if (l)
		INIT_LIST_HEAD(&l->requests);
	return l;
}

/*
 * ht, without a task, holding the virtual CPU, joins process pid. Returns 0 inside as its new
 * task, or an error outside.
 */
int pillion_attach(struct pillion_hthread *ht, int pid)
{
	struct task_struct *p = find_task(pid ?: 1);
	struct request r = { .ht = ht };
	int error;

	if (!p || !p->group_leader->thread.leader) {
		pillion_ht_leave(ht);
		return -ESRCH;
	}
	p = p->group_leader;
	ht->error = 0;
	ht->temporary = false;
	list_add_tail(&r.list, &p->thread.leader->requests);
	wake_up_process(p);
	pillion_ht_schedule(ht);
	error = pillion_ht_wait_turn(ht);
	if (error) {
		ht->error = 0;	/* or its next wait for the virtual CPU ends without it */
		return error;
	}
	schedule_tail(pillion_vcpu.last);
	return 0;
}

static void exit_main(void *arg)
{
	do_exit((long)arg);
}

/*
 * ht, inside as its task, ends it: the task goes on as an ordinary one, on its own stack, and
 * exits. Returns outside.
 */
void pillion_detach(struct pillion_hthread *ht, long code)
{
	struct task_struct *p = ht->task;
	struct pillion_leader *l = p->group_leader->thread.leader;
	void *stack;

	library_tasks--;
	list_del_init(&p->thread.tasks);
	ht->task = list_first_entry_or_null(&ht->tasks, struct task_struct, thread.tasks);
	stack = pillion_stack_map(p);
	if (!stack)
		panic("pillion: no stack to exit on");
	p->thread.ht = NULL;
	if (l && --l->ntasks == 0)
		wake_up_process(l->task);
	pillion_carry(ht, pillion_ctx_make(stack, THREAD_SIZE, exit_main, (void *)code));
}

/* Process pid, which nobody could join, ends. */
static void leader_dismiss(pid_t pid)
{
	struct task_struct *p = find_task(pid);

	if (p && p->thread.leader) {
		p->thread.leader->joined = true;
		wake_up_process(p);
	}
	kernel_wait4(pid, NULL, 0, NULL);
}

/*
 * ht, inside as its task, makes a process and moves into it. Returns 0 inside as that one's task,
 * or an error inside as it was.
 */
int pillion_rfork(struct pillion_hthread *ht, int *pid)
{
	struct task_struct *old = ht->task;
	struct kernel_clone_args args = {
		.exit_signal = SIGCHLD,
		.fn = pillion_leader_main,
		.fn_arg = pillion_leader_new(),
	};
	long ret = 0;
	pid_t child;
	int error;

	if (!args.fn_arg)
		return -ENOMEM;
	/* A clone is refused while a signal is pending. */
	while ((child = kernel_clone(&args)) == -ERESTARTNOINTR && !fatal_signal_pending(current))
		pillion_exit_work(ht, &ret);
	if (child < 0) {
		kfree(args.fn_arg);
		return child == -ERESTARTNOINTR ? -EINTR : child;
	}
	leader_set(args.fn_arg, find_task(child));	/* it may be asked before it has run */
	ht->task = NULL;
	error = pillion_attach(ht, child);
	if (error) {
		ht->task = old;
		pillion_enter_slow(ht);
		leader_dismiss(child);
		return error;
	}
	*pid = child;
	return 0;
}

/* The calling thread's hthread, made at its first call. NULL: no memory. */
struct pillion_hthread *pillion_hthread_self(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (ht)
		return ht;
	ht = pillion_hthread_get();
	if (!ht)
		return NULL;
	rumpuser_curlwpop(RUMPUSER_LWP_CREATE, (struct lwp *)ht);
	rumpuser_curlwpop(RUMPUSER_LWP_SET, (struct lwp *)ht);
	return ht;
}

/* The calling thread is unknown again. */
static void hthread_forget(struct pillion_hthread *ht)
{
	ht->temporary = false;
	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, (struct lwp *)ht);
	rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, (struct lwp *)ht);
	pillion_hthread_put(ht);
}

/*
 * The calling thread takes the virtual CPU as a mere carrier. A thread that is not known is so only
 * until it lets go again: it may be one that nobody tells the end of. NULL: no memory.
 */
struct pillion_hthread *pillion_visit(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (!ht) {
		ht = pillion_hthread_self();
		if (!ht)
			return NULL;
		ht->temporary = true;
	}
	pillion_ht_acquire(ht);
	return ht;
}

void pillion_visit_end(struct pillion_hthread *ht)
{
	pillion_ht_leave(ht);
	if (ht->temporary)
		hthread_forget(ht);
}

/* ---- upcalls ---- */

int rump_ext_attach(int pid)
{
	struct pillion_hthread *ht = pillion_hthread_self();
	int error;

	if (!ht)
		return ENOMEM;
	if (ht->task)
		return EBUSY;
	pillion_ht_acquire(ht);
	error = pillion_attach(ht, pid);
	if (error)
		return pillion_to_rump(-error);
	pillion_leave_slow(ht);
	return 0;
}

void rump_ext_detach(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	if (!ht)
		return;
	while (ht->task) {
		pillion_enter_slow(ht);
		pillion_detach(ht, 0);
	}
	hthread_forget(ht);
}

int rump_ext_rfork(int *pid)
{
	struct pillion_hthread *ht = pillion_task_enter();
	int error, parent;

	if (IS_ERR(ht))
		return pillion_to_rump(-PTR_ERR(ht));
	parent = ht->task->tgid;
	error = pillion_rfork(ht, pid);
	pillion_leave_slow(ht);
	if (ht->nsignals)
		pillion_deliver_signals(ht, parent);
	return pillion_to_rump(-error);
}

struct lwp *rump_ext_curlwp(void)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();

	return ht && ht->task ? (struct lwp *)(long)ht->task->pid : NULL;
}

int rump_ext_switch(struct lwp *l)
{
	struct pillion_hthread *ht = (void *)rumpuser_curlwp();
	struct task_struct *p;

	if (ht)
		list_for_each_entry(p, &ht->tasks, thread.tasks)
			if (p->pid == (long)l) {
				ht->task = p;
				return 0;
			}
	return RUMP_EINVAL;
}

/*
 * Do something to a library task of any thread's, with the virtual CPU held. Also for a thread that
 * is no task itself, and does not become one.
 */
static int with_task(struct lwp *l, void (*fn)(struct task_struct *p))
{
	struct pillion_hthread *ht = pillion_visit();
	struct task_struct *p;
	int error = 0;

	if (!ht)
		return RUMP_ENOMEM;
	p = find_task((int)(long)l);
	if (p && p->thread.ht)
		fn(p);
	else
		error = RUMP_ESRCH;
	pillion_visit_end(ht);
	return error;
}

static void kill_task(struct task_struct *p)
{
	spin_lock_irq(&p->sighand->siglock);
	sigaddset(&p->pending.signal, SIGKILL);
	signal_wake_up(p, 1);
	spin_unlock_irq(&p->sighand->siglock);
}

int rump_ext_interrupt(struct lwp *l)
{
	return with_task(l, set_notify_signal);
}

int rump_ext_kill(struct lwp *l)
{
	return with_task(l, kill_task);
}

/* ---- for the port's other upcalls: come in as a task of process 1 at least, and go out ---- */

struct pillion_hthread *pillion_task_enter(void)
{
	struct pillion_hthread *ht = pillion_hthread_self();
	int error;

	if (!ht)
		return ERR_PTR(-ENOMEM);
	if (!ht->task) {
		pillion_ht_acquire(ht);
		error = pillion_attach(ht, 0);
		if (error)
			return ERR_PTR(error);
	} else {
		pillion_enter_slow(ht);
	}
	return ht;
}

void pillion_task_leave(struct pillion_hthread *ht)
{
	int pid = ht->task->tgid;
	long ret = 0;

	pillion_exit_work(ht, &ret);
	pillion_leave_slow(ht);
	if (ht->nsignals)
		pillion_deliver_signals(ht, pid);
}
