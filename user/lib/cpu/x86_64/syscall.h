/* SPDX-License-Identifier: BSD-2-Clause */
/* The system-call instruction, with the registers of <nucleus/abi.h>. */
#ifndef USER_CPU_SYSCALL_H
#define USER_CPU_SYSCALL_H

#define STACK_ENTRY	8		/* bytes below a multiple of 16, where a function begins */

static inline long syscall6(long number, unsigned long a, unsigned long b, unsigned long c,
    unsigned long d, unsigned long e, unsigned long f)
{
	register unsigned long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10),
	    "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}

static inline long syscall_message(long number, unsigned long handle, struct message *m,
    unsigned long deadline)
{
	register unsigned long r10 __asm__("r10") = m->word[1], r8 __asm__("r8") = m->word[2];
	register unsigned long r9 __asm__("r9") = m->word[3], r12 __asm__("r12") = deadline;
	long status;

	__asm__ volatile("syscall" : "=a"(status), "+D"(handle), "+S"(m->tag), "+d"(m->word[0]),
	    "+r"(r10), "+r"(r8), "+r"(r9) : "a"(number), "r"(r12) : "rcx", "r11", "memory");
	m->word[1] = r10;
	m->word[2] = r8;
	m->word[3] = r9;
	m->badge = handle;
	return status;
}

#endif /* USER_CPU_SYSCALL_H */
