/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a task: its program runs, and calls, until it ends.
 *
 * Locking: none of its own.
 */
#include <nucleus/abi.h>
#include <nucleus/calls.h>
#include <nucleus/error.h>
#include <nucleus/log.h>
#include <nucleus/native.h>
#include <nucleus/process.h>
#include <nucleus/regs.h>

/* ---- fast calls ---- */

static long fast_null(struct native_frame *f)
{
	(void)f;
	return 0;
}

static long fast_clock(struct native_frame *f)
{
	(void)f;
	return (long)clock_now();
}

native_fast_fn *const native_fast[NATIVE_FAST] = {
	[SYS_NULL]	= fast_null,
	[SYS_CALL]	= fast_call,
	[SYS_REPLY_RECEIVE] = fast_reply_receive,
	[SYS_CLOCK]	= fast_clock,
};

/* ---- complete calls ---- */

static void call(struct task *t)
{
	unsigned long number = regs_call(&t->regs), a[6];
	native_fn *fn = NULL;
	long result = -E_NOSYS;

	_Static_assert(SYS_COUNT <= NATIVE_FAST, "native_calls");
	regs_args(&t->regs, a);
	if (number < NATIVE_FAST) {
		__asm__ volatile("" : "+r"(number));	/* also where the CPU only guesses: cap.h */
		fn = native_calls[number & (NATIVE_FAST - 1)];
	}
	if (fn != NULL)
		result = fn(t, a);
	if (result != NATIVE_NO_RESULT)
		regs_result(&t->regs, result);
}

/* ---- a program that did what it must not ---- */

static void say(const struct task *t, const char *what)
{
	log_warn("process %u (%s): %s", t->process->id, t->process->name, what);
	regs_log(&t->regs);
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

	format(what, sizeof(what), "exception %u (%s), code %#x", t->trap.vector,
	    regs_exception(t->trap.vector), t->trap.code);
	say(t, what);
	process_end(t->process, END_EXCEPTION, (int)t->trap.vector, regs_pc(&t->regs));
}

void task_main(void *arg)
{
	struct task *t = arg;

	t->thread = t->ipc.thread = thread_self();
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
		case USER_FP:
			if (user_fp_begin(t->user) != 0)
				process_end(t->process, END_NOMEM, 0, regs_pc(&t->regs));
			break;
		case USER_WORK:
			break;
		}
	}
	task_leave();
}
