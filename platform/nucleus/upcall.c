/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The donor's upcalls: rumpuser_init() and the entry points of rumpuser_component.h.
 *
 * Locking: platform_hyp is written by rumpuser_init() only, before the donor has other threads.
 */
#include <rump/rumpuser_component.h>

#include "platform.h"

struct rumpuser_hyperup platform_hyp;

int rumpuser_init(int version, const struct rumpuser_hyperup *hyp)
{
	if (version != RUMPUSER_VERSION) {
		rumpuser_dprintf("rumpuser: version %d wanted, %d is here\n", version,
		    RUMPUSER_VERSION);
		return RUMP_EINVAL;
	}
	platform_hyp = *hyp;
	return 0;
}

void *rumpuser_component_unschedule(void)
{
	return (void *)(intptr_t)unsched(NULL);
}

void rumpuser_component_schedule(void *cookie)
{
	resched((int)(intptr_t)cookie, NULL);
}

void rumpuser_component_kthread(void)
{
	if (platform_hyp.hyp_schedule == NULL)
		return;
	platform_hyp.hyp_schedule();
	if (platform_hyp.hyp_lwproc_newlwp(0) != 0) {
		rumpuser_dprintf("rumpuser: no context for a platform thread\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
	platform_hyp.hyp_unschedule();
}

void rumpuser_component_kthread_release(void)
{
	if (platform_hyp.hyp_schedule == NULL)
		return;
	platform_hyp.hyp_schedule();
	platform_hyp.hyp_lwproc_release();
	platform_hyp.hyp_unschedule();
}

struct lwp *rumpuser_component_curlwp(void)
{
	return rumpuser_curlwp();
}

void rumpuser_component_switchlwp(struct lwp *l)
{
	if (platform_hyp.hyp_lwproc_switch != NULL)
		platform_hyp.hyp_lwproc_switch(l);
}

/* The host's numbers are the contract's already. */
int rumpuser_component_errtrans(int hosterr)
{
	return hosterr;
}
