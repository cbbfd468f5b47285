/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CACHEFLUSH_H
#define _ASM_PILLION_CACHEFLUSH_H

/*
 * Called once for each new range of kernel mappings, and before each is taken down: mm/kmap.c
 * tells the platform.
 */
void pillion_kmap(unsigned long start, unsigned long end);
void pillion_kunmap(unsigned long start, unsigned long end);
#define flush_cache_vmap(start, end)	pillion_kmap((start), (end))
#define flush_cache_vunmap(start, end)	pillion_kunmap((start), (end))

#include <asm-generic/cacheflush.h>

#endif
