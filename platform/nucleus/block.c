/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfers to and from devices in memory: all are copies, made at once on the caller's thread.
 * Only what rumpuser_bio() owes is told by a thread, because the donor is promised that.
 *
 * Interface: rumpuser_iovread, _iovwrite, _syncfd, _bio; rumpext_biov, rumpext_blkinfo; disk_move.
 *
 * Locking: bio_wq's lock protects the queue of finished transfers. What two threads write at once
 * to the same bytes of a disk is theirs to order.
 */
#include <nucleus/heap.h>
#include <nucleus/string.h>

#include <rump/rumpext_block.h>
#include <rump/rumpext_copy.h>
#include <rump/rumpuser_component.h>

#include "../bio_check.h"
#include "block.h"
#include "platform.h"

#define MAXIOV	1024

int disk_move(struct disk *d, bool write, const struct rumpuser_iovec *iov, size_t iovcnt,
    uint64_t off, size_t *movedp)
{
	size_t i, len, moved = 0;
	uint8_t *at;

	for (i = 0; i < iovcnt && off < d->size; i++) {
		at = d->base + off;
		len = MIN(iov[i].iov_len, d->size - off);
		if (rumpext_copy(write ? at : iov[i].iov_base, write ? iov[i].iov_base : at, len) != 0)
			return RUMP_EFAULT;
		off += len;
		moved += len;
	}
	*movedp = moved;
	return 0;
}

/* ---- at once ---- */

static int transfer(int fd, bool write, const struct rumpuser_iovec *iov, size_t iovcnt,
    int64_t off, size_t *retp)
{
	struct handle *h = handle_find(fd);
	uint64_t at = (uint64_t)off, len = 0;
	size_t i;
	int error;

	if (h == NULL || !(write ? h->write : h->read))
		return RUMP_EBADF;
	if (iovcnt > MAXIOV || (off < 0 && off != RUMPUSER_IOV_NOSEEK))
		return RUMP_EINVAL;
	if (off == RUMPUSER_IOV_NOSEEK) {
		if (h->bio)
			return RUMP_ESPIPE;
		at = h->pos;
	}
	for (i = 0; i < iovcnt; i++)
		if (__builtin_add_overflow(len, iov[i].iov_len, &len))
			return RUMP_EINVAL;
	if (write && (at > h->disk->size || len > h->disk->size - at))
		return RUMP_ENOSPC;
	error = disk_move(h->disk, write, iov, iovcnt, at, retp);
	if (error == 0 && off == RUMPUSER_IOV_NOSEEK)
		h->pos = at + *retp;
	return error;
}

int rumpuser_iovread(int fd, struct rumpuser_iovec *iov, size_t iovcnt, int64_t off, size_t *retp)
{
	int nlocks = unsched(NULL), error;

	error = transfer(fd, false, iov, iovcnt, off, retp);
	resched(nlocks, NULL);
	return error;
}

int rumpuser_iovwrite(int fd, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off,
    size_t *retp)
{
	int nlocks = unsched(NULL), error;

	error = transfer(fd, true, iov, iovcnt, off, retp);
	resched(nlocks, NULL);
	return error;
}

/* Memory is always in order. */
int rumpuser_syncfd(int fd, int flags, uint64_t start, uint64_t len)
{
	(void)start;
	(void)len;
	if ((flags & RUMPUSER_SYNCFD_BOTH) == 0 || (flags & ~0xf) != 0)
		return RUMP_EINVAL;
	if (handle_find(fd) == NULL)
		return RUMP_EBADF;
	resched(unsched(NULL), NULL);
	return 0;
}

/* ---- requests ---- */

int rumpext_blkinfo(int fd, struct rumpext_blkinfo *info)
{
	struct handle *h = handle_find(fd);

	if (h == NULL)
		return RUMP_EBADF;
	info->bi_size = h->disk->size;
	info->bi_sectsize = info->bi_physsize = DISK_SECTOR;
	info->bi_flags = RUMPEXT_BLK_ZEROES | (h->write ? 0 : RUMPEXT_BLK_RDONLY);
	info->bi_maxiov = MAXIOV;
	return 0;
}

