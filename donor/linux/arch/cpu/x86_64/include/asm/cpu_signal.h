/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CPU_SIGNAL_H
#define _ASM_PILLION_CPU_SIGNAL_H

/* What x86's uapi header leaves to the kernel's own. */
#ifndef __ASSEMBLY__
#include <linux/types.h>

#define _NSIG		64
#define _NSIG_BPW	64
#define _NSIG_WORDS	(_NSIG / _NSIG_BPW)

typedef unsigned long old_sigset_t;
typedef struct {
	unsigned long sig[_NSIG_WORDS];
} sigset_t;

#define __ARCH_HAS_SA_RESTORER
#endif

#endif
