/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: registers as the pieces of user code use them, and what else the tests must know. */
#ifndef USERCPU_H
#define USERCPU_H

#define REG_PC(r)	((r)->rip)
#define REG_SP(r)	((r)->rsp)
#define REG_A(r)	((r)->rdi)
#define REG_B(r)	((r)->rsi)
#define REG_CALL(r)	((r)->orig_rax)	/* the number of a system call */
#define REG_RESULT(r)	((r)->rax)
#define REG_COUNT(r)	((r)->rbx)
#define REG_KEPT(r)	((r)->r15)	/* nobody's */

#define VECTOR_PRIVILEGED	13
#define VECTOR_BREAK		3
#define VECTOR_UNDEFINED	6

#define FP_PLAIN	288		/* bytes of the floating-point state that are the same in all formats */
#define RETURN_CODE	0xc3		/* an instruction, in memory */

/* Entries of page tables: for programs; anybody may execute it. <pte.h> */
#define ENTRY_USER(e)		(((e) & PTE_U) != 0)
#define ENTRY_EXECUTABLE(e)	(((e) & PTE_NX) == 0)

#endif /* USERCPU_H */
