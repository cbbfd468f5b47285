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
#include <nucleus/cap.h>
#include <nucleus/ipc.h>
#include <nucleus/thread.h>
#include <nucleus/user.h>
#include <nucleus/vm.h>

struct process {
	struct object	object;		/* CAP_PROCESS; a reference while it is not gone */
	struct captable	caps;
	struct vm	*vm;
	struct account	*account;	/* its own; in the group's */
	struct list	tasks;
	uint32_t	id;		/* never used twice */
	char		name[24];

	struct process	*parent;	/* NULL: the kernel, or gone */
	struct list	children, sibling;
	unsigned long	handle;		/* the parent's for it */
	bool		waited;		/* the parent was told of its end */
	struct waitq	child_ended;	/* waits for any child */

	bool		ending;
	bool		gone;		/* nothing is left but this */
	struct wait_info ended;		/* how */
	struct waitq	gone_wait;
	nsec_t		time;		/* on a CPU, of tasks that have ended */
	unsigned long	calls;		/* IPC, of the same */
	struct list	all_link;
};

struct task {
	struct ipc	ipc;			/* first, for fastpath.c's sake */
	struct thread	*thread;
	struct process	*process;
	struct list	link;		/* in the process's */
	uint32_t	id;		/* of SYS_THREAD; the first has 0 */
	struct user	*user;
	struct cpu_regs	regs;		/* of user mode, while it is not there */
	struct user_trap trap;
	volatile unsigned work;		/* TASK_* */

	struct spinlock	lock;
	struct waitq	*waits_in;	/* task_sleep() */

	const void	*futex;		/* what it waits for, and where in that: futex.c */
	size_t		futex_offset;
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

/*
 * The first process, from a file of the archive, which stays: args are its arguments, as for
 * process_exec(), the file's name first. It has a capability for the system.
 * process_join: wait until it has ended, and give it up: *info says how.
 */
int process_start(const struct archive *archive, const char *args, size_t len,
    struct process **pp);
void process_join(struct process *p, struct wait_info *info);

/* p is to end, unless it already is. Does not wait. */
void process_end(struct process *p, enum end_reason reason, int status, uintptr_t address);

/* ---- for calls.c and native.c: by the calling task's process ---- */

void task_main(void *arg) NORETURN;		/* native.c: what a task's thread runs */
void task_leave(void) NORETURN;			/* the calling task ends */

/*
 * process_fork: a copy, with a copy of this task only, where the call's result is 0. Its handle.
 * process_exec: it becomes another program; args: strings that fill len bytes, each with its 0.
 * E_BUSY: it has other tasks.
 * process_wait: for the process of a handle, or, if that is 0, for any child. Its handle.
 * process_thread: a task that begins in entry(argument). Its thread's id.
 */
long process_fork(struct task *t);
int process_exec(struct task *t, const char *name, const char *args, size_t len);
long process_wait(struct process *p, unsigned long handle, nsec_t deadline, struct wait_info *info);
long process_thread(struct task *t, vaddr_t entry, vaddr_t sp, unsigned long argument,
    unsigned prio);

/*
 * The memory with which a program of the archive begins: args are strings that fill len bytes.
 * E_NOENT, E_NOEXEC, E_NOMEM.
 */
int program_load(struct vm *vm, const char *name, const char *args, size_t len,
    struct cpu_regs *regs);

struct process *process_find(uint32_t id);	/* with a reference; NULL */
bool process_info(uint32_t least, struct info_process *info);	/* of the least id from there on */
unsigned long process_fast_calls(void);		/* of all since the start, on the fast path */
const struct archive *process_archive(void);

extern const struct object_type process_type;
extern struct object system_object;		/* CAP_SYSTEM */

/* ---- for process.c and process_wait.c ---- */

extern struct spinlock process_lock;
extern struct list processes;			/* by all_link, in order of ids */
extern unsigned long process_ended_calls;	/* on the fast path, by tasks that have ended */

/* ---- futexes: results as abi.h says ---- */

long futex_wait(struct task *t, vaddr_t va, uint32_t value, nsec_t deadline);
long futex_wake(struct task *t, vaddr_t va, unsigned long count);

#endif /* NUCLEUS_PROCESS_H */
