/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an image sets up at the nucleus platform. Not part of the hypercall contract, and not for
 * donors. Errors are RUMP_E* numbers.
 *
 * Locking: set up before rump_init() unless stated; the hooks may be called from any thread.
 */
#ifndef RUMPUSER_NUCLEUS_H
#define RUMPUSER_NUCLEUS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parameters for rumpuser_getparam(). Names and values are copied; a name that is set again has
 * the new value.
 */
int rumpuser_nucleus_param_set(const char *name, const char *value);

/*
 * How many bytes of contiguous memory there are for an arena, when the nucleus keeps reserve bytes
 * for itself: the value of RUMP_MEMLIMIT. They are set aside for it. 0: there is not enough. Once.
 */
size_t rumpuser_nucleus_memory(size_t reserve);

/*
 * From now on, memory moves: when the nucleus has fewer than low free pages it takes some from the
 * donor, and what it has above high goes back. For donors with rump_ext_pages_take(). After
 * rump_init(). RUMP_ENOMEM: no memory for its thread.
 */
int rumpuser_nucleus_pool(size_t low, size_t high);

/* The end of that, before rump_ext_halt(): a task of the donor's is among what it takes. */
void rumpuser_nucleus_pool_stop(void);

/*
 * Called when the donor ends the program, with the value of rumpuser_exit(): RUMPUSER_PANIC (-1),
 * or 0..255. After it the machine ends: with PILLION_STATUS_PANIC, or with value.
 */
void rumpuser_nucleus_exit_hook(void (*hook)(int value));

/*
 * A block device in memory for rumpuser_open(): len bytes at base, which stay. RUMP_EEXIST: the
 * name is taken; RUMP_ENOMEM. Any time.
 */
#define RUMPUSER_NUCLEUS_RDONLY	0x01
int rumpuser_nucleus_disk(const char *name, void *base, uint64_t len, unsigned flags);

/*
 * Give what is typed on the nucleus's console to the donor. After rump_init(). RUMP_ENOMEM. The
 * other ends it: before rump_ext_halt().
 */
int rumpuser_nucleus_console(void);
void rumpuser_nucleus_console_stop(void);

#endif /* RUMPUSER_NUCLEUS_H */
