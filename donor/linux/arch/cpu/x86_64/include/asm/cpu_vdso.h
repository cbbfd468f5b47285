/* SPDX-License-Identifier: GPL-2.0-only */
/* For code of the vDSO, which runs in user mode; the counter is for any. */
#ifndef _ASM_PILLION_CPU_VDSO_H
#define _ASM_PILLION_CPU_VDSO_H

static __always_inline long pillion_vdso_syscall2(long nr, long a, long b)
{
	long ret;

	asm volatile("syscall" : "=a" (ret) : "0" (nr), "D" (a), "S" (b) : "rcx", "r11", "memory");
	return ret;
}

/* ordered: not before what comes before it. */
static __always_inline unsigned long pillion_vdso_counter(bool ordered)
{
	unsigned int lo, hi;

	if (ordered)
		asm volatile("lfence" ::: "memory");
	asm volatile("rdtsc" : "=a" (lo), "=d" (hi) :: "memory");
	return (unsigned long)hi << 32 | lo;
}

#endif
