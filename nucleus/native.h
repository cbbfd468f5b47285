/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast calls: system calls of native programs that are done, or given up, within user_run().
 *
 * The CPU's entry (native.S) makes a struct native_frame (arch.h), and calls what native_fast has
 * for the number, with interrupts off. A fast call has its arguments and results in the frame, and
 * what the program keeps is safe. It is an early exit to the complete call: when something is not
 * as it mostly is, it changes nothing, and the complete one (calls.h) is made.
 *
 * It says what the entry does next. Since interrupts have been off, nothing that returning to user
 * mode depends on has changed; after it has slept, or made others ready, user_resume() is asked.
 */
#ifndef NUCLEUS_NATIVE_H
#define NUCLEUS_NATIVE_H

#include <nucleus/cpu.h>
#include <nucleus/error.h>

#define NATIVE_FAST	64		/* as the entries know */

/*
 * A result of -ERROR_MAX or more: back to the program with it. Otherwise
 *   NATIVE_LEAVE	the run ends: with the call, or, if user_resume() has said so, with work to do
 *   native_direct(t)	the calling thread waits, and t, which is PARKED_DIRECT, goes on from its own
 *			frame, with result 0. The run queue's lock is held, and released then
 *   native_switch(t)	the same with any thread, to which the lock is left: cpu_switch()
 * A thread that has waited goes on directly, or begins in native_woken(), which says the same.
 *
 * As the entries know: threads have even addresses, in the upper half.
 */
#define NATIVE_LEAVE	(INT64_MIN + 1)

static inline long native_direct(struct thread *t)
{
	return (long)t;
}

static inline long native_switch(struct thread *t)
{
	return (long)t | 1;
}

/* Called with interrupts off; they stay off. */
typedef long native_fast_fn(struct native_frame *f);

extern native_fast_fn *const native_fast[NATIVE_FAST];	/* NULL: there is only the complete call */

native_fast_fn fast_call, fast_reply_receive, native_woken;	/* fastpath.c */

#endif /* NUCLEUS_NATIVE_H */
