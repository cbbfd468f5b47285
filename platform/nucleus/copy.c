/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies that survive a bad address: the nucleus's own.
 *
 * Interface: rumpext_copy, rumpext_cmpxchg32. Locking: none.
 */
#include <nucleus/cpu.h>

#include <rump/rumpext_copy.h>

#include "platform.h"

size_t rumpext_copy(void *dst, const void *src, size_t len)
{
	return copy_checked(dst, src, len);
}

int rumpext_cmpxchg32(uint32_t *p, uint32_t old, uint32_t new_, uint32_t *prev)
{
	return cmpxchg32_checked(p, old, new_, prev);
}
