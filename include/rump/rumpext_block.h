/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extension: vectored block I/O with flush, FUA and discard. Version 1.
 *
 * Reason: rumpuser_bio() moves one buffer, knows no barrier short of syncing each write, and
 * reports on a thread that holds the donor's CPU. A journaling file system wants scattered pages
 * in one request, a flush that is a request, and completion like an interrupt.
 *
 * Words, error numbers and classes are those of <rump/rumpuser.h>. Both functions are
 * [nonblocking]. Locking: requests may be started from several threads at once.
 */
#ifndef RUMP_RUMPEXT_BLOCK_H
#define RUMP_RUMPEXT_BLOCK_H

#include <rump/rumptypes.h>

#define RUMPEXT_BLOCK_VERSION 1

struct rumpuser_iovec;

/*
 * rumpext_blkinfo: what fd, from rumpuser_open() with RUMPUSER_OPEN_BIO, is like. It does not
 * change while fd is open. bi_size need not be a multiple of bi_sectsize: the rest cannot be
 * reached by whole blocks. RDONLY is set if writing through fd is not allowed, whatever the
 * reason. RUMP_EBADF.
 */
struct rumpext_blkinfo {
	uint64_t bi_size;		/* bytes */
	uint32_t bi_sectsize;		/* logical block, bytes; 2^n, at least 512 */
	uint32_t bi_physsize;		/* physical block, bytes; a multiple */
	uint32_t bi_flags;
#define RUMPEXT_BLK_RDONLY	0x01
#define RUMPEXT_BLK_FLUSH	0x02	/* a volatile cache: flush and FUA have effect */
#define RUMPEXT_BLK_DISCARD	0x04
#define RUMPEXT_BLK_ZEROES	0x08	/* can write zeroes without data */
	uint32_t bi_maxiov;		/* most segments in one request */
};
int rumpext_blkinfo(int fd, struct rumpext_blkinfo *info);

/*
 * rumpext_biov: start one request and return; never blocks on the medium. op: one of the
 * operations, FUA perhaps added. off, len: bytes, whole blocks; len is the sum of iov for READ
 * and WRITE, and ignored with off for FLUSH. iov is copied before return; its buffers stay the
 * donor's, untouched by it until done. Requests may be carried out in any order; FLUSH covers the
 * writes whose done was called before it was started. The contents of discarded blocks are
 * undefined.
 *
 * done(arg, error) is called exactly once, makes no use of the donor's CPU and must not block: it
 * is like an interrupt. It comes from any thread: also from the calling one before this function
 * returns, while that holds whatever it holds. When it is called, nothing of the request is in
 * use any more.
 *
 * error: 0: all of it is done. RUMP_EBADF: fd, or fd not open for this. RUMP_EINVAL: op, len, or
 * a read beyond the end. RUMP_ENOSPC: a write beyond the end, or the host is full. RUMP_EROFS.
 * RUMP_EOPNOTSUPP: DISCARD or
 * ZEROES is not offered. RUMP_ENOMEM. RUMP_EIO. A request that failed may have been carried out
 * in part.
 */
#define RUMPEXT_BIO_READ	1
#define RUMPEXT_BIO_WRITE	2
#define RUMPEXT_BIO_FLUSH	3	/* iov NULL */
#define RUMPEXT_BIO_DISCARD	4	/* iov NULL */
#define RUMPEXT_BIO_ZEROES	5	/* iov NULL */
#define RUMPEXT_BIO_FUA		0x100	/* with WRITE, ZEROES: stable before done */
typedef void (*rumpext_biodone_fn)(void *arg, int error);
void rumpext_biov(int fd, int op, const struct rumpuser_iovec *iov, size_t iovcnt, uint64_t off,
    uint64_t len, rumpext_biodone_fn done, void *arg);

#endif /* RUMP_RUMPEXT_BLOCK_H */
