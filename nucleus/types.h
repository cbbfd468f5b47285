/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types and small macros that every file of the nucleus uses.
 *
 * Words used in the nucleus's headers:
 *
 *   physical address (paddr_t)   what the memory bus sees
 *   pfn                          physical page number: paddr >> PAGE_SHIFT
 *   direct map                   all RAM, mapped once in the kernel's half: phys_to_virt()
 *   thread context               a thread runs, interrupts are on, no spin lock is held: may sleep
 *   atomic context               anything else, interrupt handlers included: must not sleep
 *
 * A function whose comment says nothing may be called in any context; "may sleep" means thread
 * context only. Functions that can fail return 0 or one of error.h, or NULL where they return a
 * pointer.
 */
#ifndef NUCLEUS_TYPES_H
#define NUCLEUS_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t;
typedef uintptr_t vaddr_t;
typedef uint64_t nsec_t;		/* nanoseconds: a length, or an instant of clock_now() */

#define NSEC_PER_USEC	1000ull
#define NSEC_PER_MSEC	1000000ull
#define NSEC_PER_SEC	1000000000ull
#define NSEC_NEVER	(~(nsec_t)0)

#define KIB		((size_t)1024)
#define MIB		(KIB * 1024)
#define GIB		(MIB * 1024)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))
#define ROUND_DOWN(x, to)	((x) & ~((__typeof__(x))(to) - 1))	/* to: a power of two */
#define ROUND_UP(x, to)	ROUND_DOWN((x) + (__typeof__(x))(to) - 1, to)
#define IS_POW2(x)	((x) != 0 && ((x) & ((x) - 1)) == 0)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define PRINTF(fmt, args)	__attribute__((__format__(__printf__, fmt, args)))
#define NORETURN		__attribute__((__noreturn__))
#define NOINLINE		__attribute__((__noinline__))
#define ALWAYS_INLINE	inline __attribute__((__always_inline__))
#define PACKED			__attribute__((__packed__))
#define ALIGNED(n)		__attribute__((__aligned__(n)))
#define UNUSED			__attribute__((__unused__))
#define MUST_CHECK		__attribute__((__warn_unused_result__))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

/* One access, neither torn nor repeated nor left out by the compiler. */
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

#endif /* NUCLEUS_TYPES_H */
