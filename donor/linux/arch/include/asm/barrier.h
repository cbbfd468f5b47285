/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_BARRIER_H
#define _ASM_PILLION_BARRIER_H

/*
 * Real barriers, also the smp_ ones, although there is one virtual CPU: it moves between host
 * threads, and devices, device models and (later) programs' threads run beside it on memory that
 * they share with the donor.
 */
#include <asm/cpu_ctx.h>

#define smp_mb()	pillion_smp_mb()
#define smp_rmb()	pillion_smp_rmb()
#define smp_wmb()	pillion_smp_wmb()

#include <asm-generic/barrier.h>

#endif
