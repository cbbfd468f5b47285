/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PILLION_X86_64_USER_H
#define PILLION_X86_64_USER_H

#include <linux/types.h>

#define FXSAVE_SIZE	512
#define XSAVE_HEADER	64

/* Of the platform's FP state: bytes, and components (XCR0). */
extern unsigned int pillion_fp_size;
extern u64 pillion_fp_features;

void pillion_sigframe_init(void);

#endif
