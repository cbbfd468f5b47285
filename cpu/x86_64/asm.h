/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that assembler and C share. cpu.c checks the offsets. */
#ifndef ASM_H
#define ASM_H

#define SEL_KERNEL_CS	0x08
#define SEL_KERNEL_DS	0x10
#define SEL_SYSRET	0x23		/* sysret adds 8 for ss, 16 for cs */
#define SEL_USER_SS	0x2b		/* Linux's numbers, which programs may look at */
#define SEL_USER_CS	0x33
#define SEL_TSS		0x38		/* two entries */

/* struct cpu */
#define CPU_SELF	0
#define CPU_THREAD	8
#define CPU_RUNQ	32
#define CPU_ARCH	40
#define CPU_SCRATCH	(CPU_ARCH + 0)
#define CPU_TSS_RSP0	(CPU_ARCH + 8 + 4)

/* struct thread begins with struct cpu_context */
#define CTX_SP		0
#define CTX_USER_SP	8
#define CTX_USER_REGS	16

#define THREAD_USER	56		/* struct thread, behind context and tls */
#define USER_RUNNING	0		/* struct user */
#define USER_SPACE	40

/* What user mode may have in its flags: arithmetic, TF, DF, NT, RF, AC, ID. */
#define EFLAGS_USER	0x00254dd5
#define EFLAGS_SYSRET	0x00244cd5	/* and what sysret gives it: not TF and RF */
#define EFLAGS_FIXED	0x00000202	/* what is always set: bit 1, IF */

/* struct cpu_regs */
#define R_R15		0
#define R_R14		8
#define R_R13		16
#define R_R12		24
#define R_RBP		32
#define R_RBX		40
#define R_R11		48
#define R_R10		56
#define R_R9		64
#define R_R8		72
#define R_RAX		80
#define R_RCX		88
#define R_RDX		96
#define R_RSI		104
#define R_RDI		112
#define R_ORIG_RAX	120
#define R_RIP		128
#define R_CS		136
#define R_EFLAGS	144
#define R_RSP		152
#define R_SS		160

#define MSR_EFER	0xc0000080
#define MSR_STAR	0xc0000081
#define MSR_LSTAR	0xc0000082
#define MSR_FMASK	0xc0000084
#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101
#define MSR_KERNEL_GS	0xc0000102

#define EFER_SCE	0x001
#define EFER_LME	0x100
#define EFER_NXE	0x800

#define CR0_PE		0x00000001
#define CR0_TS		0x00000008
#define CR0_ET		0x00000010
#define CR0_WP		0x00010000
#define CR0_PG		0x80000000
#define CR4_PAE		0x00000020

/* nucleus/native.h */
#define NATIVE_FAST	64
#define NATIVE_LEAST	-95		/* results: -ERROR_MAX */

#endif /* ASM_H */
