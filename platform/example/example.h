/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example platform: what it needs of a machine. A new port begins by copying this directory,
 * supplies these five functions, and then replaces one group of hypercalls after the other by the
 * real thing, running the conformance suite (tests/conformance) as it goes.
 *
 * Locking: none, the example has one thread.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <rump/rumpuser.h>

void	board_putc(char c);			/* a byte to the console */
uint64_t board_nanoseconds(void);		/* since the start, never back */
void	board_random(void *buf, size_t len);	/* unpredictable, in earnest use */
void	board_memory(uint8_t **base, size_t *len);	/* zeroed memory that is ours, once */
void	board_stop(int value) __attribute__((__noreturn__));

extern struct rumpuser_hyperup example_hyp;

/* memory.c: len zeroed bytes, aligned, for good; NULL if there are no more */
void	*example_alloc(size_t len, size_t align);

#endif /* EXAMPLE_H */
