/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Native system calls, as abi.h says: the complete paths, in thread context, on the calling task's
 * thread with nothing held. All registers of the program are in t->regs.
 */
#ifndef NUCLEUS_CALLS_H
#define NUCLEUS_CALLS_H

#include <nucleus/native.h>
#include <nucleus/process.h>

/* A call with its arguments, which may be anything; its result. */
typedef long native_fn(struct task *t, const unsigned long a[6]);

/* The result of calls that have set t->regs themselves. */
#define NATIVE_NO_RESULT	INT64_MIN

extern native_fn *const native_calls[NATIVE_FAST];	/* NULL: there is none */

/* calls_ipc.c */
native_fn calls_call, calls_receive, calls_reply_receive, calls_reply, calls_reply_save;
native_fn calls_endpoint, calls_bind, calls_notification, calls_notify, calls_notify_wait;
native_fn calls_irq_bind, calls_irq_ack, calls_port_read, calls_port_write;

#endif /* NUCLEUS_CALLS_H */
