/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a platform's I/O hypercalls (rumpcomp_*) need of the platform's rumpuser: entering and
 * leaving the donor from threads of their own, and its error numbers. Called by platform code,
 * never by the donor.
 *
 * Locking: see each function. Memory and errors: as rumpuser.h.
 */
#ifndef RUMP_RUMPUSER_COMPONENT_H
#define RUMP_RUMPUSER_COMPONENT_H

#include <rump/rumptypes.h>

struct lwp;

/*
 * rumpuser_component_unschedule: give up the donor's CPU, as a [wraps] hypercall does before it
 * blocks; the result is for rumpuser_component_schedule(), which takes the CPU back. A thread
 * that is not inside a hypercall passes NULL to get a CPU, and gives it up with unschedule.
 */
void *rumpuser_component_unschedule(void);
void rumpuser_component_schedule(void *cookie);

/*
 * rumpuser_component_kthread: make the calling thread, which the platform has created and which
 * has no lwp, a kernel thread of the donor (an lwp of process 0). It does not hold the CPU before
 * or after.
 * rumpuser_component_kthread_release: the opposite, before the thread ends.
 */
void rumpuser_component_kthread(void);
void rumpuser_component_kthread_release(void);

/* The calling thread's lwp; make another of the donor's the calling thread's. The CPU is held. */
struct lwp *rumpuser_component_curlwp(void);
void rumpuser_component_switchlwp(struct lwp *l);

/* The contract's number for an errno of the host (0 for 0, RUMP_EIO for one that has none). */
int rumpuser_component_errtrans(int hosterr);

#endif /* RUMP_RUMPUSER_COMPONENT_H */
