/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_ATOMIC_H
#define _ASM_PILLION_ATOMIC_H

/*
 * An atomic_t is only ever touched with the virtual CPU held, and interrupts arrive only at known
 * points, never in the middle of an expression: plain arithmetic is atomic here, and several
 * times faster than a locked instruction. What is shared beyond the virtual CPU goes through
 * xchg, cmpxchg, the barriers and the futex hypercall, which are real.
 */
#include <linux/types.h>
#include <asm/cmpxchg.h>
#include <asm/barrier.h>

#define arch_atomic_read(v)		READ_ONCE((v)->counter)
#define arch_atomic_set(v, i)		WRITE_ONCE((v)->counter, (i))
#define arch_atomic64_read(v)		READ_ONCE((v)->counter)
#define arch_atomic64_set(v, i)		WRITE_ONCE((v)->counter, (i))

#define PILLION_ATOMIC_OP(pfx, type, op, c_op)				\
static __always_inline void arch_##pfx##_##op(type i, pfx##_t *v)	\
{									\
	WRITE_ONCE(v->counter, v->counter c_op i);			\
}									\
static __always_inline type arch_##pfx##_fetch_##op(type i, pfx##_t *v)	\
{									\
	type old = v->counter;						\
									\
	WRITE_ONCE(v->counter, old c_op i);				\
	return old;							\
}

#define PILLION_ATOMIC_OP_RETURN(pfx, type, op, c_op)			\
static __always_inline type arch_##pfx##_##op##_return(type i, pfx##_t *v) \
{									\
	type new = v->counter c_op i;					\
									\
	WRITE_ONCE(v->counter, new);					\
	return new;							\
}

#define PILLION_ATOMIC(pfx, type)					\
	PILLION_ATOMIC_OP(pfx, type, add, +)				\
	PILLION_ATOMIC_OP(pfx, type, sub, -)				\
	PILLION_ATOMIC_OP(pfx, type, and, &)				\
	PILLION_ATOMIC_OP(pfx, type, or, |)				\
	PILLION_ATOMIC_OP(pfx, type, xor, ^)				\
	PILLION_ATOMIC_OP_RETURN(pfx, type, add, +)			\
	PILLION_ATOMIC_OP_RETURN(pfx, type, sub, -)

PILLION_ATOMIC(atomic, int)
#define arch_atomic_fetch_add		arch_atomic_fetch_add
#define arch_atomic_fetch_sub		arch_atomic_fetch_sub
#define arch_atomic_fetch_and		arch_atomic_fetch_and
#define arch_atomic_fetch_or		arch_atomic_fetch_or
#define arch_atomic_fetch_xor		arch_atomic_fetch_xor
#define arch_atomic_add_return		arch_atomic_add_return
#define arch_atomic_sub_return		arch_atomic_sub_return
#define arch_atomic_xchg(v, new)	arch_xchg(&(v)->counter, (new))
#define arch_atomic_cmpxchg(v, o, n)	arch_cmpxchg(&(v)->counter, (o), (n))

#ifdef CONFIG_64BIT
#define ATOMIC64_INIT(i)	{ (i) }
PILLION_ATOMIC(atomic64, s64)
#define arch_atomic64_fetch_add		arch_atomic64_fetch_add
#define arch_atomic64_fetch_sub		arch_atomic64_fetch_sub
#define arch_atomic64_fetch_and		arch_atomic64_fetch_and
#define arch_atomic64_fetch_or		arch_atomic64_fetch_or
#define arch_atomic64_fetch_xor		arch_atomic64_fetch_xor
#define arch_atomic64_add_return	arch_atomic64_add_return
#define arch_atomic64_sub_return	arch_atomic64_sub_return
#define arch_atomic64_xchg(v, new)	arch_xchg(&(v)->counter, (new))
#define arch_atomic64_cmpxchg(v, o, n)	arch_cmpxchg(&(v)->counter, (o), (n))
#endif

#endif
