/* SPDX-License-Identifier: BSD-2-Clause */
/* What this CPU must refuse to programs: for those that try whether it does. */
#ifndef USER_CPU_FORBIDDEN_H
#define USER_CPU_FORBIDDEN_H

#define FORBIDDEN_DEVICE	0xffff8000fee00000	/* the local APIC, where the kernel has RAM */
#define FORBIDDEN_KERNEL	0xffffffff80000000	/* the kernel's image */
#define FORBIDDEN_RAM		0xffff800000200000	/* where the kernel has RAM */

static inline void forbidden_interrupts(void)
{
	__asm__ volatile("cli");
}

static inline void forbidden_ports(void)
{
	__asm__ volatile("outb %%al, $0x80" :: "a"(0));
}

static inline void forbidden_halt(void)
{
	__asm__ volatile("hlt");
}

static inline void forbidden_tables(void)
{
	__asm__ volatile("mov %0, %%cr3" :: "r"(0ul) : "memory");
}

static inline void forbidden_registers(void)
{
	__asm__ volatile("wrmsr" :: "c"(0xc0000082), "a"(0), "d"(0));
}

#define FORBIDDEN \
	{ "interrupts", forbidden_interrupts }, { "ports", forbidden_ports }, \
	{ "halt", forbidden_halt }, { "tables", forbidden_tables }, \
	{ "registers", forbidden_registers }

#endif /* USER_CPU_FORBIDDEN_H */
