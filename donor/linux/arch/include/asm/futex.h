/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_FUTEX_H
#define _ASM_PILLION_FUTEX_H

/*
 * Futex words are shared with threads that run beside the donor: the platform's atomic
 * compare-and-swap.
 */
#include <linux/futex.h>
#include <linux/uaccess.h>

int pillion_futex_cmpxchg(u32 *uval, u32 __user *uaddr, u32 oldval, u32 newval);
int pillion_futex_op(int op, int oparg, int *oval, u32 __user *uaddr);
#define futex_atomic_cmpxchg_inatomic(uval, uaddr, o, n)	pillion_futex_cmpxchg(uval, uaddr, o, n)
#define arch_futex_atomic_op_inuser(op, oparg, oval, uaddr)	pillion_futex_op(op, oparg, oval, uaddr)

#endif
