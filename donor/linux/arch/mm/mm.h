/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PILLION_MM_H
#define PILLION_MM_H

#include <linux/sizes.h>

/*
 * Address space behind the arena: this for vmalloc, then twice the arena's size for kernel
 * stacks.
 */
#define WINDOW_VMALLOC	(4UL * SZ_1G)

void pillion_uaccess_init(unsigned long window);
bool pillion_uaccess_device(unsigned long start, unsigned long size);

#endif
