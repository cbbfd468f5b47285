/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writable view of a read-only file: what is written stays in memory of the process, the file
 * is only read.
 *
 * Interface: rumpuser__overlay(), rumpuser__overlaid().
 *
 * ov_data is as large as the device and sparse, ov_map has a bit for each block of it. Invariant:
 * a block whose bit is set is current in ov_data; any other is in the file, and all zero in
 * ov_data. A write to part of a block first brings in the rest. Bits are only ever set.
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

/* Most segments of one request to the device below. */
#define OVIOV	64

struct overlay {
	struct blkdev	 ov_lower;	/* the device below: the same, with its own kind's functions */
	bool		 ov_any;	/* something was written */
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

	__atomic_store_n(&ov->ov_any, true, __ATOMIC_RELEASE);
	__atomic_fetch_or(&ov->ov_map[blk / OVBITS], 1ul << (blk % OVBITS), __ATOMIC_RELEASE);
}

/* Into a block of ov_data, which stays all zero when it fails. */
static int
lower_read(struct overlay *ov, void *buf, size_t len, uint64_t off)
{
	struct rumpuser_iovec iov = { buf, len };
	struct blkreq low = {
		.br_op = RUMPEXT_BIO_READ, .br_off = off, .br_len = len, .br_iov = &iov, .br_iovcnt = 1,
	};
	int error;

	error = ov->ov_lower.bd_ops->transfer(&ov->ov_lower, &low, false);
	if (error != 0)
		memset(buf, 0, len);
	else if (low.br_len > 0)
		memset((uint8_t *)buf + len - low.br_len, 0, low.br_len);
	return error;
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
	return lower_read(ov, ov->ov_data + start, whole, start);
}

/*
 * Read from below what the next blocks of br have not in memory, up to stop, in one request.
 * Consumes it. What lies behind the end of the medium below is zero.
 */
static int
absent(struct overlay *ov, struct blkreq *br, uint64_t stop, bool quick)
{
	struct rumpuser_iovec iov[OVIOV];
	struct blkreq low = *br;
	uint64_t end = br->br_off;
	size_t i, n = 0;
	int error;

	while (end < stop && !present(ov, end / OVBLOCK))
		end = (end / OVBLOCK + 1) * OVBLOCK;
	if (end > stop)
		end = stop;
	for (i = 0; i < OVIOV && i < br->br_iovcnt && br->br_off + n < end; i++) {
		iov[i] = br->br_iov[i];
		if (iov[i].iov_len > end - br->br_off - n)
			iov[i].iov_len = (size_t)(end - br->br_off - n);
		n += iov[i].iov_len;
	}
	low.br_iov = iov;
	low.br_iovcnt = i;
	low.br_len = n;
	low.br_moved = 0;
	error = ov->ov_lower.bd_ops->transfer(&ov->ov_lower, &low, quick);
	rumpuser__req_consume(br, low.br_moved);
	if (error != 0 || low.br_len == 0)
		return error;
	for (n = low.br_len; n > 0; n -= i) {
		i = br->br_iov->iov_len < n ? br->br_iov->iov_len : n;
		memset(br->br_iov->iov_base, 0, i);
		rumpuser__req_consume(br, i);
	}
	return 0;
}

static int
ov_read(struct overlay *ov, struct blkreq *br, bool quick)
{
	uint64_t end = ov->ov_lower.bd_size;
	int error = 0;
	size_t n;

	if (!__atomic_load_n(&ov->ov_any, __ATOMIC_ACQUIRE))
		return ov->ov_lower.bd_ops->transfer(&ov->ov_lower, br, quick);
	/* A request may reach behind the end, and even wrap around. */
	if (br->br_off < end && br->br_len < end - br->br_off)
		end = br->br_off + br->br_len;
	while (error == 0 && br->br_off < end) {
		if (!present(ov, br->br_off / OVBLOCK)) {
			error = absent(ov, br, end, quick);
			continue;
		}
		n = OVBLOCK - br->br_off % OVBLOCK;
		if (n > br->br_iov->iov_len)
			n = br->br_iov->iov_len;
		if (n > end - br->br_off)
			n = end - br->br_off;
		memcpy(br->br_iov->iov_base, ov->ov_data + br->br_off, n);
		rumpuser__req_consume(br, n);
	}
	return error;
}

static int
ov_transfer(struct blkdev *bd, struct blkreq *br, bool quick)
{
	struct overlay *ov = bd->bd_priv;
	int error = 0;
	size_t n;

	if ((br->br_op & 0xff) == RUMPEXT_BIO_READ)
		return ov_read(ov, br, quick);
	if (quick)
		return RUMP_EAGAIN;
	plock(&ov->ov_lock);
	while (error == 0 && br->br_len > 0 && br->br_off < bd->bd_size) {
		n = OVBLOCK - br->br_off % OVBLOCK;
		if (n > br->br_iov->iov_len)
			n = br->br_iov->iov_len;
		if (n > bd->bd_size - br->br_off)
			n = bd->bd_size - br->br_off;
		error = bringin(bd, br->br_off, n);
		if (error == 0) {
			memcpy(ov->ov_data + br->br_off, br->br_iov->iov_base, n);
			setpresent(ov, br->br_off / OVBLOCK);
			rumpuser__req_consume(br, n);
		}
	}
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
	if (ov->ov_lower.bd_ops->free != NULL)
		ov->ov_lower.bd_ops->free(&ov->ov_lower);
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
	ov->ov_lower = *bd;
	bd->bd_ops = &ovops;
	bd->bd_priv = ov;
	bd->bd_flags &= ~(RUMPEXT_BLK_DISCARD | RUMPEXT_BLK_FLUSH | RUMPEXT_BLK_RDONLY);
	bd->bd_flags |= RUMPEXT_BLK_ZEROES;
	return ov->ov_data == NULL || ov->ov_map == NULL ? RUMP_ENOMEM : 0;
}

bool
rumpuser__overlaid(const struct blkdev *bd)
{
	const struct overlay *ov = bd->bd_priv;

	return bd->bd_ops == &ovops && __atomic_load_n(&ov->ov_any, __ATOMIC_ACQUIRE);
}
