/* SPDX-License-Identifier: BSD-2-Clause */
/* The waiting instruction of a spin loop. x86_64. */
#ifndef POSIX_CPU_H
#define POSIX_CPU_H
static inline void
cpu_relax(void)
{

	__asm__ volatile("pause" ::: "memory");
}
#endif
