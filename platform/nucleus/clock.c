/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time and random numbers, as the nucleus has them.
 *
 * Interface: rumpuser_clock_gettime, _clock_sleep; rumpuser_getrandom. Locking: none.
 */
#include <nucleus/clock.h>
#include <nucleus/random.h>

#include "platform.h"

int rumpuser_clock_gettime(int clk, int64_t *sec, long *nsec)
{
	nsec_t now;

	if (likely(clk == RUMPUSER_CLOCK_ABSMONO))
		now = clock_now();
	else if (clk == RUMPUSER_CLOCK_RELWALL)
		now = clock_wall();
	else
		return RUMP_EINVAL;
	*sec = (int64_t)(now / NSEC_PER_SEC);
	*nsec = (long)(now % NSEC_PER_SEC);
	return 0;
}

int rumpuser_clock_sleep(int clk, int64_t sec, long nsec)
{
	nsec_t until;
	int nlocks;

	if ((clk != RUMPUSER_CLOCK_ABSMONO && clk != RUMPUSER_CLOCK_RELWALL) || nsec < 0 ||
	    nsec > 999999999 || (clk == RUMPUSER_CLOCK_RELWALL && sec < 0))
		return RUMP_EINVAL;
	if (sec < 0)
		sec = 0;	/* an instant in the past all the same */
	if (__builtin_mul_overflow((nsec_t)sec, NSEC_PER_SEC, &until) ||
	    __builtin_add_overflow(until, (nsec_t)nsec, &until) ||
	    (clk == RUMPUSER_CLOCK_RELWALL && __builtin_add_overflow(until, clock_now(), &until)))
		until = NSEC_NEVER;
	nlocks = unsched(NULL);
	sleep_until(until);
	resched(nlocks, NULL);
	return 0;
}

/* The nucleus's generator never blocks. How good it is, it has said at boot. */
int rumpuser_getrandom(void *buf, size_t len, int flags, size_t *retp)
{
	if (flags & ~(RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT))
		return RUMP_EINVAL;
	random_bytes(buf, len);
	*retp = len;
	return 0;
}
