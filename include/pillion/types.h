/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel layouts for pillion/syscalls.h where a libc declares something else under the same name.
 *
 * The rule: system calls take the kernel's structures. Most libcs declare the same ones, and then
 * their tag is used. What is here differs in glibc, musl or both: signal sets are 8 bytes (a
 * libc's 128), sigaction has another order, termios has fewer control characters, directory
 * entries have no fixed name. <pillion/libc.h> converts.
 */
#ifndef PILLION_TYPES_H
#define PILLION_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Bit n - 1 is signal n. "masksize" arguments are sizeof(pillion_sigset_t). */
typedef uint64_t pillion_sigset_t;
#define PILLION_SIGMASK(sig)	((pillion_sigset_t)1 << ((sig) - 1))

/* handler: SIG_DFL, SIG_IGN, or any other: it is not called, pillion_options.signal is. */
struct pillion_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	pillion_sigset_t mask;
};

/* The last argument of pselect6. */
struct pillion_pselect_mask {
	const pillion_sigset_t *mask;
	size_t masksize;
};

/* The entries that getdents64 writes, reclen bytes each; name ends with a zero byte. */
struct pillion_dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;			/* DT_* */
	char name[];
};

/* TCGETS, TCSETS, TCSETSW, TCSETSF */
#define PILLION_NCCS	19
struct pillion_termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line;
	uint8_t cc[PILLION_NCCS];
};

#endif
