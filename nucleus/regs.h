/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A native program's registers, as far as portable code looks at them: cpu/<isa>/native.c.
 * abi.h says which register is what.
 */
#ifndef NUCLEUS_REGS_H
#define NUCLEUS_REGS_H

#include <nucleus/cpu.h>

/* What a program or a thread of one begins with. */
void regs_begin(struct cpu_regs *regs, vaddr_t pc, vaddr_t sp, unsigned long argument);

unsigned long regs_call(const struct cpu_regs *regs);		/* a system call's number */
void regs_args(const struct cpu_regs *regs, unsigned long a[6]);
void regs_result(struct cpu_regs *regs, long result);

/* A message's registers, MESSAGE_WORDS of them words; the result of the first is its deadline. */
unsigned long regs_message(const struct cpu_regs *regs, unsigned long *tag, unsigned long *word);
void regs_message_result(struct cpu_regs *regs, unsigned long tag, const unsigned long *word,
    unsigned long badge);

const char *regs_exception(unsigned vector);	/* a user_trap's, for people */
vaddr_t regs_pc(const struct cpu_regs *regs);
void regs_set_tls(struct cpu_regs *regs, unsigned long value);

/* All of them to the log, for people. */
void regs_log(const struct cpu_regs *regs);

#endif /* NUCLEUS_REGS_H */
