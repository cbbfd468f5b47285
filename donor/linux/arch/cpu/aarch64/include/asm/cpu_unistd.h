/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CPU_UNISTD_H
#define _ASM_PILLION_CPU_UNISTD_H
#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_TIME32_SYSCALLS
#define __ARCH_WANT_SYS_CLONE
#define __ARCH_WANT_SYS_CLONE3
#include <asm-generic/unistd.h>
#define NR_syscalls __NR_syscalls
#endif
