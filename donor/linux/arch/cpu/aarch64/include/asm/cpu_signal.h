/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CPU_SIGNAL_H
#define _ASM_PILLION_CPU_SIGNAL_H

/* arm64's uapi header has everything, by way of the generic one. */

#endif
