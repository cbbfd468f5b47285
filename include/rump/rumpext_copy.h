/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension: copies to and from host memory that survive a bad address (version 1). */
#ifndef RUMP_RUMPEXT_COPY_H
#define RUMP_RUMPEXT_COPY_H
#include <rump/rumptypes.h>
#define RUMPEXT_COPY_VERSION 1
/* Copy len bytes; either side may be bad. Returns the number of bytes NOT copied (0: all). */
size_t rumpext_copy(void *dst, const void *src, size_t len);
/* Atomically: *prev = *p; if (*prev == old) *p = new. 0, or EFAULT. p is 4-byte aligned. */
int rumpext_cmpxchg32(uint32_t *p, uint32_t old, uint32_t new_, uint32_t *prev);
#endif
