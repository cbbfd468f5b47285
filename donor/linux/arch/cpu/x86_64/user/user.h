/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PILLION_X86_64_USER_H
#define PILLION_X86_64_USER_H

#include <linux/types.h>

#define FXSAVE_SIZE	512
#define XSAVE_HEADER	64

/* Of the platform's FP state: bytes, and components (XCR0). */
extern unsigned int pillion_fp_size;
extern u64 pillion_fp_features;

struct pt_regs;

void pillion_sigframe_init(void);
void pillion_ptrace_init(void);
void *pillion_fp_buffer(void);	/* for the platform's FP state, zeroed; kfree() it */
long pillion_arch_prctl(struct pt_regs *regs, int option, unsigned long arg);

#endif
