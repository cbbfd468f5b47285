/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types that the hypercall headers need, from whichever world includes them: a freestanding or
 * hosted C compiler, or a Linux kernel build (which has its own and may not see the compiler's).
 *
 * Interface: size_t, (u)int{8,16,32,64}_t, uintptr_t, NULL.
 * Locking: none.
 */
#ifndef RUMP_RUMPTYPES_H
#define RUMP_RUMPTYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#endif /* RUMP_RUMPTYPES_H */
