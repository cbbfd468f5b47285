/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast calls: system calls of native programs that are done, or given up, within user_run().
 *
 * The CPU's entry makes a struct native_frame (arch.h) and calls native_enter() with interrupts
 * off. A fast call has its arguments and results in the frame, and what the program keeps is safe.
 * It may switch to another thread, as long as it comes back. It is an early exit to the complete
 * call: when something is not as it mostly is, it changes nothing and answers NATIVE_SLOW, and the
 * complete one (calls.h) is made.
 */
#ifndef NUCLEUS_NATIVE_H
#define NUCLEUS_NATIVE_H

#include <nucleus/cpu.h>

#define NATIVE_SLOW	INT64_MIN

/* The result, or NATIVE_SLOW. Interrupts off; they stay off. */
typedef long native_fast_fn(struct native_frame *f);

native_fast_fn fast_call, fast_reply_receive;	/* fastpath.c */

/* For the entry. False: back to the program; true: the run ends. */
bool native_enter(struct native_frame *f);

#endif /* NUCLEUS_NATIVE_H */
