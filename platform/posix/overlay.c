/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writable view of a read-only file: what is written stays in memory of the process, the file
 * is only read.
 *
 * Interface: rumpuser__overlay().
 *
 * ov_data is as large as the device and sparse, ov_map has a bit for each block of it. Invariant:
 * a block whose bit is set is current in ov_data, any other in the file. A write to part of a
 * block first brings in the rest. Bits are only ever set.
 *
 * Locking: ov_lock serialises writers. Readers take no lock: a bit is set (release) after its
 * block is whole.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <stdlib.h>
#include <string.h>

#include <rump/rumpext_block.h>

#include "posix.h"

#define OVBLOCK	4096u
#define OVBITS	(8 * sizeof(unsigned long))

struct overlay {
	uint8_t		*ov_data;
	unsigned long	*ov_map;
	size_t		 ov_datalen, ov_maplen;
	struct plock	 ov_lock;
};

static inline bool
present(const struct overlay *ov, uint64_t blk)
{

	return (__atomic_load_n(&ov->ov_map[blk / OVBITS], __ATOMIC_ACQUIRE) >> (blk % OVBITS)) & 1;
}

static inline void
setpresent(struct overlay *ov, uint64_t blk)
{

	__atomic_fetch_or(&ov->ov_map[blk / OVBITS], 1ul << (blk % OVBITS), __ATOMIC_RELEASE);
}

/* Make the block of off whole in memory, unless [off, off+len) is about to replace all of it. */
static int
bringin(struct blkdev *bd, uint64_t off, size_t len)
{
	struct overlay *ov = bd->bd_priv;
	uint64_t blk = off / OVBLOCK, start = blk * OVBLOCK;
	size_t whole = bd->bd_size - start < OVBLOCK ? bd->bd_size - start : OVBLOCK;

	if (present(ov, blk) || (off == start && len >= whole))
		return 0;
	return rumpuser__blkfile_pread(bd, ov->ov_data + start, whole, start);
}

static int
ov_transfer(struct blkdev *bd, struct blkreq *br, bool quick)
{
	struct overlay *ov = bd->bd_priv;
	bool write = (br->br_op & 0xff) == RUMPEXT_BIO_WRITE;
	int error = 0;
	size_t n;

	if (quick)
		return RUMP_EAGAIN;
	if (write)
		plock(&ov->ov_lock);
	while (error == 0 && br->br_len > 0 && br->br_off < bd->bd_size) {
		n = OVBLOCK - br->br_off % OVBLOCK;
		if (n > br->br_iov->iov_len)
			n = br->br_iov->iov_len;
		if (n > bd->bd_size - br->br_off)
			n = bd->bd_size - br->br_off;
		if (write) {
			error = bringin(bd, br->br_off, n);
			if (error == 0) {
				memcpy(ov->ov_data + br->br_off, br->br_iov->iov_base, n);
				setpresent(ov, br->br_off / OVBLOCK);
			}
		} else if (present(ov, br->br_off / OVBLOCK))
			memcpy(br->br_iov->iov_base, ov->ov_data + br->br_off, n);
		else
			error = rumpuser__blkfile_pread(bd, br->br_iov->iov_base, n, br->br_off);
		if (error == 0)
			rumpuser__req_consume(br, n);
	}
	if (write)
		punlock(&ov->ov_lock);
	return error;
}

static int
ov_zeroes(struct blkdev *bd, uint64_t off, uint64_t len, bool fua)
{
	struct overlay *ov = bd->bd_priv;
	int error = 0;
	size_t n;

	(void)fua;
	plock(&ov->ov_lock);
	for (; error == 0 && len > 0; off += n, len -= n) {
		n = OVBLOCK - off % OVBLOCK;
		if (n > len)
			n = len;
		error = bringin(bd, off, n);
		if (error != 0)
			break;
		/* A block that has no memory yet reads as zeroes without it. */
		if (n < OVBLOCK || present(ov, off / OVBLOCK))
			memset(ov->ov_data + off, 0, n);
		setpresent(ov, off / OVBLOCK);
	}
	punlock(&ov->ov_lock);
	return error;
}

static int
ov_flush(struct blkdev *bd)
{

	(void)bd;
	return 0;
}

static void
ov_free(struct blkdev *bd)
{
	struct overlay *ov = bd->bd_priv;

	if (ov == NULL)
		return;
	if (ov->ov_data != NULL)
		(void)munmap(ov->ov_data, ov->ov_datalen);
	if (ov->ov_map != NULL)
		(void)munmap(ov->ov_map, ov->ov_maplen);
	free(ov);
}

static const struct blkops ovops = {
	.transfer = ov_transfer,
	.flush = ov_flush,
	.zeroes = ov_zeroes,
	.free = ov_free,
};

static void *
reserve(size_t len)
{
	void *p;

	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

int
rumpuser__overlay(struct blkdev *bd)
{
	uint64_t blocks = bd->bd_size / OVBLOCK + 1;
	struct overlay *ov;

	ov = calloc(1, sizeof(*ov));
	if (ov == NULL || blocks > SIZE_MAX / OVBLOCK) {
		free(ov);
		return RUMP_ENOMEM;
	}
	ov->ov_datalen = (size_t)blocks * OVBLOCK;
	ov->ov_maplen = (size_t)(blocks / OVBITS + 1) * sizeof(unsigned long);
	ov->ov_data = reserve(ov->ov_datalen);
	ov->ov_map = reserve(ov->ov_maplen);
	bd->bd_ops = &ovops;
	bd->bd_priv = ov;
	bd->bd_flags &= ~(RUMPEXT_BLK_DISCARD | RUMPEXT_BLK_FLUSH);
	return ov->ov_data == NULL || ov->ov_map == NULL ? RUMP_ENOMEM : 0;
}
