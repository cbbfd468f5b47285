/* SPDX-License-Identifier: BSD-2-Clause */
/* Extension: vectored block I/O with flush, FUA and discard (version 1). */
#ifndef RUMP_RUMPEXT_BLOCK_H
#define RUMP_RUMPEXT_BLOCK_H
#include <rump/rumptypes.h>
#define RUMPEXT_BLOCK_VERSION 1

struct rumpuser_iovec;

struct rumpext_blkinfo {
	uint64_t bi_size;		/* bytes */
	uint32_t bi_sectsize;		/* logical block size, bytes */
	uint32_t bi_physsize;		/* physical block size, bytes */
	uint32_t bi_flags;
#define RUMPEXT_BLK_RDONLY	0x01
#define RUMPEXT_BLK_FLUSH	0x02	/* has a volatile cache: flush and FUA mean something */
#define RUMPEXT_BLK_DISCARD	0x04
#define RUMPEXT_BLK_ZEROES	0x08	/* can write zeroes without data */
	uint32_t bi_maxiov;		/* most segments in one request */
};
/* fd: from rumpuser_open(..., RUMPUSER_OPEN_BIO, ...) */
int rumpext_blkinfo(int fd, struct rumpext_blkinfo *info);

#define RUMPEXT_BIO_READ	1
#define RUMPEXT_BIO_WRITE	2
#define RUMPEXT_BIO_FLUSH	3	/* all writes completed before this one was issued are made stable */
#define RUMPEXT_BIO_DISCARD	4	/* iov NULL; len in bytes */
#define RUMPEXT_BIO_ZEROES	5
#define RUMPEXT_BIO_FUA		0x100	/* with WRITE, ZEROES: stable before done is called */

/* error: 0 or an errno of the contract */
typedef void (*rumpext_biodone_fn)(void *arg, int error);
/*
 * Start one request and return; never blocks on the medium. done is called exactly once, from any thread,
 * without the donor's CPU, possibly before this returns; it does not block. iov is copied before return; its
 * buffers stay the donor's, untouched by it until done. len is the total (READ/WRITE: the sum of iov).
 */
void rumpext_biov(int fd, int op, const struct rumpuser_iovec *iov, size_t iovcnt, uint64_t off,
    uint64_t len, rumpext_biodone_fn done, void *arg);
#endif
