/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_VDSO_DATA_H
#define _ASM_PILLION_VDSO_DATA_H
#include <rump/rumpext_user.h>

struct arch_vdso_data {
	struct rumpext_clock clock;	/* the platform keeps it true */
};
#endif