static int check(const struct handle *h, int op, const struct rumpuser_iovec *iov, size_t iovcnt,
    uint64_t off, uint64_t len)
{
	if (h == NULL || !h->bio)
		return RUMP_EBADF;
	return bio_check(h->read, h->write, h->disk->size, op, iov, iovcnt, off, len);
}

void rumpext_biov(int fd, int op, const struct rumpuser_iovec *iov, size_t iovcnt, uint64_t off,
    uint64_t len, rumpext_biodone_fn done, void *arg)
{
	struct handle *h = handle_find(fd);
	int error = check(h, op, iov, iovcnt, off, len);
	size_t moved;

	if (error == 0) {
		switch (BIO_OP(op)) {
		case RUMPEXT_BIO_READ:
		case RUMPEXT_BIO_WRITE:
			error = disk_move(h->disk, BIO_OP(op) == RUMPEXT_BIO_WRITE, iov, iovcnt, off, &moved);
			break;
		case RUMPEXT_BIO_ZEROES:
			memset(h->disk->base + off, 0, len);
			break;
		case RUMPEXT_BIO_DISCARD:
			error = RUMP_EOPNOTSUPP;
			break;
		default:
			break;
		}
	}
	done(arg, error);
}

/* ---- rumpuser_bio ---- */

struct finished {
	struct finished	*next;
	rump_biodone_fn	done;
	void		*arg;
	size_t		bytes;
	int		error;
};
static struct waitq bio_wq = WAITQ_INIT(bio_wq);
static struct finished *bio_first, **bio_last = &bio_first;
static bool bio_started;

static struct finished *bio_next(void)
{
	unsigned long flags = spin_lock(&bio_wq.lock);
	struct finished *f;

	while ((f = bio_first) == NULL) {
		(void)waitq_sleep(&bio_wq, flags, NSEC_NEVER);
		flags = spin_lock(&bio_wq.lock);
	}
	bio_first = f->next;
	if (bio_first == NULL)
		bio_last = &bio_first;
	spin_unlock(&bio_wq.lock, flags);
	return f;
}

static void bio_thread(void *arg)
{
	struct finished *f;

	(void)arg;
	rumpuser_component_kthread();
	for (;;) {
		f = bio_next();
		if (platform_hyp.hyp_schedule != NULL)
			platform_hyp.hyp_schedule();
		f->done(f->arg, f->bytes, f->error);
		if (platform_hyp.hyp_unschedule != NULL)
			platform_hyp.hyp_unschedule();
		heap_free(f);
	}
}

/* Called with the donor's CPU: one at a time. */
static void tell(struct finished *f)
{
	unsigned long flags;

	if (!bio_started) {
		bio_started = platform_thread("bio", PRIO_HIGH, false, bio_thread, NULL) != NULL;
		if (!bio_started) {
			rumpuser_dprintf("rumpuser: cannot create an I/O thread\n");
			rumpuser_exit(RUMPUSER_PANIC);
		}
	}
	flags = spin_lock(&bio_wq.lock);
	f->next = NULL;
	*bio_last = f;
	bio_last = &f->next;
	(void)waitq_wake_one(&bio_wq);
	spin_unlock(&bio_wq.lock, flags);
}

void rumpuser_bio(int fd, int op, void *data, size_t len, int64_t off, rump_biodone_fn done,
    void *arg)
{
	struct rumpuser_iovec iov = { .iov_base = data, .iov_len = len };
	struct handle *h = handle_find(fd);
	bool write = (op & RUMPUSER_BIO_WRITE) != 0;
	struct finished *f = platform_zalloc(sizeof(*f));

	f->done = done;
	f->arg = arg;
	if (h == NULL || !h->bio)
		f->error = RUMP_EBADF;
	else if ((op & ~7) != 0 || (op & 3) == 0 || (op & 3) == 3 || off < 0)
		f->error = RUMP_EINVAL;
	else
		f->error = check(h, write ? RUMPEXT_BIO_WRITE : RUMPEXT_BIO_READ, &iov, 1, (uint64_t)off, len);
	/* A read over the end is cut short. */
	if (f->error == RUMP_EINVAL && h != NULL && !write && (op & 3) == RUMPUSER_BIO_READ && off >= 0 &&
	    (op & ~7) == 0)
		f->error = 0;
	if (f->error == 0)
		f->error = disk_move(h->disk, write, &iov, 1, (uint64_t)off, &f->bytes);
	tell(f);
}
