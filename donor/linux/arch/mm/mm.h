/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PILLION_MM_H
#define PILLION_MM_H

#include <linux/sizes.h>

/* Address space behind the arena: for vmalloc, then for kernel stacks. */
#define WINDOW_VMALLOC	(4UL * SZ_1G)
#define WINDOW_STACKS	(128UL * SZ_1M)

void pillion_uaccess_init(unsigned long window);
void pillion_uaccess_device(unsigned long start, unsigned long size);
void pillion_stacks_init(void);

#endif
