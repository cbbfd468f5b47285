/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch64: registers as the pieces of user code use them, and what else the tests must know. */
#ifndef USERCPU_H
#define USERCPU_H

#define REG_PC(r)	((r)->pc)
#define REG_SP(r)	((r)->sp)
#define REG_A(r)	((r)->x[0])
#define REG_B(r)	((r)->x[1])
#define REG_CALL(r)	((r)->x[8])	/* the number of a system call */
#define REG_RESULT(r)	((r)->x[2])
#define REG_COUNT(r)	((r)->x[19])
#define REG_KEPT(r)	((r)->x[28])	/* nobody's */

#define VECTOR_PRIVILEGED	0x18
#define VECTOR_BREAK		0x3c
#define VECTOR_UNDEFINED	0x00

#define FP_PLAIN	528		/* bytes of the floating-point state that are the same in all formats */
#define RETURN_CODE	0xd65f03c0	/* an instruction, in memory */

/* Entries of page tables: for programs; anybody may execute it. <pte.h> */
#define ENTRY_USER(e)		(((e) & PTE_USER) != 0)
#define ENTRY_EXECUTABLE(e)	(((e) & (PTE_PXN | PTE_UXN)) != (PTE_PXN | PTE_UXN))

#endif /* USERCPU_H */
