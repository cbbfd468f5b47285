/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How another CPU gets from its first instruction, in 16-bit mode and below 1 MiB, to smp_enter().
 *
 * Interface: cpu_secondary, cpu_secondary_end.
 *
 * A page there gets the code (start.S) and what it needs to know. Page tables of their own map
 * it where it is, to be executed; the kernel's half is as always. While that is so nobody can write
 * to the page, and afterwards it is a free page again.
 *
 * Locking: none, one CPU starts at a time.
 */
#include <nucleus/page.h>
#include <nucleus/smp.h>
#include <nucleus/space.h>
#include <nucleus/string.h>

#include "asm.h"

#define LOW_START	0x1000
#define LOW_END		0xa0000		/* the screen's memory, and firmware, follow */

/* The last bytes of the page: start.S. */
struct secondary {
	uint64_t	root;
	struct cpu	*cpu;
	uint64_t	stack;
	void		(*entry)(struct cpu *cpu);	/* does not return */
};

_Static_assert(sizeof(struct secondary) == 32, "start.S");

extern const uint8_t secondary_code[], secondary_gdt[], secondary_far[], secondary_code_end[];

static struct page *low, *root;		/* the page; a root that 32 bits can say */
static struct space *space;

static void add(uint8_t *code, const uint8_t *where, paddr_t pa)
{
	uint32_t v;

	code += where - secondary_code;
	memcpy(&v, code, sizeof(v));
	v += (uint32_t)pa;
	memcpy(code, &v, sizeof(v));
}

static void fill(uint8_t *code, paddr_t pa, struct cpu *cpu, vaddr_t top)
{
	struct secondary *args = (struct secondary *)(code + PAGE_SIZE) - 1;

	memcpy(code, secondary_code, (uintptr_t)secondary_code_end - (uintptr_t)secondary_code);
	add(code, secondary_gdt + 2, pa);
	add(code, secondary_far, pa);
	*args = (struct secondary) { page_to_phys(root), cpu, ROUND_DOWN(top, 16), smp_enter };
}

paddr_t cpu_secondary(struct cpu *cpu, vaddr_t top)
{
	paddr_t pa;

	if (page_alloc_within(LOW_START, LOW_END, 1, &low) == 0)
		return 0;
	pa = page_to_phys(low);
	root = page_alloc_contig(1, PAGE_SIZE, UINT32_MAX, 0);
	space = space_create();
	if (root == NULL || space == NULL ||
	    space_map(space, pa, pa, PAGE_SIZE, PROT_R | PROT_X) != 0) {
		cpu_secondary_end();
		return 0;
	}
	memcpy(page_to_virt(root), phys_to_virt(space->pt.root), PAGE_SIZE);
	fill(page_to_virt(low), pa, cpu, top);
	if (space_protect(&kernel_space, (vaddr_t)page_to_virt(low), PAGE_SIZE, PROT_R) != 0) {
		cpu_secondary_end();
		return 0;
	}
	return pa;
}

void cpu_secondary_end(void)
{
	if (space != NULL)
		space_destroy(space);
	if (root != NULL)
		page_put(root);
	(void)space_protect(&kernel_space, (vaddr_t)page_to_virt(low), PAGE_SIZE, PROT_R | PROT_W);
	page_put(low);
	space = NULL;
	low = root = NULL;
}
