// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs: tasks with a user mode (include/rump/rumpext_user.h), from birth to death. What they do
 * in between is in user.c.
 *
 * A *program task* is the body of one platform thread, like a library task, and its kernel stack is
 * that thread's own.
 *
 * Birth: fork makes a platform thread that waits to be granted the virtual CPU, and begins as the
 * child. A first program is a task with a stack of the donor's that executes a file and then moves
 * to a thread of its own. Death: do_exit() runs on the thread's stack; the last switch away from
 * the task (vcpu.c) ends the thread.
 *
 * Locking: the virtual CPU, but for "threads", which is atomic.
 */
#include <linux/kernel.h>
#include <linux/completion.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/binfmts.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/syscalls.h>
#include <linux/delay.h>
#include <asm/program.h>
#include <asm/rump.h>
#include <asm/syscall.h>
#include <asm/vcpu.h>
#include <asm/elf.h>

unsigned long pillion_hwcap, pillion_hwcap2;
static bool have_user_mode;
static unsigned int threads;		/* platform threads of programs, until their last step */

bool __init pillion_user_mode_init(void)
{
	struct rumpext_user_info info;

	if (rumpext_user_info(&info) || info.va_max < TASK_SIZE)
		return false;
	pillion_hwcap = info.hwcap;
	pillion_hwcap2 = info.hwcap2;
	pillion_cpu_user_init(&info);
	have_user_mode = true;
	return true;
}

/* ---- birth ---- */

static void *thread_main(void *arg)
{
	struct pillion_hthread *ht = arg;

	rumpuser_curlwpop(RUMPUSER_LWP_CREATE, (struct lwp *)ht);
	rumpuser_curlwpop(RUMPUSER_LWP_SET, (struct lwp *)ht);
	if (pillion_ht_wait_turn(ht))
		pillion_program_end(ht);	/* the fork came to nothing */
	if (ht->forked)
		schedule_tail(pillion_vcpu.last);
	pillion_user_loop(ht);
}

/* Make a platform thread the body of p. from: whose FP state it begins with, or NULL. */
static int thread_new(struct task_struct *p, struct pillion_hthread *from)
{
	struct pillion_hthread *ht = pillion_hthread_get();
	int error;

	if (!ht)
		return -ENOMEM;
	if (!ht->user && rumpext_user_create(&ht->user)) {
		pillion_hthread_put(ht);
		return -ENOMEM;
	}
	rumpext_user_reset(ht->user, from ? from->user : NULL);
	ht->forked = from;
	ht->task = p;
	p->thread.ht = ht;
	list_add(&p->thread.tasks, &ht->tasks);
	__atomic_add_fetch(&threads, 1, __ATOMIC_SEQ_CST);
	error = rumpuser_thread_create(thread_main, ht, p->comm, 0, -1, -1, NULL);
	if (error) {
		__atomic_sub_fetch(&threads, 1, __ATOMIC_SEQ_CST);
		list_del_init(&p->thread.tasks);
		p->thread.ht = NULL;
		ht->task = NULL;
		pillion_hthread_put(ht);
		return -EAGAIN;
	}
	return 0;
}

/* The child of a program's fork or clone. */
int pillion_program_fork(struct task_struct *p, const struct kernel_clone_args *args)
{
	struct pt_regs *regs = task_pt_regs(p);

	p->thread.program = true;
	p->thread.fault = current->thread.fault;
	INIT_LIST_HEAD(&p->thread.tasks);
	*regs = *current_pt_regs();
	syscall_set_return_value(p, regs, 0, 0);
	if (args->stack)
		pillion_cpu_set_stack(regs, args->stack);
	if (args->flags & CLONE_SETTLS)
		pillion_cpu_set_tls(regs, args->tls);
	return thread_new(p, current->thread.ht);
}

/* Of a task that copy_process() gives up: its thread has not begun. */
void exit_thread(struct task_struct *p)
{
	struct pillion_hthread *ht = p->thread.ht;

	if (p == current || !p->thread.program || !ht)
		return;
	list_del_init(&p->thread.tasks);
	p->thread.ht = NULL;
	ht->task = NULL;
	__atomic_store_n(&ht->error, ECANCELED, __ATOMIC_RELEASE);
	pillion_ht_wake(ht);
}

bool pillion_may_exec(void)
{
	return have_user_mode && (!current->thread.ht || current->thread.program);
}

/* A binary format has decided to load this task's program. */
void pillion_become_program(void)
{
	current->thread.program = true;
}

