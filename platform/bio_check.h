/* SPDX-License-Identifier: BSD-2-Clause */
/* What any platform refuses of a block request (rump/rumpext_block.h). Locking: none. */
#ifndef PLATFORM_BIO_CHECK_H
#define PLATFORM_BIO_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rump/rumpext_block.h>
#include <rump/rumpuser.h>

#define BIO_OP(op)	((op) & 0xff)

/* A request of a handle that may read, may write, and is as large. 0 or an error. */
static inline int bio_check(bool may_read, bool may_write, uint64_t size, int op,
    const struct rumpuser_iovec *iov, size_t iovcnt, uint64_t off, uint64_t len)
{
	bool writes = BIO_OP(op) != RUMPEXT_BIO_READ && BIO_OP(op) != RUMPEXT_BIO_FLUSH;
	uint64_t sum = 0, end;
	size_t i;

	if (BIO_OP(op) == RUMPEXT_BIO_READ && !may_read)
		return RUMP_EBADF;
	if (BIO_OP(op) < RUMPEXT_BIO_READ || BIO_OP(op) > RUMPEXT_BIO_ZEROES ||
	    (op & ~(0xff | RUMPEXT_BIO_FUA)) != 0)
		return RUMP_EINVAL;
	if (writes && !may_write)
		return RUMP_EROFS;
	if (BIO_OP(op) == RUMPEXT_BIO_FLUSH)
		return 0;
	if (BIO_OP(op) <= RUMPEXT_BIO_WRITE) {
		for (i = 0; i < iovcnt; i++)
			if (__builtin_add_overflow(sum, iov[i].iov_len, &sum))
				return RUMP_EINVAL;
		if (sum != len)
			return RUMP_EINVAL;
	}
	if (__builtin_add_overflow(off, len, &end) || end > (uint64_t)INT64_MAX)
		return RUMP_EINVAL;
	if (end > size)
		return writes ? RUMP_ENOSPC : RUMP_EINVAL;
	return 0;
}

#endif /* PLATFORM_BIO_CHECK_H */
