/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How another CPU gets from its first instruction, which is start.S's, to smp_enter().
 *
 * Interface: cpu_secondary, cpu_secondary_end.
 * Locking: none, one CPU starts at a time.
 */
#include <nucleus/smp.h>
#include <nucleus/space.h>

void secondary(void);			/* start.S */

/* For it; it reads them with its caches off. */
uint64_t secondary_root, secondary_stack;
struct cpu *secondary_cpu;

paddr_t cpu_secondary(struct cpu *cpu, vaddr_t top)
{
	secondary_root = kernel_space.pt.root;
	secondary_stack = ROUND_DOWN(top, 16);
	secondary_cpu = cpu;
	cpu_cache_flush(&secondary_root, sizeof(secondary_root));
	return virt_to_phys((const void *)secondary);
}

void cpu_secondary_end(void)
{
}
