/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers: a ChaCha20 generator with a key that is replaced after each use and fed from
 * what the machine has (the CPU's generator, times of interrupts, seeds from the loader).
 *
 * Locking: one spin lock inside. Any context.
 */
#ifndef NUCLEUS_RANDOM_H
#define NUCLEUS_RANDOM_H

#include <nucleus/types.h>

void random_bytes(void *buf, size_t len);

/* Stir in len bytes believed to hold bits bits of entropy. */
void random_add(const void *buf, size_t len, unsigned bits);

/* The time of an interrupt, which cannot be foretold. Interrupts off; a few instructions. */
void random_event(uint64_t counter);

/*
 * Bits of entropy that have been stirred in, up to 256; less than RANDOM_GOOD is weak, and
 * random_report() says so.
 */
#define RANDOM_GOOD	128
unsigned random_strength(void);
void random_report(void);

/* Boot only: the CPU's generator, if there is one. */
void random_init(void);

#endif /* NUCLEUS_RANDOM_H */
