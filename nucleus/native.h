/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast calls: system calls of native programs that are done, or given up, within user_run().
 *
 * The CPU's entry (native.S) makes a struct native_frame (arch.h), calls what native_fast has for
 * the number with interrupts off, and goes on by what user_resume() says. A fast call has its
 * arguments and results in the frame, and what the program keeps is safe. It may switch to another
 * thread, as long as it comes back. It is an early exit to the complete call: when something is not
 * as it mostly is, it changes nothing and answers NATIVE_SLOW, and the complete one (calls.h) is
 * made.
 */
#ifndef NUCLEUS_NATIVE_H
#define NUCLEUS_NATIVE_H

#include <nucleus/cpu.h>

#define NATIVE_SLOW	INT64_MIN
#define NATIVE_FAST	64		/* as the entries know */

/* The result, or NATIVE_SLOW. Interrupts off; they stay off. */
typedef long native_fast_fn(struct native_frame *f);

extern native_fast_fn *const native_fast[NATIVE_FAST];	/* NULL: there is only the complete call */

native_fast_fn fast_call, fast_reply_receive;	/* fastpath.c */

#endif /* NUCLEUS_NATIVE_H */
