/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stack image that pillion_ctx_switch() (switch.S) pops, and the CPU's barrier and wait
 * instructions.
 */
#ifndef _ASM_PILLION_CPU_CTX_H
#define _ASM_PILLION_CPU_CTX_H

struct pillion_ctx_frame {
	unsigned long fp, pc, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
};

static inline void pillion_ctx_frame_init(struct pillion_ctx_frame *f, void *start, void *fn,
					  void *arg)
{
	*f = (struct pillion_ctx_frame){ .pc = (unsigned long)start, .x19 = (unsigned long)fn,
					 .x20 = (unsigned long)arg };
}

static inline unsigned long pillion_ctx_frame_fp(const struct pillion_ctx_frame *f)
{
	return f->fp;
}

static inline unsigned long pillion_ctx_frame_pc(const struct pillion_ctx_frame *f)
{
	return f->pc;
}

#define pillion_cpu_pause()	asm volatile("yield" ::: "memory")
#define __mb()			asm volatile("dsb sy" ::: "memory")
#define __rmb()			asm volatile("dsb ld" ::: "memory")
#define __wmb()			asm volatile("dsb st" ::: "memory")
#define __dma_mb()		asm volatile("dmb osh" ::: "memory")
#define __dma_rmb()		asm volatile("dmb oshld" ::: "memory")
#define __dma_wmb()		asm volatile("dmb oshst" ::: "memory")
#define pillion_smp_mb()	asm volatile("dmb ish" ::: "memory")
#define pillion_smp_rmb()	asm volatile("dmb ishld" ::: "memory")
#define pillion_smp_wmb()	asm volatile("dmb ishst" ::: "memory")

#endif
