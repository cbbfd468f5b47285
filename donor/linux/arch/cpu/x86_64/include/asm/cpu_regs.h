/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CPU_REGS_H
#define _ASM_PILLION_CPU_REGS_H

#include <rump/rumpext_regs.h>

struct pt_regs {
	struct rumpext_regs u;
	int user;
};

#define PT_REGS_PC	u.rip
#define PT_REGS_SP	u.rsp
#define PT_REGS_FP	u.rbp
#define PT_REGS_RET	u.rax

#endif
