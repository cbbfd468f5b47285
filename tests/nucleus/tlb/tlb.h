/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of a CPU's TLB that forgets nothing before it must, in place of cpu/x86_64/tlb.h. What a
 * CPU promises is in Intel's manual, volume 3, 4.10.4.1.
 *
 * It knows two windows of 4 MiB each, a program's and the kernel's.
 */
#ifndef TLB_H
#define TLB_H

#include <nucleus/types.h>

#define CR3_KEEP	(1ul << 63)

#define TLB_PAGES	1024u		/* of a window */
#define TLB_USER	0x400000ul	/* where it is */
#define TLB_KERNEL	0xffffd00000400000ul

void tlb_load(uint64_t cr3);
void tlb_flush_page(vaddr_t va);
void tlb_flush_loaded(void);
void tlb_flush_all(void);

/* The CPU translates an address of a window: the entry that maps its page, or 0. */
uint64_t tlb_translate(vaddr_t va);

#endif /* TLB_H */
