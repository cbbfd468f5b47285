/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program has beside general registers, for tests. */
#ifndef USER_CPU_STATE_H
#define USER_CPU_STATE_H

/* A floating-point register. */
static inline void float_set(unsigned long value)
{
	__asm__ volatile("movq %0, %%xmm7" :: "r"(value));
}

static inline unsigned long float_get(void)
{
	unsigned long value;

	__asm__ volatile("movq %%xmm7, %0" : "=r"(value));
	return value;
}

/* What the thread register points to. */
static inline unsigned long thread_get(void)
{
	unsigned long value;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(value));
	return value;
}

#endif /* USER_CPU_STATE_H */
