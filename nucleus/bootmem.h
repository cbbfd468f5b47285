/* SPDX-License-Identifier: BSD-2-Clause */
/* Free memory before the page allocator. Boot only, one thread. */
#ifndef NUCLEUS_BOOTMEM_H
#define NUCLEUS_BOOTMEM_H

#include <nucleus/boot.h>

void bootmem_init(void);		/* from boot_info */
paddr_t bootmem_alloc(size_t npages);	/* contiguous, mapped by the boot tables; panics if none */

/* What is left, sorted: the page allocator's. */
extern struct boot_range bootmem_free[];
extern unsigned bootmem_nfree;

#endif /* NUCLEUS_BOOTMEM_H */
