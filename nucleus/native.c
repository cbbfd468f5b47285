/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native system calls: the life of a task, and the table of calls. The interface is abi.h.
 *
 * Locking: none of its own.
 */
#include <nucleus/abi.h>
#include <nucleus/console.h>
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/process.h>
#include <nucleus/regs.h>
#include <nucleus/string.h>

/* A call with its arguments; its result. */
typedef long native_fn(struct task *t, const unsigned long a[6]);

static native_fn sys_null, sys_exit, sys_clock, sys_log, sys_yield;

static native_fn *const calls[SYS_COUNT] = {
	[SYS_NULL]	= sys_null,
	[SYS_EXIT]	= sys_exit,
	[SYS_CLOCK]	= sys_clock,
	[SYS_LOG]	= sys_log,
	[SYS_YIELD]	= sys_yield,
};

static long sys_null(struct task *t, const unsigned long a[6])
{
	(void)t;
	(void)a;
	return 0;
}

static long sys_exit(struct task *t, const unsigned long a[6])
{
	process_end(t->process, END_EXIT, a[0] & 0xff, 0);
	return 0;
}

static long sys_clock(struct task *t, const unsigned long a[6])
{
	(void)t;
	(void)a;
	return (long)clock_now();
}

static long sys_yield(struct task *t, const unsigned long a[6])
{
	(void)t;
	(void)a;
	thread_yield();
	return 0;
}

/* A line without what a terminal would take for more than text. */
static long sys_log(struct task *t, const unsigned long a[6])
{
	char text[LOG_MAX + 1];
	int error;

	if (a[1] > LOG_MAX)
		return -E_INVAL;
	error = vm_copy_in(t->process->vm, text, a[0], a[1]);
	if (error != 0)
		return -error;
	for (size_t i = 0; i < a[1]; i++) {
		if ((uint8_t)text[i] < ' ' && text[i] != '\t')
			text[i] = '?';
	}
	text[a[1]] = '\n';
	console_write(text, a[1] + 1);
	return 0;
}

static void call(struct task *t)
{
	unsigned long number = regs_call(&t->regs), a[6];
	long result = -E_NOSYS;

	regs_args(&t->regs, a);
	if (number < SYS_COUNT && calls[number] != NULL)
		result = calls[number](t, a);
	regs_result(&t->regs, result);
}

/* ---- a program that did what it must not ---- */

static void say(const struct task *t, const char *what)
{
	char regs[512];

	regs_format(&t->regs, regs, sizeof(regs));
	log_error("process %u (%s): %s\n%s", t->process->id, t->process->name, what, regs);
}

static void fault(struct task *t)
{
	const struct user_trap *trap = &t->trap;
	int error = vm_fault(t->process->vm, trap->addr, trap->access);
	char what[80];

	if (error == 0)
		return;
	format(what, sizeof(what), "%s %#lx%s",
	    trap->access == PROT_X ? "execution of" : trap->access == PROT_W ? "write to" : "read of",
	    trap->addr, error == E_NOMEM ? ": no memory" : "");
	say(t, what);
	process_end(t->process, error == E_NOMEM ? END_NOMEM : END_FAULT, 0, trap->addr);
}

static void exception(struct task *t)
{
	char what[80];

	format(what, sizeof(what), "exception %u, code %#x", t->trap.vector, t->trap.code);
	say(t, what);
	process_end(t->process, END_EXCEPTION, (int)t->trap.vector, regs_pc(&t->regs));
}

void task_main(void *arg)
{
	struct task *t = arg;

	t->thread = thread_self();
	thread_tls(0) = t;
	while (!(t->work & TASK_END)) {
		user_run(t->user, t->process->vm->space, &t->regs, &t->work, &t->trap);
		switch (t->trap.why) {
		case USER_SYSCALL:
			call(t);
			break;
		case USER_FAULT:
			fault(t);
			break;
		case USER_EXCEPTION:
			exception(t);
			break;
		case USER_WORK:
			break;
		}
	}
	task_leave();
}
