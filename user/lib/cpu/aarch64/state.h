/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program has beside general registers, for tests. */
#ifndef USER_CPU_STATE_H
#define USER_CPU_STATE_H

/* A floating-point register. */
static inline void float_set(unsigned long value)
{
	__asm__ volatile(".arch_extension fp\n\tfmov d9, %0" :: "r"(value));
}

static inline unsigned long float_get(void)
{
	unsigned long value;

	__asm__ volatile(".arch_extension fp\n\tfmov %0, d9" : "=r"(value));
	return value;
}

/* What the thread register points to. */
static inline unsigned long thread_get(void)
{
	unsigned long value;

	__asm__ volatile("mrs %0, tpidr_el0; ldr %0, [%0]" : "=r"(value));
	return value;
}

#endif /* USER_CPU_STATE_H */