/* begin_new_exec(): the FP state of a new program. */
void flush_thread(void)
{
	struct pillion_hthread *ht = current->thread.ht;

	if (ht && current->thread.program)
		rumpext_user_reset(ht->user, NULL);
}

/* On a stack of the donor's, after the first exec: go on, on a thread of its own. */
void __noreturn pillion_program_begin(void)
{
	struct pillion_hthread *carrier;
	void *abandoned;

	INIT_LIST_HEAD(&current->thread.tasks);
	if (thread_new(current, NULL))
		do_exit(SIGKILL);
	carrier = pillion_vcpu.carrier;
	carrier->grant_to = current->thread.ht;
	pillion_ctx_switch(&abandoned, carrier->home);
	BUG();
}

/* ---- death ---- */

/* The thread's task is gone, and the virtual CPU is another's. */
void __noreturn pillion_program_end(struct pillion_hthread *ht)
{
	ht->error = 0;
	rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, (struct lwp *)ht);
	rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, (struct lwp *)ht);
	pillion_hthread_put(ht);
	__atomic_sub_fetch(&threads, 1, __ATOMIC_SEQ_CST);
	rumpuser_thread_exit();
}

static void kill_all(void)
{
	struct task_struct *p;

	rcu_read_lock();
	for_each_process(p)
		if (p->thread.program)
			do_send_sig_info(SIGKILL, SEND_SIG_PRIV, p, PIDTYPE_TGID);
	rcu_read_unlock();
}

/*
 * The donor comes to its end: so do all programs, which are then process 1's to bury. False if one
 * will not die.
 */
bool pillion_programs_stop(void)
{
	unsigned int tries;

	for (tries = 0; tries < 500 && __atomic_load_n(&threads, __ATOMIC_SEQ_CST); tries++) {
		kill_all();
		while (kernel_wait4(-1, NULL, WNOHANG | __WALL, NULL) > 0)
			;
		msleep(tries ? 10 : 1);
	}
	return !__atomic_load_n(&threads, __ATOMIC_SEQ_CST);
}

/* ---- the first program ---- */

struct spawn {
	const char *path, *tty;
	const char *const *argv, *const *envp;
	struct completion done;
	int error;
};

/* A session of its own on a terminal, which is those of descriptors 0 to 2 that exec leaves out. */
static int begin_session(const char *tty)
{
	struct file *f, *open;
	int fd, error = 0;

	do_close_on_exec(current->files);
	ksys_setsid();
	f = filp_open(tty, O_RDWR, 0);
	if (IS_ERR(f))
		return PTR_ERR(f);
	for (fd = 0; fd < 3 && error >= 0; fd++) {
		open = fget_raw(fd);
		if (open)
			fput(open);
		else
			error = replace_fd(fd, f, 0);
	}
	fput(f);
	return min(error, 0);
}

static int spawn_main(void *arg)
{
	static const char *const none[] = { NULL };
	struct spawn *s = arg;
	sigset_t empty;
	int error = 0;

	flush_signal_handlers(current, 1);
	sigemptyset(&empty);
	set_current_blocked(&empty);
	if (s->tty)
		error = begin_session(s->tty);
	if (!error)
		error = kernel_execve(s->path, s->argv, s->envp ?: none);
	s->error = error;
	complete(&s->done);
	if (error)
		do_exit(0);
	return 0;
}

long rump_ext_spawn(const char *path, char *const argv[], char *const envp[], const char *tty)
{
	struct spawn s = { .path = path, .tty = tty, .argv = (const char *const *)argv,
			   .envp = (const char *const *)envp };
	struct kernel_clone_args args = {
		.exit_signal = SIGCHLD,
		.fn = spawn_main,
		.fn_arg = &s,
	};
	struct pillion_hthread *ht;
	long pid, ret = 0;

	if (!have_user_mode)
		return -ENOSYS;
	ht = pillion_task_enter();
	if (IS_ERR(ht))
		return PTR_ERR(ht);
	init_completion(&s.done);
	/* A clone is refused while a signal is pending. */
	while ((pid = kernel_clone(&args)) == -ERESTARTNOINTR && !fatal_signal_pending(current))
		pillion_exit_work(ht, &ret);
	if (pid > 0) {
		wait_for_completion(&s.done);
		if (s.error) {
			/* It has nothing to do any more but to end. */
			while (kernel_wait4(pid, NULL, __WALL, NULL) == -ERESTARTSYS &&
			       !fatal_signal_pending(current))
				pillion_exit_work(ht, &ret);
			pid = s.error;
		}
	}
	pillion_task_leave(ht);
	return pid == -ERESTARTNOINTR ? -EINTR : pid;
}
