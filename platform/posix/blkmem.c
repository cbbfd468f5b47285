/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices in memory, and by functions of the embedder.
 *
 * Interface: rumpuser_posix_blk_mem, rumpuser_posix_blk_cb. Locking: none; the embedder's own.
 */
#include <stdlib.h>
#include <string.h>

#include <rump/rumpext_block.h>

#include "posix.h"
#include "rumpuser_posix.h"

static int
mem_transfer(struct blkdev *bd, struct blkreq *br, bool quick)
{
	uint8_t *base = bd->bd_priv;
	size_t n;

	(void)quick;	/* memory does not block */
	while (br->br_len > 0 && br->br_off < bd->bd_size) {
		n = br->br_iov->iov_len;
		if (n > bd->bd_size - br->br_off)
			n = bd->bd_size - br->br_off;
		if ((br->br_op & 0xff) == RUMPEXT_BIO_READ)
			memcpy(br->br_iov->iov_base, base + br->br_off, n);
		else
			memcpy(base + br->br_off, br->br_iov->iov_base, n);
		rumpuser__req_consume(br, n);
	}
	return 0;
}

static int
mem_flush(struct blkdev *bd)
{

	(void)bd;
	return 0;
}

static int
mem_zeroes(struct blkdev *bd, uint64_t off, uint64_t len, bool fua)
{

	(void)fua;
	memset((uint8_t *)bd->bd_priv + off, 0, len);
	return 0;
}

static const struct blkops memops = {
	.transfer = mem_transfer,
	.flush = mem_flush,
	.zeroes = mem_zeroes,
};

int
rumpuser_posix_blk_mem(const char *name, void *base, uint64_t len, unsigned flags)
{
	struct blkdev *bd;
	int error;

	bd = rumpuser__blk_new(name, &memops);
	if (bd == NULL)
		return RUMP_ENOMEM;
	bd->bd_priv = base;
	bd->bd_size = len;
	bd->bd_flags = RUMPEXT_BLK_ZEROES;
	if (flags & RUMPUSER_POSIX_BLK_RDONLY)
		bd->bd_flags |= RUMPEXT_BLK_RDONLY;
	if ((flags & RUMPUSER_POSIX_BLK_OVERLAY) && (error = rumpuser__overlay(bd)) != 0) {
		rumpuser__blk_unref(bd);
		return error;
	}
	return rumpuser__blk_register(bd);
}

struct cbdev {
	struct rumpuser_posix_blkops cb_ops;
	void	*cb_arg;
};

/* The embedder sees only what lies on the device: br's pieces are cut to len bytes. */
static void
cut(struct blkreq *br, uint64_t len)
{
	size_t i;

	for (i = 0; len > 0; i++) {
		if (br->br_iov[i].iov_len > len)
			br->br_iov[i].iov_len = (size_t)len;
		len -= br->br_iov[i].iov_len;
	}
	br->br_iovcnt = i;
}

static int
cb_transfer(struct blkdev *bd, struct blkreq *br, bool quick)
{
	struct cbdev *cb = bd->bd_priv;
	uint64_t len;
	int error;

	if (quick)
		return RUMP_EAGAIN;
	if (br->br_off >= bd->bd_size || br->br_len == 0)
		return 0;
	len = bd->bd_size - br->br_off;
	if (br->br_len > len)
		cut(br, len);
	else
		len = br->br_len;
	if ((br->br_op & 0xff) == RUMPEXT_BIO_READ)
		error = cb->cb_ops.read(cb->cb_arg, br->br_iov, br->br_iovcnt, br->br_off, len);
	else
		error = cb->cb_ops.write(cb->cb_arg, br->br_iov, br->br_iovcnt, br->br_off, len,
		    (br->br_op & RUMPEXT_BIO_FUA) != 0);
	if (error == 0)
		rumpuser__req_consume(br, (size_t)len);
	return error;
}

static int
cb_flush(struct blkdev *bd)
{
	struct cbdev *cb = bd->bd_priv;

	return cb->cb_ops.flush != NULL ? cb->cb_ops.flush(cb->cb_arg) : 0;
}

static int
cb_discard(struct blkdev *bd, uint64_t off, uint64_t len)
{
	struct cbdev *cb = bd->bd_priv;

	return cb->cb_ops.discard != NULL ? cb->cb_ops.discard(cb->cb_arg, off, len) :
	    RUMP_EOPNOTSUPP;
}

static int
cb_zeroes(struct blkdev *bd, uint64_t off, uint64_t len, bool fua)
{
	struct cbdev *cb = bd->bd_priv;

	return cb->cb_ops.zeroes != NULL ? cb->cb_ops.zeroes(cb->cb_arg, off, len, fua) :
	    RUMP_EOPNOTSUPP;
}

static void
cb_free(struct blkdev *bd)
{

	free(bd->bd_priv);
}

static const struct blkops cbops = {
	.transfer = cb_transfer,
	.flush = cb_flush,
	.discard = cb_discard,
	.zeroes = cb_zeroes,
	.free = cb_free,
};

int
rumpuser_posix_blk_cb(const char *name, const struct rumpuser_posix_blkops *ops, void *arg,
    uint64_t size, uint32_t sectsize, unsigned flags)
{
	struct blkdev *bd;
	struct cbdev *cb;
	int error;

	if (ops->read == NULL || sectsize < 512 || (sectsize & (sectsize - 1)) != 0)
		return RUMP_EINVAL;
	bd = rumpuser__blk_new(name, &cbops);
	cb = calloc(1, sizeof(*cb));
	if (bd == NULL || cb == NULL) {
		free(cb);
		if (bd != NULL)
			rumpuser__blk_unref(bd);
		return RUMP_ENOMEM;
	}
	cb->cb_ops = *ops;
	cb->cb_arg = arg;
	bd->bd_priv = cb;
	bd->bd_size = size;
	bd->bd_sect = bd->bd_phys = sectsize;
	if (ops->write == NULL || (flags & RUMPUSER_POSIX_BLK_RDONLY))
		bd->bd_flags |= RUMPEXT_BLK_RDONLY;
	if (ops->flush != NULL)
		bd->bd_flags |= RUMPEXT_BLK_FLUSH;
	if (ops->discard != NULL)
		bd->bd_flags |= RUMPEXT_BLK_DISCARD;
	if (ops->zeroes != NULL)
		bd->bd_flags |= RUMPEXT_BLK_ZEROES;
	if ((flags & RUMPUSER_POSIX_BLK_OVERLAY) && (error = rumpuser__overlay(bd)) != 0) {
		rumpuser__blk_unref(bd);
		return error;
	}
	return rumpuser__blk_register(bd);
}
