/* SPDX-License-Identifier: BSD-2-Clause */
/* What this CPU must refuse to programs: for those that try whether it does. */
#ifndef USER_CPU_FORBIDDEN_H
#define USER_CPU_FORBIDDEN_H

#define FORBIDDEN_DEVICE	0xffff00003f201000	/* a Pi's PL011, where the kernel has it */
#define FORBIDDEN_KERNEL	0xffffffff80080000	/* the kernel's image */
#define FORBIDDEN_RAM		0xffff000000200000	/* where the kernel has RAM */

static inline void forbidden_interrupts(void)
{
	__asm__ volatile("msr daifset, #2");
}

static inline void forbidden_firmware(void)
{
	__asm__ volatile("hvc #0");
}

static inline void forbidden_tables(void)
{
	__asm__ volatile("msr ttbr0_el1, %0" :: "r"(0ul) : "memory");
}

static inline void forbidden_registers(void)
{
	__asm__ volatile("msr vbar_el1, %0" :: "r"(0ul));
}

static inline void forbidden_timer(void)
{
	__asm__ volatile("msr cntv_cval_el0, %0" :: "r"(0ul));
}

#define FORBIDDEN \
	{ "interrupts", forbidden_interrupts }, { "firmware", forbidden_firmware }, \
	{ "tables", forbidden_tables }, { "registers", forbidden_registers }, \
	{ "timer", forbidden_timer }

#endif /* USER_CPU_FORBIDDEN_H */
