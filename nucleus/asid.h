/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers by which a TLB tells the translations of address spaces apart: ASIDs, PCIDs.
 *
 * A space has its number from its creation to its end. 0 is not one: it is what a space gets when
 * all are taken, or the CPU has none. So a CPU that loads the tables of such a space empties its
 * TLB of number 0 then.
 *
 * Locking: a spin lock inside; any context.
 */
#ifndef NUCLEUS_ASID_H
#define NUCLEUS_ASID_H

#define ASID_MAX	4096u		/* so many are used at most */

/* Boot only: the CPU has n of them, 0 included: a multiple of 64. Before it there are none. */
void asid_init(unsigned n);

unsigned asid_alloc(void);

/* The space's tables are loaded on no CPU, and will not be. What TLBs have of it is the next one's
 * to remove. */
void asid_free(unsigned asid);

#endif /* NUCLEUS_ASID_H */
