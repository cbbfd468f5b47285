/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs: how they start, and interrupts from one to another.
 *
 * Locking: one call at a time, by a mutex.
 */
#ifndef NUCLEUS_SMP_H
#define NUCLEUS_SMP_H

#include <nucleus/cpu.h>

/* cpus[0] to cpus[cpu_count - 1] run. Constant once image_main() is called. */
extern unsigned cpu_count;

/*
 * Run fn(arg) on a CPU, in an interrupt, and wait until it has returned. On the calling CPU it is
 * a function call, with interrupts off. May sleep.
 */
void smp_call(struct cpu *cpu, void (*fn)(void *arg), void *arg);

/* Make a CPU look at its run queue, and at the work words of its users. Any context. */
void smp_notify(struct cpu *cpu);

/*
 * Between two accesses to memory of which another CPU makes the opposite ones: each side writes
 * the one and reads the other, and at least one sees what the other wrote.
 */
static inline void smp_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Once round where a CPU waits for another with interrupts off. */
void smp_spin(void);

/* ---- for the nucleus's other files, cpu/ and board/ ---- */

/* Boot, thread context: start all CPUs, up to "cpus=N" of the command line. */
void smp_start(void);

/* A CPU that has started is here, on a stack of its own, interrupts off, with the final tables. */
void smp_enter(struct cpu *cpu) NORETURN;

/* The interrupt that board_ipi() makes has come. */
void smp_interrupt(void);

/* The kernel panics: no other CPU goes on. Does not return where another was quicker. */
void smp_stop_others(void);

#endif /* NUCLEUS_SMP_H */
