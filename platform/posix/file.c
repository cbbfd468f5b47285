/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files: opening, closing, information, synchronous transfer, ordering.
 *
 * Interface: rumpuser_open, _close, _getfileinfo, _iovread, _iovwrite, _syncfd.
 *
 * A descriptor is the host's own, or with BIO a handle of blkdev.c; every function here takes
 * either. Locking: none.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <linux/fs.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rump/rumpext_block.h>

#include "posix.h"

static int
hostopen(const char *name, int flags, int *fdp)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	int fd, oflags;

	oflags = modes[flags & RUMPUSER_OPEN_ACCMODE] | O_CLOEXEC | O_NOCTTY;
	if (flags & RUMPUSER_OPEN_CREATE)
		oflags |= O_CREAT;
	if (flags & RUMPUSER_OPEN_EXCL)
		oflags |= O_EXCL;
	do
		fd = open(name, oflags, 0644);
	while (fd == -1 && errno == EINTR);
	if (fd == -1)
		return rumpuser__errtrans(errno);
	*fdp = fd;
	return 0;
}

int
rumpuser_open(const char *name, int flags, int *fdp)
{
	int nlocks, error;

	if ((flags & RUMPUSER_OPEN_ACCMODE) == RUMPUSER_OPEN_ACCMODE || (flags & ~0x1f) != 0)
		return RUMP_EINVAL;
	nlocks = unsched(NULL);
	if (flags & RUMPUSER_OPEN_BIO)
		error = rumpuser__blk_open(name, flags, fdp);
	else
		error = hostopen(name, flags, fdp);
	resched(nlocks, NULL);
	return error;
}

int
rumpuser_close(int fd)
{
	int nlocks, error;

	nlocks = unsched(NULL);
	if (fd >= HANDLE_BASE)
		error = rumpuser__blk_close(fd);
	else	/* the descriptor is gone whatever the host says, EBADF excepted */
		error = close(fd) != 0 && errno != EINTR ? rumpuser__errtrans(errno) : 0;
	resched(nlocks, NULL);
	return error;
}

static int
hostinfo(const char *name, uint64_t *sizep, int *typep)
{
	struct stat st;
	int fd, error = 0;

	if (stat(name, &st) != 0)
		return errno;
	*sizep = (uint64_t)st.st_size;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		*typep = RUMPUSER_FT_REG;
		break;
	case S_IFDIR:
		*typep = RUMPUSER_FT_DIR;
		break;
	case S_IFCHR:
		*typep = RUMPUSER_FT_CHR;
		break;
	case S_IFBLK:
		*typep = RUMPUSER_FT_BLK;
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			return errno;
		if (ioctl(fd, BLKGETSIZE64, sizep) != 0)
			error = errno;
		(void)close(fd);
		break;
	default:
		*typep = RUMPUSER_FT_OTHER;
		break;
	}
	return error;
}

int
rumpuser_getfileinfo(const char *name, uint64_t *sizep, int *typep)
{
	int nlocks, error, type = RUMPUSER_FT_BLK;
	uint64_t size = 0;

	nlocks = unsched(NULL);
	error = rumpuser__blk_named(name, &size);
	if (error != 0)
		error = rumpuser__errtrans(hostinfo(name, &size, &type));
	resched(nlocks, NULL);
	if (error != 0)
		return error;
	if (sizep != NULL)
		*sizep = size;
	if (typep != NULL)
		*typep = type;
	return 0;
}

