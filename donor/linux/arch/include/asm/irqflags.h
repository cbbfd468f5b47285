/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_IRQFLAGS_H
#define _ASM_PILLION_IRQFLAGS_H

/*
 * Interrupts are posted by other host threads as bits of one word, and taken by whoever holds the
 * virtual CPU, where it enables interrupts (and in cpu_relax, and on the way out). "Disabled" is
 * a plain flag of the virtual CPU.
 */
extern unsigned long pillion_irq_enabled;
extern unsigned long pillion_irq_pending;
void pillion_irq_run(void);

static inline unsigned long arch_local_save_flags(void)
{
	return pillion_irq_enabled;
}

static inline void arch_local_irq_disable(void)
{
	pillion_irq_enabled = 0;
	__asm__ volatile("" ::: "memory");
}

static inline void arch_local_irq_enable(void)
{
	__asm__ volatile("" ::: "memory");
	pillion_irq_enabled = 1;
	if (__builtin_expect(__atomic_load_n(&pillion_irq_pending, __ATOMIC_RELAXED) != 0, 0))
		pillion_irq_run();
}

static inline void arch_local_irq_restore(unsigned long flags)
{
	if (flags)
		arch_local_irq_enable();
	else
		arch_local_irq_disable();
}

static inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();
	return flags;
}

static inline int arch_irqs_disabled_flags(unsigned long flags)
{
	return flags == 0;
}

static inline int arch_irqs_disabled(void)
{
	return arch_irqs_disabled_flags(arch_local_save_flags());
}

#endif
