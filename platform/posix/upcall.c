/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The donor's upcalls: rumpuser_init() and the entry points of rumpuser_component.h.
 *
 * Locking: rumpuser__hyp is written by rumpuser_init() only, before the donor has other threads.
 */
#include "posix.h"

#include <rump/rumpuser_component.h>

struct rumpuser_hyperup rumpuser__hyp;

int
rumpuser_init(int version, const struct rumpuser_hyperup *hyp)
{

	if (version != RUMPUSER_VERSION) {
		rumpuser_dprintf("rumpuser: version %d wanted, %d is here\n", version,
		    RUMPUSER_VERSION);
		return RUMP_EINVAL;
	}
	rumpuser__hyp = *hyp;
	return rumpuser__fault_init();
}

void *
rumpuser_component_unschedule(void)
{

	return (void *)(intptr_t)unsched(NULL);
}

void
rumpuser_component_schedule(void *cookie)
{

	resched((int)(intptr_t)cookie, NULL);
}

void
rumpuser_component_kthread(void)
{

	if (rumpuser__hyp.hyp_schedule == NULL)
		return;
	rumpuser__hyp.hyp_schedule();
	if (rumpuser__hyp.hyp_lwproc_newlwp(0) != 0) {
		rumpuser_dprintf("rumpuser: no context for a platform thread\n");
		rumpuser_exit(RUMPUSER_PANIC);
	}
	rumpuser__hyp.hyp_unschedule();
}

void
rumpuser_component_kthread_release(void)
{

	if (rumpuser__hyp.hyp_schedule == NULL)
		return;
	rumpuser__hyp.hyp_schedule();
	rumpuser__hyp.hyp_lwproc_release();
	rumpuser__hyp.hyp_unschedule();
}

struct lwp *
rumpuser_component_curlwp(void)
{

	return rumpuser_curlwp();
}

void
rumpuser_component_switchlwp(struct lwp *l)
{

	if (rumpuser__hyp.hyp_lwproc_switch != NULL)
		rumpuser__hyp.hyp_lwproc_switch(l);
}

int
rumpuser_component_errtrans(int hosterr)
{

	return rumpuser__errtrans(hosterr);
}
