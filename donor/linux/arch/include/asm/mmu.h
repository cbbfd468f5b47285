/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_MMU_H
#define _ASM_PILLION_MMU_H

#ifdef CONFIG_PILLION_PROGRAMS
struct rumpext_space;

typedef struct {
	struct rumpext_space *space;	/* mm/space.c; NULL until user code runs in it */
	unsigned long vdso;		/* where the program has it */
	bool copied;			/* fork took the right to write away from its pages */
} mm_context_t;
#else
typedef struct { } mm_context_t;
#endif

#endif
