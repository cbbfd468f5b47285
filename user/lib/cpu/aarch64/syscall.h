/* SPDX-License-Identifier: BSD-2-Clause */
/* The system-call instruction, with the registers of <nucleus/abi.h>. */
#ifndef USER_CPU_SYSCALL_H
#define USER_CPU_SYSCALL_H

#define STACK_ENTRY	0		/* bytes below a multiple of 16, where a function begins */
#define SYSCALL_LOST	"x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory"

static inline long syscall6(long number, unsigned long a, unsigned long b, unsigned long c,
    unsigned long d, unsigned long e, unsigned long f)
{
	register long x8 __asm__("x8") = number;
	register unsigned long x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	register unsigned long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5) :
	    "r"(x8) : "x6", SYSCALL_LOST);
	return (long)x0;
}

static inline long syscall_message(long number, unsigned long handle, struct message *m,
    unsigned long deadline)
{
	register long x8 __asm__("x8") = number;
	register unsigned long x0 __asm__("x0") = handle, x1 __asm__("x1") = m->tag;
	register unsigned long x2 __asm__("x2") = m->word[0], x3 __asm__("x3") = m->word[1];
	register unsigned long x4 __asm__("x4") = m->word[2], x5 __asm__("x5") = m->word[3];
	register unsigned long x6 __asm__("x6") = deadline;

	__asm__ volatile("svc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5),
	    "+r"(x6) : "r"(x8) : SYSCALL_LOST);
	*m = (struct message) { x1, { x2, x3, x4, x5 }, x6 };
	return (long)x0;
}

#endif /* USER_CPU_SYSCALL_H */