/* One request on a handle, on this thread. */
static int
blkrw(int fd, int op, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off, size_t *retp)
{
	struct blkhandle *bh = rumpuser__blk_handle(fd);
	struct blkreq br;
	uint64_t end;
	size_t i;
	int error;

	if (bh == NULL || (op == RUMPEXT_BIO_READ ? !bh->bh_read : !bh->bh_write))
		return RUMP_EBADF;
	memset(&br, 0, sizeof(br));
	for (i = 0; i < iovcnt; i++)
		if (__builtin_add_overflow(br.br_len, iov[i].iov_len, &br.br_len))
			return RUMP_EINVAL;
	if (op == RUMPEXT_BIO_WRITE && (__builtin_add_overflow((uint64_t)off, br.br_len, &end) ||
	    end > bh->bh_dev->bd_size))
		return RUMP_ENOSPC;
	br.br_iovalloc = br.br_iov = malloc(iovcnt * sizeof(*iov) + 1);
	if (br.br_iov == NULL)
		return RUMP_ENOMEM;
	memcpy(br.br_iov, iov, iovcnt * sizeof(*iov));
	br.br_iovcnt = iovcnt;
	br.br_handle = bh;
	br.br_op = op;
	br.br_off = (uint64_t)off;
	error = rumpuser__bio_run(&br, false);
	free(br.br_iovalloc);
	if (error == 0)
		*retp = br.br_moved;
	return error;
}

static int
hostrw(int fd, bool write, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off,
    size_t *retp)
{
	const struct iovec *hiov = (const struct iovec *)(const void *)iov;
	ssize_t n;

	do {
		if (off == RUMPUSER_IOV_NOSEEK)
			n = write ? writev(fd, hiov, (int)iovcnt) : readv(fd, hiov, (int)iovcnt);
		else
			n = write ? pwritev(fd, hiov, (int)iovcnt, off) :
			    preadv(fd, hiov, (int)iovcnt, off);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return rumpuser__errtrans(errno);
	*retp = (size_t)n;
	return 0;
}

static int
transfer(int fd, bool write, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off,
    size_t *retp)
{
	int nlocks, error;

	if (iovcnt > IOV_MAX || (off < 0 && off != RUMPUSER_IOV_NOSEEK))
		return RUMP_EINVAL;
	nlocks = unsched(NULL);
	if (fd < HANDLE_BASE)
		error = hostrw(fd, write, iov, iovcnt, off, retp);
	else if (off == RUMPUSER_IOV_NOSEEK)
		error = RUMP_ESPIPE;
	else
		error = blkrw(fd, write ? RUMPEXT_BIO_WRITE : RUMPEXT_BIO_READ, iov, iovcnt, off,
		    retp);
	resched(nlocks, NULL);
	return error;
}

int
rumpuser_iovread(int fd, struct rumpuser_iovec *iov, size_t iovcnt, int64_t off, size_t *retp)
{

	return transfer(fd, false, iov, iovcnt, off, retp);
}

int
rumpuser_iovwrite(int fd, const struct rumpuser_iovec *iov, size_t iovcnt, int64_t off,
    size_t *retp)
{

	return transfer(fd, true, iov, iovcnt, off, retp);
}

int
rumpuser_syncfd(int fd, int flags, uint64_t start, uint64_t len)
{
	struct blkhandle *bh = NULL;
	int nlocks, error = 0;

	(void)start;	/* more than asked is synced: sync_file_range() makes nothing durable */
	(void)len;
	if ((flags & RUMPUSER_SYNCFD_BOTH) == 0 || (flags & ~0xf) != 0)
		return RUMP_EINVAL;
	if (fd >= HANDLE_BASE && (bh = rumpuser__blk_handle(fd)) == NULL)
		return RUMP_EBADF;
	nlocks = unsched(NULL);
	/* The host keeps reads and writes of the same bytes in order; on the medium it does not. */
	if (!(flags & RUMPUSER_SYNCFD_WRITE))
		error = bh == NULL && fcntl(fd, F_GETFD) == -1 ? RUMP_EBADF : 0;
	else if (bh != NULL)
		error = bh->bh_dev->bd_ops->flush(bh->bh_dev);
	else if (fdatasync(fd) != 0 && errno != EINVAL && errno != EROFS)
		error = rumpuser__errtrans(errno);
	resched(nlocks, NULL);
	return error;
}
