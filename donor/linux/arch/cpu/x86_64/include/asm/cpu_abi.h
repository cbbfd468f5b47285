/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CPU_ABI_H
#define _ASM_PILLION_CPU_ABI_H
#include <uapi/linux/audit.h>
#define PILLION_AUDIT_ARCH	AUDIT_ARCH_X86_64
#define PILLION_ELF_ARCH	EM_X86_64
#define PILLION_UTS_MACHINE	"x86_64"
#endif
