/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_VDSO_PROCESSOR_H
#define _ASM_PILLION_VDSO_PROCESSOR_H

#ifdef BUILD_VDSO
#include <asm/cpu_ctx.h>
#define cpu_relax()	pillion_cpu_pause()
#else
#include <asm/processor.h>
#endif

#endif
