/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that assembler and C share. cpu.c checks the offsets. */
#ifndef ASM_H
#define ASM_H

/* struct cpu */
#define CPU_THREAD	8
#define CPU_RUNQ	32
#define CPU_ARCH	40
#define CPU_SCRATCH	(CPU_ARCH + 0)
#define CPU_FAULT_STACK	(CPU_ARCH + 8)

/* struct thread begins with struct cpu_context */
#define CTX_SP		0
#define CTX_USER_SP	8
#define CTX_USER_REGS	16

#define THREAD_USER	56		/* struct thread, behind context and tls */
#define USER_SPACE	40		/* struct user */

/* struct cpu_regs, with which struct trap_frame begins */
#define R_X(n)		((n) * 8)
#define R_SP		248
#define R_PC		256
#define R_PSTATE	264
#define R_TLS		272
#define F_ESR		280
#define F_FAR		288
#define F_RECORD	296		/* a frame record: frame pointer and program counter */
#define F_SIZE		320

/* struct native_frame */
#define N_NUMBER	56
#define N_PC		64
#define N_PSTATE	72
#define N_SP		80
#define N_TLS		88
#define N_X18		96
#define N_X30		104
#define N_SIZE		112

#define SAVED		96		/* bytes of save_callee (callee.h) */

#define FAULT_STACK_SHIFT	13

#define ESR_EC_SHIFT	26
#define EC_UNKNOWN	0x00
#define EC_FP		0x07
#define EC_SVC64	0x15
#define EC_SYSTEM	0x18
#define EC_FETCH_USER	0x20
#define EC_FETCH	0x21
#define EC_PC_ALIGN	0x22
#define EC_DATA_USER	0x24
#define EC_DATA		0x25
#define EC_SP_ALIGN	0x26
#define EC_BRK		0x3c

/* SCTLR_EL1: reserved bits and the MMU off; on, with caches, checks, and what user mode may do */
#define SCTLR_OFF	0x30d00800
#define SCTLR_ON	(SCTLR_OFF | 0x0405d01d)
#define SCTLR_SPAN	0x00800000	/* exceptions leave PAN as it is */

/* MAIR_EL1: what the index in an entry of the page tables means */
#define MAIR		0x00000000004404ff
#define MAIR_NORMAL	0
#define MAIR_DEVICE	1		/* nGnRE */
#define MAIR_WC		2		/* normal, not cached */

/* TCR_EL1: 48 bits either side, 4 KiB, cached walks; physical addresses' and ASIDs' size */
#define TCR		0x00000000b5103510
#define TCR_IPS_SHIFT	32
#define TCR_AS_SHIFT	36
#define TCR_EPD1	0x00800000	/* TTBR1 is not used */

/* nucleus/native.h */
#define NATIVE_FAST	64
#define NATIVE_LEAST	-95		/* results: -ERROR_MAX */

#endif /* ASM_H */
