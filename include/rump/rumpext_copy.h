/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: copies to and from host memory that survive a bad address. Version 1.
 *
 * Reason: a program in the donor's own process passes pointers, and a bad one has to become
 * EFAULT. Only the platform can recover from the fault that it makes.
 *
 * What these two recover from is any fault of their own accesses to the addresses given: nothing
 * there, no permission, a file cut short. They are no protection: an address that can be accessed
 * is accessed.
 * [nonblocking, but for the host's paging]. Any context that may fault; no locking.
 */
#ifndef RUMP_RUMPEXT_COPY_H
#define RUMP_RUMPEXT_COPY_H

#include <rump/rumptypes.h>

#define RUMPEXT_COPY_VERSION 1

/*
 * Copy len bytes; either side may be bad at any byte, at any alignment; the two do not overlap.
 * Returns the number of bytes not copied: 0, or the exact number from the first that could not be
 * on. Those after it in dst are unchanged. 1, 2, 4 and 8 bytes at aligned addresses are one
 * access each.
 */
size_t rumpext_copy(void *dst, const void *src, size_t len);

/*
 * Atomically, sequentially consistent: *prev = *p; if (*prev == old) *p = new_. p is 4-byte
 * aligned, prev is good. 0, whichever way it went; or RUMP_EFAULT, *prev unchanged.
 */
int rumpext_cmpxchg32(uint32_t *p, uint32_t old, uint32_t new_, uint32_t *prev);

#endif /* RUMP_RUMPEXT_COPY_H */
