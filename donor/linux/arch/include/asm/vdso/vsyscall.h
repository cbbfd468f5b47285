/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_VDSO_VSYSCALL_H
#define _ASM_PILLION_VDSO_VSYSCALL_H

#include <linux/timekeeper_internal.h>
#include <vdso/datapage.h>

extern struct vdso_data *pillion_vdso_data;	/* mm/vdso.c */
#define __arch_get_k_vdso_data()	pillion_vdso_data

#include <asm-generic/vdso/vsyscall.h>

#endif
