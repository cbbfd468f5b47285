/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native processes, and their threads, which are called tasks here: a thread of the kernel that
 * runs user code and its system calls.
 *
 * A process ends when it exits, is killed, faults, or its last task ends: its tasks are interrupted
 * wherever they wait, and leave by themselves; the last one gives back what the process has. What
 * is left is how it ended, until nobody can ask any more.
 *
 * Locking: process_lock (a spin lock) for the lists of processes and tasks and for how processes
 * end; a task's lock for where it waits. Order: a wait queue's, then a task's.
 */
#ifndef NUCLEUS_PROCESS_H
#define NUCLEUS_PROCESS_H

#include <nucleus/archive.h>
#include <nucleus/thread.h>
#include <nucleus/user.h>
#include <nucleus/vm.h>

struct process {
	uint32_t	id;		/* never used twice */
	uint32_t	parent;		/* its id; 0: the kernel */
	struct vm	*vm;
	struct account	*account;
	struct list	tasks;
	struct list	all_link;
	bool		ending;
	struct wait_info ended;		/* how; while ending */
	bool		gone;		/* nothing is left but this */
	struct waitq	gone_wait;
	char		name[24];
};

struct task {
	struct thread	*thread;
	struct process	*process;
	struct list	link;		/* in the process's */
	struct user	*user;
	struct cpu_regs	regs;		/* of user mode, while it is not there */
	struct user_trap trap;
	volatile unsigned work;		/* TASK_* */

	struct spinlock	lock;
	struct waitq	*waits_in;	/* task_sleep() */
};

#define TASK_END	0x1		/* it is to end */

/* The calling thread's task; NULL: it is none. */
static inline struct task *task_self(void)
{
	return thread_tls(0);
}

/*
 * As waitq_sleep(), for a task that waits on its program's behalf: E_INTR as soon as it is to end.
 * The program will not see that.
 */
int task_sleep(struct waitq *wq, unsigned long flags, nsec_t deadline);

/* Make the first process, from a file of the archive, which stays. */
int process_start(const struct archive *archive, const char *name, struct process **pp);

/* Wait until p has ended, and give it up: *info says how. */
void process_join(struct process *p, struct wait_info *info);

/* p is to end, unless it already is. Does not wait. */
void process_end(struct process *p, enum end_reason reason, int status, uintptr_t address);

/* ---- for native.c ---- */

void task_main(void *arg) NORETURN;		/* native.c: what a task's thread runs */
void task_leave(void) NORETURN;			/* the calling task ends */

/* The calling task's process becomes another program. args: nargs strings, one behind the other. */
int process_exec(const char *name, const char *args, size_t len);

#endif /* NUCLEUS_PROCESS_H */
