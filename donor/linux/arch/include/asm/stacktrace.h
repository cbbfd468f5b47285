/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_STACKTRACE_H
#define _ASM_PILLION_STACKTRACE_H

struct task_struct;
/* Calls fn(arg, pc) for each frame until it returns false. task NULL or current: the caller's. */
void pillion_unwind(struct task_struct *task, bool (*fn)(void *arg, unsigned long pc), void *arg);
/*
 * The function that holds pc ("name") and its offset; NULL outside the donor's text. Not a
 * kallsyms.
 */
const char *pillion_symbol(unsigned long pc, unsigned long *offset);

#endif
