/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices over a host file or block device.
 *
 * Interface: rumpuser__blkfile*; rumpuser_posix_blk_fd.
 *
 * Use by several is refused with a lock of the open file description (so that another open in
 * this very process counts as well), held until the device is gone.
 *
 * Locking: none; the host serialises. bd_nonowait and bd_nodsync only ever change one way.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rump/rumpext_block.h>

#include "posix.h"
#include "rumpuser_posix.h"

#define OP(op)	((op) & 0xff)

_Static_assert(sizeof(struct rumpuser_iovec) == sizeof(struct iovec) &&
    offsetof(struct rumpuser_iovec, iov_len) == offsetof(struct iovec, iov_len),
    "the contract's iovec is the host's");

static ssize_t
once(struct blkdev *bd, struct blkreq *br, int flags)
{
	const struct iovec *iov = (const struct iovec *)(const void *)br->br_iov;
	int cnt = br->br_iovcnt < IOV_MAX ? (int)br->br_iovcnt : IOV_MAX;

	if (OP(br->br_op) == RUMPEXT_BIO_READ)
		return preadv2(bd->bd_fd, iov, cnt, (off_t)br->br_off, flags);
	return pwritev2(bd->bd_fd, iov, cnt, (off_t)br->br_off, flags);
}

static int
file_transfer(struct blkdev *bd, struct blkreq *br, bool quick)
{
	bool fua = (br->br_op & RUMPEXT_BIO_FUA) != 0, synced = false;
	int flags;
	ssize_t n;

	if (quick && (fua || (bd->bd_nonowait & (1u << OP(br->br_op)))))
		return RUMP_EAGAIN;
	while (br->br_len > 0) {
		flags = quick ? RWF_NOWAIT : 0;
		if (fua && !bd->bd_nodsync)
			flags |= RWF_DSYNC;
		n = once(bd, br, flags);
		if (n > 0) {
			synced = (flags & RWF_DSYNC) != 0;
			rumpuser__req_consume(br, (size_t)n);
		} else if (n == 0)
			break;
		else if (errno == EOPNOTSUPP && quick) {
			bd->bd_nonowait |= 1u << OP(br->br_op);
			return RUMP_EAGAIN;
		} else if (errno == EOPNOTSUPP && (flags & RWF_DSYNC))
			bd->bd_nodsync = true;
		else if (errno != EINTR)
			return rumpuser__errtrans(errno);
	}
	if (fua && !synced && fdatasync(bd->bd_fd) != 0)
		return rumpuser__errtrans(errno);
	return quick && br->br_len > 0 ? RUMP_EAGAIN : 0;
}

static int
file_flush(struct blkdev *bd)
{

	return fdatasync(bd->bd_fd) == 0 ? 0 : rumpuser__errtrans(errno);
}

static int
punch(struct blkdev *bd, int mode, uint64_t off, uint64_t len)
{
	int error;

	do
		error = fallocate(bd->bd_fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)off,
		    (off_t)len) == 0 ? 0 : errno;
	while (error == EINTR);
	return rumpuser__errtrans(error);
}

static int
file_discard(struct blkdev *bd, uint64_t off, uint64_t len)
{
	uint64_t range[2] = { off, len };

	if (bd->bd_isblk)
		return ioctl(bd->bd_fd, BLKDISCARD, range) == 0 ? 0 : rumpuser__errtrans(errno);
	return punch(bd, FALLOC_FL_PUNCH_HOLE, off, len);
}

static int
writezeroes(struct blkdev *bd, uint64_t off, uint64_t len)
{
	static const uint8_t zeroes[65536];
	ssize_t n;

	while (len > 0) {
		n = pwrite(bd->bd_fd, zeroes, len < sizeof(zeroes) ? len : sizeof(zeroes),
		    (off_t)off);
		if (n < 0 && errno != EINTR)
			return rumpuser__errtrans(errno);
		if (n > 0) {
			off += (uint64_t)n;
			len -= (uint64_t)n;
		}
	}
	return 0;
}

static int
file_zeroes(struct blkdev *bd, uint64_t off, uint64_t len, bool fua)
{
	uint64_t range[2] = { off, len };
	int error;

	if (bd->bd_isblk)
		error = ioctl(bd->bd_fd, BLKZEROOUT, range) == 0 ? 0 : rumpuser__errtrans(errno);
	else {
		error = punch(bd, FALLOC_FL_ZERO_RANGE, off, len);
		if (error == RUMP_EOPNOTSUPP)
			error = punch(bd, FALLOC_FL_PUNCH_HOLE, off, len);
		if (error == RUMP_EOPNOTSUPP)
			error = writezeroes(bd, off, len);
	}
	return error == 0 && fua ? file_flush(bd) : error;
}

static int
lock(int fd, short type)
{
	struct flock fl;

	memset(&fl, 0, sizeof(fl));
	fl.l_type = type;
	fl.l_whence = SEEK_SET;
	return fcntl(fd, F_OFD_SETLK, &fl) == 0 ? 0 : errno;
}

