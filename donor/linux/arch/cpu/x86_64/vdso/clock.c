// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of the vDSO, over lib/vdso/gettimeofday.c (see Makefile).
 *
 * The coarse clocks, and time(), which is one, are system calls: their ticks do not come while a
 * program runs in user mode that was moved off the donor's CPU.
 */
#include <linux/time.h>
#include <linux/types.h>

#define EXPORT	__attribute__((visibility("default")))
#define ALIAS(name)	__attribute__((visibility("default"), weak, alias(#name)))

EXPORT int __vdso_clock_gettime(clockid_t clk, struct __kernel_timespec *ts);
int __vdso_clock_gettime(clockid_t clk, struct __kernel_timespec *ts)
{
	if (clk == CLOCK_REALTIME_COARSE || clk == CLOCK_MONOTONIC_COARSE)
		return clock_gettime_fallback(clk, ts);
	return __cvdso_clock_gettime(clk, ts);
}

EXPORT int __vdso_clock_getres(clockid_t clk, struct __kernel_timespec *res);
int __vdso_clock_getres(clockid_t clk, struct __kernel_timespec *res)
{
	return __cvdso_clock_getres(clk, res);
}

EXPORT int __vdso_gettimeofday(struct __kernel_old_timeval *tv, struct timezone *tz);
int __vdso_gettimeofday(struct __kernel_old_timeval *tv, struct timezone *tz)
{
	return __cvdso_gettimeofday(tv, tz);
}

/* There is one. */
EXPORT long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused);
long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused)
{
	if (cpu)
		*cpu = 0;
	if (node)
		*node = 0;
	return 0;
}

int clock_gettime(clockid_t clk, struct __kernel_timespec *ts) ALIAS(__vdso_clock_gettime);
int clock_getres(clockid_t clk, struct __kernel_timespec *res) ALIAS(__vdso_clock_getres);
int gettimeofday(struct __kernel_old_timeval *tv, struct timezone *tz) ALIAS(__vdso_gettimeofday);
long getcpu(unsigned int *cpu, unsigned int *node, void *unused) ALIAS(__vdso_getcpu);
