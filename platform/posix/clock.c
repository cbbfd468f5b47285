/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time, from the host's clocks (read without a system call where the host's library can).
 *
 * Interface: rumpuser_clock_gettime, rumpuser_clock_sleep. Locking: none.
 */
#include "posix.h"

int
rumpuser_clock_gettime(int clk, int64_t *sec, long *nsec)
{
	struct timespec ts;

	if (likely(clk == RUMPUSER_CLOCK_ABSMONO))
		clock_gettime(CLOCK_MONOTONIC, &ts);
	else if (clk == RUMPUSER_CLOCK_RELWALL)
		clock_gettime(CLOCK_REALTIME, &ts);
	else
		return RUMP_EINVAL;
	*sec = ts.tv_sec;
	*nsec = ts.tv_nsec;
	return 0;
}

int
rumpuser_clock_sleep(int clk, int64_t sec, long nsec)
{
	struct timespec ts;
	int nlocks, error;

	if ((clk != RUMPUSER_CLOCK_ABSMONO && clk != RUMPUSER_CLOCK_RELWALL) || nsec < 0 ||
	    nsec > 999999999 || (clk == RUMPUSER_CLOCK_RELWALL && sec < 0))
		return RUMP_EINVAL;
	if (sec < 0)
		sec = 0;	/* an instant in the past all the same */
	ts.tv_sec = sec;
	ts.tv_nsec = nsec;
	nlocks = unsched(NULL);
	if (clk == RUMPUSER_CLOCK_ABSMONO)
		do
			error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		while (error == EINTR);
	else
		do
			error = clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts);
		while (error == EINTR);
	resched(nlocks, NULL);
	return rumpuser__errtrans(error);
}
