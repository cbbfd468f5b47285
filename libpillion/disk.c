/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disks: each is a named block device of the platform, and that name is what the donor attaches.
 *
 * Interface: include/pillion/pillion.h.
 * Locking: next and the table under lock; an entry belongs to its disk from attach to detach. Who
 * detaches takes the entry out of the table first: once the donor has let go of the id, it may be
 * that of the next disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pillion/pillion.h>
#include <rump/rumpuser.h>
#include <rump/rumpext_task.h>
#include <rumpuser_posix.h>

#include "lib.h"

struct disk {
	struct disk *next;
	char name[32];
	int id;
	const struct pillion_disk_ops *ops;
	struct pillion_disk_ops ops_copy;
	void *arg;
};

static struct disk *disks;
static unsigned serial;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* errno says why not. */
static struct disk *new_disk(void)
{
	struct disk *d;

	errno = -pillion__ready();
	if (errno)
		return NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	pthread_mutex_lock(&lock);
	snprintf(d->name, sizeof(d->name), "pillion:disk%u", serial++);
	pthread_mutex_unlock(&lock);
	return d;
}

static void link_disk(struct disk *d)
{
	pthread_mutex_lock(&lock);
	d->next = disks;
	disks = d;
	pthread_mutex_unlock(&lock);
}

static struct disk *unlink_disk(int id)
{
	struct disk **dp, *d;

	pthread_mutex_lock(&lock);
	for (dp = &disks; (d = *dp) != NULL && d->id != id; dp = &d->next)
		;
	if (d)
		*dp = d->next;
	pthread_mutex_unlock(&lock);
	return d;
}

/* The platform knows d->name: attach it. Ends with the id, or with everything undone. */
static int attach(struct disk *d, unsigned flags, char name[32])
{
	int error = pillion_platform_errno(rump_ext_blk_attach(d->name,
	    flags & PILLION_DISK_RDONLY ? RUMPEXT_BLKATTACH_RDONLY : 0, name, &d->id));

	if (error) {
		rumpuser_posix_blk_remove(d->name);
		free(d);
		return -error;
	}
	link_disk(d);
	return d->id;
}

static unsigned platform_flags(unsigned flags)
{
	return (flags & PILLION_DISK_RDONLY ? RUMPUSER_POSIX_BLK_RDONLY : 0) |
	    (flags & PILLION_DISK_OVERLAY ? RUMPUSER_POSIX_BLK_OVERLAY : 0) |
	    (flags & PILLION_DISK_NOLOCK ? RUMPUSER_POSIX_BLK_NOLOCK : 0);
}

static int attach_fd(int fd, unsigned flags, char name[32])
{
	struct disk *d = new_disk();
	int error;

	if (!d) {
		error = errno;
		close(fd);
		return -error;
	}
	error = pillion_platform_errno(rumpuser_posix_blk_fd(d->name, fd,
	    platform_flags(flags) | RUMPUSER_POSIX_BLK_OWNFD));
	if (error) {
		free(d);	/* the descriptor is closed */
		return -error;
	}
	return attach(d, flags, name);
}

int pillion_disk_path(const char *path, unsigned flags, char name[32])
{
	int rdonly = flags & (PILLION_DISK_RDONLY | PILLION_DISK_OVERLAY);
	int fd = open(path, (rdonly ? O_RDONLY : O_RDWR) | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	if (fd > STDERR_FILENO)
		return attach_fd(fd, flags, name);
	/* What the application writes to a standard descriptor must not go to a disk. */
	r = pillion_disk_fd(fd, flags, name);
	close(fd);
	return r;
}

int pillion_disk_fd(int fd, unsigned flags, char name[32])
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return own < 0 ? -errno : attach_fd(own, flags, name);
}

int pillion_disk_memory(void *base, size_t len, unsigned flags, char name[32])
{
	struct disk *d = new_disk();
	int error;

	if (!d)
		return -errno;
	error = pillion_platform_errno(rumpuser_posix_blk_mem(d->name, base, len, platform_flags(flags)));
	if (error) {
		free(d);
		return -error;
	}
	return attach(d, flags, name);
}

static int cb_read(void *arg, const struct rumpuser_iovec *iov, size_t n, uint64_t off,
    uint64_t len)
{
	struct disk *d = arg;
	int error = 0;

	(void)len;
	for (size_t i = 0; i < n && !error; off += iov[i++].iov_len)
		error = d->ops->read(d->arg, iov[i].iov_base, iov[i].iov_len, off);
	return pillion_contract_errno(-error);
}

static int cb_flush(void *arg)
{
	struct disk *d = arg;

	return pillion_contract_errno(-d->ops->flush(d->arg));
}

static int cb_write(void *arg, const struct rumpuser_iovec *iov, size_t n, uint64_t off,
    uint64_t len, int fua)
{
	struct disk *d = arg;
	int error = 0;

	(void)len;
	for (size_t i = 0; i < n && !error; off += iov[i++].iov_len)
		error = d->ops->write(d->arg, iov[i].iov_base, iov[i].iov_len, off);
	if (!error && fua && d->ops->flush)
		error = d->ops->flush(d->arg);
	return pillion_contract_errno(-error);
}

static int cb_discard(void *arg, uint64_t off, uint64_t len)
{
	struct disk *d = arg;

	return pillion_contract_errno(-d->ops->discard(d->arg, off, len));
}

int pillion_disk_callbacks(const struct pillion_disk_ops *ops, void *arg, unsigned flags,
    char name[32])
{
	struct rumpuser_posix_blkops cb = {
		.read = cb_read,
		.write = ops->write ? cb_write : NULL,
		.flush = ops->flush ? cb_flush : NULL,
		.discard = ops->discard ? cb_discard : NULL,
	};
	struct disk *d = new_disk();
	int error;

	if (!d)
		return -errno;
	d->ops_copy = *ops;
	d->ops = &d->ops_copy;
	d->arg = arg;
	if (!ops->write && !(flags & PILLION_DISK_OVERLAY))
		flags |= PILLION_DISK_RDONLY;
	error = pillion_platform_errno(rumpuser_posix_blk_cb(d->name, &cb, d, ops->size, ops->sectsize,
	    platform_flags(flags)));
	if (error) {
		free(d);
		return -error;
	}
	return attach(d, flags, name);
}

int pillion_disk_overlaid(int id)
{
	struct disk *d;
	int r;

	pthread_mutex_lock(&lock);
	for (d = disks; d && d->id != id; d = d->next)
		;
	r = d ? rumpuser_posix_blk_overlaid(d->name) : -1;
	pthread_mutex_unlock(&lock);
	return r < 0 ? -ENXIO : r;
}

int pillion_disk_detach(int id)
{
	int error = pillion__ready();
	struct disk *d;

	if (error)
		return error;
	d = unlink_disk(id);
	if (!d)
		return -ENXIO;
	error = pillion_platform_errno(rump_ext_blk_detach(id));
	if (error) {
		link_disk(d);
		return -error;
	}
	rumpuser_posix_blk_remove(d->name);
	free(d);
	return 0;
}
