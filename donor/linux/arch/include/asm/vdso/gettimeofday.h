/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clocksource of the donor's timekeeping is the platform's monotonic clock in nanoseconds.
 * Programs compute it from the CPU's counter by the platform's clock page.
 */
#ifndef _ASM_PILLION_VDSO_GETTIMEOFDAY_H
#define _ASM_PILLION_VDSO_GETTIMEOFDAY_H

#ifdef BUILD_VDSO
#include <asm/unistd.h>
#include <asm/clock_page.h>
#include <uapi/linux/time.h>

#define VDSO_HAS_CLOCK_GETRES	1

static __always_inline long clock_gettime_fallback(clockid_t clk, struct __kernel_timespec *ts)
{
	return pillion_vdso_syscall2(__NR_clock_gettime, clk, (long)ts);
}

static __always_inline int clock_getres_fallback(clockid_t clk, struct __kernel_timespec *ts)
{
	return pillion_vdso_syscall2(__NR_clock_getres, clk, (long)ts);
}

static __always_inline int gettimeofday_fallback(struct __kernel_old_timeval *tv,
						 struct timezone *tz)
{
	return pillion_vdso_syscall2(__NR_gettimeofday, (long)tv, (long)tz);
}

static __always_inline const struct vdso_data *__arch_get_vdso_data(void)
{
	return _vdso_data;
}

static __always_inline u64 __arch_get_hw_counter(s32 mode, const struct vdso_data *vd)
{
	return pillion_clock_page(&_vdso_data[0].arch_data.clock, true);
}

static __always_inline bool pillion_cycles_ok(u64 cycles)
{
	return cycles != ~0ULL;
}
#define vdso_cycles_ok pillion_cycles_ok

/* Two CPUs may differ by a little: time does not go back. */
static __always_inline u64 pillion_calc_delta(u64 cycles, u64 last, u64 mask, u32 mult)
{
	return cycles > last ? (cycles - last) * mult : 0;
}
#define vdso_calc_delta pillion_calc_delta
#endif

#endif