static int
exclude(struct blkdev *bd, bool write)
{
	int error = lock(bd->bd_fd, write ? F_WRLCK : F_RDLCK);

	bd->bd_locked = error == 0;
	/* A file system without locks excludes nobody, as for every other program. */
	return error == EAGAIN || error == EACCES ? RUMP_EBUSY : 0;
}

/* Closing the descriptor releases no lock where somebody keeps another of the same open file. */
static void
file_free(struct blkdev *bd)
{

	if (bd->bd_locked)
		(void)lock(bd->bd_fd, F_UNLCK);
}

static const struct blkops fileops = {
	.transfer = file_transfer,
	.flush = file_flush,
	.discard = file_discard,
	.zeroes = file_zeroes,
	.free = file_free,
};

static int
geometry(struct blkdev *bd)
{
	struct stat st;
	unsigned phys;
	int sect;

	if (fstat(bd->bd_fd, &st) != 0)
		return rumpuser__errtrans(errno);
	bd->bd_phys = 4096;
	bd->bd_flags |= RUMPEXT_BLK_FLUSH | RUMPEXT_BLK_DISCARD | RUMPEXT_BLK_ZEROES;
	if (S_ISREG(st.st_mode))
		bd->bd_size = (uint64_t)st.st_size;
	else if (S_ISBLK(st.st_mode)) {
		bd->bd_isblk = true;
		if (ioctl(bd->bd_fd, BLKGETSIZE64, &bd->bd_size) != 0)
			return rumpuser__errtrans(errno);
		if (ioctl(bd->bd_fd, BLKSSZGET, &sect) == 0)
			bd->bd_sect = (uint32_t)sect;
		if (ioctl(bd->bd_fd, BLKPBSZGET, &phys) == 0)
			bd->bd_phys = phys;
	} else
		return S_ISDIR(st.st_mode) ? RUMP_EISDIR : RUMP_ENOTBLK;
	return 0;
}

int
rumpuser__blkfile(const char *name, int fd, unsigned flags, struct blkdev **bdp)
{
	struct blkdev *bd;
	bool write;
	int error;

	/* What cannot be written is read-only, whoever forgot to say so. */
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		flags |= RUMPUSER_POSIX_BLK_RDONLY;
	write = (flags & (RUMPUSER_POSIX_BLK_RDONLY | RUMPUSER_POSIX_BLK_OVERLAY)) == 0;
	bd = rumpuser__blk_new(name, &fileops);
	if (bd == NULL) {
		if (flags & RUMPUSER_POSIX_BLK_OWNFD)
			(void)close(fd);
		return RUMP_ENOMEM;
	}
	bd->bd_fd = fd;
	bd->bd_ownfd = (flags & RUMPUSER_POSIX_BLK_OWNFD) != 0;
	if (flags & RUMPUSER_POSIX_BLK_RDONLY)
		bd->bd_flags |= RUMPEXT_BLK_RDONLY;
	error = geometry(bd);
	if (error == 0 && !(flags & RUMPUSER_POSIX_BLK_NOLOCK))
		error = exclude(bd, write);
	if (error == 0 && (flags & RUMPUSER_POSIX_BLK_OVERLAY))
		error = rumpuser__overlay(bd);
	if (error != 0)
		rumpuser__blk_unref(bd);
	else
		*bdp = bd;
	return error;
}

int
rumpuser__blkfile_open(const char *path, int flags, struct blkdev **bdp)
{
	int fd, oflags = O_RDONLY, mode = flags & RUMPUSER_OPEN_ACCMODE;
	unsigned bflags = RUMPUSER_POSIX_BLK_OWNFD;

	*bdp = NULL;
	if (mode == RUMPUSER_OPEN_RDONLY) {
		bflags |= RUMPUSER_POSIX_BLK_RDONLY;
		if (rumpuser__param_long("RUMPUSER_READ_LOCK", 1) == 0)
			bflags |= RUMPUSER_POSIX_BLK_NOLOCK;
	} else
		oflags = mode == RUMPUSER_OPEN_WRONLY ? O_WRONLY : O_RDWR;
	if (flags & RUMPUSER_OPEN_CREATE)
		oflags |= O_CREAT;
	if (flags & RUMPUSER_OPEN_EXCL)
		oflags |= O_EXCL;
	/* Not wait for the other end of a fifo, which is then refused. */
	fd = open(path, oflags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	if (fd == -1)
		return rumpuser__errtrans(errno);
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return rumpuser__blkfile(path, fd, bflags, bdp);
}

int
rumpuser_posix_blk_fd(const char *name, int fd, unsigned flags)
{
	struct blkdev *bd;
	int error;

	error = rumpuser__blkfile(name, fd, flags, &bd);
	return error != 0 ? error : rumpuser__blk_register(bd);
}
