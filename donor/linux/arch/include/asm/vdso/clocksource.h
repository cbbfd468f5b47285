/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_VDSO_CLOCKSOURCE_H
#define _ASM_PILLION_VDSO_CLOCKSOURCE_H
/* The platform's clock page: struct rumpext_clock. */
#define VDSO_ARCH_CLOCKMODES	VDSO_CLOCKMODE_RUMP
#endif
