/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CLOCK_PAGE_H
#define _ASM_PILLION_CLOCK_PAGE_H

/* The platform's monotonic clock, in nanoseconds, from its clock page: no call, no trap. */
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <asm/cpu_vdso.h>
#include <rump/rumpext_user.h>

/* ordered: not before what comes before it. ~0: the platform has no such clock (any more). */
static __always_inline u64 pillion_clock_page(const volatile struct rumpext_clock *clk,
					      bool ordered)
{
	unsigned int seq;
	u64 now;

	do {
		while (unlikely((seq = clk->seq) & 1))
			pillion_cpu_pause();
		smp_rmb();
		if (unlikely(!clk->mult))
			return ~0ULL;
		now = pillion_vdso_counter(ordered) - clk->base_count;
		now = clk->base_ns + (u64)(((unsigned __int128)now * clk->mult) >> clk->shift);
		smp_rmb();
	} while (unlikely(clk->seq != seq));
	return now;
}

#endif
