/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupted instruction's address in a signal's context: read it, replace it. x86_64.
 *
 * Locking: none.
 */
#define _GNU_SOURCE
#include <ucontext.h>

#include "posix.h"

uintptr_t
rumpuser__cpu_getpc(const void *uctx)
{
	const ucontext_t *uc = uctx;

	return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
}

uintptr_t
rumpuser__cpu_getfp(const void *uctx)
{
	const ucontext_t *uc = uctx;

	return (uintptr_t)uc->uc_mcontext.gregs[REG_RBP];
}

void
rumpuser__cpu_setpc(void *uctx, uintptr_t pc)
{
	ucontext_t *uc = uctx;

	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}
