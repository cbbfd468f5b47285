/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stack image that pillion_ctx_switch() (switch.S) pops, and the CPU's barrier and wait
 * instructions.
 */
#ifndef _ASM_PILLION_CPU_CTX_H
#define _ASM_PILLION_CPU_CTX_H

struct pillion_ctx_frame {
	unsigned long r15, r14, r13, r12, rbx, rbp, pc;
};

static inline void pillion_ctx_frame_init(struct pillion_ctx_frame *f, void *start, void *fn,
					  void *arg)
{
	f->r15 = f->r14 = f->r13 = f->rbp = 0;
	f->rbx = (unsigned long)fn;
	f->r12 = (unsigned long)arg;
	f->pc = (unsigned long)start;
}

static inline unsigned long pillion_ctx_frame_fp(const struct pillion_ctx_frame *f)
{
	return f->rbp;
}

static inline unsigned long pillion_ctx_frame_pc(const struct pillion_ctx_frame *f)
{
	return f->pc;
}

#define pillion_cpu_pause()	asm volatile("pause" ::: "memory")
#define __mb()			asm volatile("mfence" ::: "memory")
#define __rmb()			asm volatile("lfence" ::: "memory")
#define __wmb()			asm volatile("sfence" ::: "memory")
#define __dma_rmb()		barrier()
#define __dma_wmb()		barrier()
#define pillion_smp_mb()	asm volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
#define pillion_smp_rmb()	barrier()
#define pillion_smp_wmb()	barrier()

#endif
