/* SPDX-License-Identifier: GPL-2.0-only */
/* Not generic-y: the native uapi directory has one that stands before the generated ones. */
#include <asm-generic/kvm_para.h>
