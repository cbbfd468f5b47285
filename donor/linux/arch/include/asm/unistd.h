/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_UNISTD_H
#define _ASM_PILLION_UNISTD_H

#include <asm/cpu_unistd.h>

#endif
