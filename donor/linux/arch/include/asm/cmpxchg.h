/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_PILLION_CMPXCHG_H
#define _ASM_PILLION_CMPXCHG_H

/*
 * xchg and cmpxchg are the CPU's: they are also used on memory that is shared with threads beside
 * the virtual CPU.
 */
#define arch_xchg(ptr, v)	\
	((__typeof__(*(ptr)))__atomic_exchange_n((ptr), (__typeof__(*(ptr)))(v), __ATOMIC_SEQ_CST))

#define arch_cmpxchg(ptr, o, n)								\
({											\
	__typeof__(*(ptr)) __cx_old = (__typeof__(*(ptr)))(o);				\
	__atomic_compare_exchange_n((ptr), &__cx_old, (__typeof__(*(ptr)))(n), 0,	\
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);					\
	__cx_old;									\
})

#define arch_cmpxchg_local(ptr, o, n)	arch_cmpxchg(ptr, o, n)
#define arch_cmpxchg64(ptr, o, n)	arch_cmpxchg(ptr, o, n)
#define arch_cmpxchg64_local(ptr, o, n)	arch_cmpxchg(ptr, o, n)

#endif
