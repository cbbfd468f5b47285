/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_SIGNAL_H
#define _ASM_PILLION_SIGNAL_H

#include <asm/bitsperlong.h>
#include <asm/cpu_signal.h>
#include <uapi/asm/signal.h>

#endif
