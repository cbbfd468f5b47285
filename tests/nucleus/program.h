/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of the tests: a page of code, one of data, one of stack. The pieces of code are
 * cpu/<isa>/usercode.S; <usercpu.h> there says which registers they use.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "tap.h"
#include <usercpu.h>

#define CODE		0x400000ul
#define DATA		0x500000ul
#define STACK		0x7ffffff00000ul

/*
 * Each ends in a system call with what it got as its number, but for those that trap before.
 *	syscall		call 1, then again and again with the last result; REG_COUNT counts
 *	call		one call, and then a return instruction
 *	read, write	at REG_A
 *	jump		to REG_A
 *	spin		count at REG_A for ever
 *	fp		REG_A in floating-point registers, count at REG_B for ever
 *	fpload		what is there
 */
extern const char user_code[], user_code_end[];
extern const char code_syscall[], code_call[], code_read[], code_write[], code_jump[], code_spin[],
    code_privileged[], code_break[], code_undefined[], code_fp[], code_fpload[];

#define CODE_AT(piece)	(CODE + (uint64_t)((piece) - user_code))

struct program {
	struct space	*space;
	struct page	*code, *data, *stack;
	struct user	*user;
	struct cpu_regs	regs;
	struct user_trap trap;
	volatile unsigned work;
	struct thread	*thread;
};

bool program_create(struct program *p, const char *at);
void program_destroy(struct program *p);
void program_run(struct program *p);
uint64_t *data_of(struct program *p);

/* A program that begins at a piece raises the CPU's exception. */
bool program_raises(const char *at, unsigned vector);

void test_user_cpu(void);		/* what is this CPU's own */

#endif /* PROGRAM_H */
