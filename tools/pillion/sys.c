/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File system calls on the host or in the donor; see sys.h. Only 64-bit calls are used: one
 * argument holds an offset.
 */
#include "sys.h"

#include <errno.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <pillion/pillion.h>

#include "stop.h"

static long host_call(long nr, long a, long b, long c, long d, long e, long f)
{
	long r = syscall(nr, a, b, c, d, e, f);

	return r == -1 ? -errno : r;
}

const struct side host_side = { .host = true, .call = host_call };
const struct side donor_side = { .host = false, .call = pillion_syscall };

#define ARG(x) ((long)(x))
#define CALL(s, n, a, b, c, d, e) \
	((s)->call(SYS_##n, ARG(a), ARG(b), ARG(c), ARG(d), ARG(e), 0L))

int sys_openat(const struct side *s, int dfd, const char *path, int flags, mode_t mode)
{
	return (int)CALL(s, openat, dfd, path, flags | O_CLOEXEC, mode, 0);
}

int sys_open_in_root(const struct side *s, int root, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = (flags & O_CREAT) ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	int tries = 0;

	/* EAGAIN: something was renamed during the walk of a ".."; the kernel asks to try again */
	do {
		fd = CALL(s, openat2, root, path, &how, sizeof(how), 0);
	} while (fd == -EAGAIN && ++tries < 16);
	return (int)fd;
}

int sys_open_beneath(const struct side *s, int dfd, const char *path)
{
	char *copy = strdup(path), *save = NULL;
	int fd;

	if (!copy)
		return -ENOMEM;
	/* Component by component, so that it also holds on a host without openat2(). */
	fd = sys_openat(s, dfd, ".", O_PATH | O_DIRECTORY, 0);
	for (char *p = strtok_r(copy, "/", &save); p && fd >= 0; p = strtok_r(NULL, "/", &save)) {
		int next = strcmp(p, "..") == 0 ? -EXDEV :
			   sys_openat(s, fd, p, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);

		sys_close(s, fd);
		fd = next;
	}
	free(copy);
	return fd;
}

int sys_close(const struct side *s, int fd)
{
	return (int)CALL(s, close, fd, 0, 0, 0, 0);
}

/* Try again after a signal that was not a request to stop. */
static bool again(long r)
{
	return r == -EINTR && !stop_requested();
}

ssize_t sys_read(const struct side *s, int fd, void *buf, size_t len)
{
	long r;

	do {
		r = CALL(s, read, fd, buf, len, 0, 0);
	} while (again(r));
	return r;
}

ssize_t sys_pread(const struct side *s, int fd, void *buf, size_t len, off_t off)
{
	long r;

	do {
		r = CALL(s, pread64, fd, buf, len, off, 0);
	} while (again(r));
	return r;
}

int sys_write_all(const struct side *s, int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len > 0) {
		long r = CALL(s, write, fd, p, len, 0, 0);

		if (again(r))
			continue;
		if (r <= 0)
			return r < 0 ? (int)r : -EIO;
		p += r;
		len -= (size_t)r;
	}
	return 0;
}

int sys_pwrite_all(const struct side *s, int fd, const void *buf, size_t len, off_t off)
{
	const char *p = buf;

	while (len > 0) {
		long r = CALL(s, pwrite64, fd, p, len, off, 0);

		if (again(r))
			continue;
		if (r <= 0)
			return r < 0 ? (int)r : -EIO;
		p += r;
		len -= (size_t)r;
		off += r;
	}
	return 0;
}

off_t sys_lseek(const struct side *s, int fd, off_t off, int whence)
{
	return CALL(s, lseek, fd, off, whence, 0, 0);
}

int sys_ftruncate(const struct side *s, int fd, off_t size)
{
	return (int)CALL(s, ftruncate, fd, size, 0, 0, 0);
}

int sys_statx(const struct side *s, int dfd, const char *name, int flags, struct statx *st)
{
	return (int)CALL(s, statx, dfd, name, flags, STATX_BASIC_STATS | STATX_BTIME, st);
}

int sys_fstatfs(const struct side *s, int fd, struct statfs *st)
{
	return (int)CALL(s, fstatfs, fd, st, 0, 0, 0);
}

ssize_t sys_getdents(const struct side *s, int fd, void *buf, size_t len)
{
	long r;

	do {
		r = CALL(s, getdents64, fd, buf, len, 0, 0);
	} while (again(r));
	return r;
}

ssize_t sys_readlinkat(const struct side *s, int dfd, const char *name, char *buf, size_t len)
{
	return CALL(s, readlinkat, dfd, name, buf, len, 0);
}

int sys_symlinkat(const struct side *s, const char *target, int dfd, const char *name)
{
	return (int)CALL(s, symlinkat, target, dfd, name, 0, 0);
}

int sys_linkat(const struct side *s, int odfd, const char *oname, int dfd, const char *name)
{
	return (int)CALL(s, linkat, odfd, oname, dfd, name, 0);
}

int sys_mkdirat(const struct side *s, int dfd, const char *name, mode_t mode)
{
	return (int)CALL(s, mkdirat, dfd, name, mode, 0, 0);
}

int sys_mknodat(const struct side *s, int dfd, const char *name, mode_t mode, uint64_t rdev)
{
	return (int)CALL(s, mknodat, dfd, name, mode, rdev, 0);
}

int sys_unlinkat(const struct side *s, int dfd, const char *name, int flags)
{
	return (int)CALL(s, unlinkat, dfd, name, flags, 0, 0);
}

int sys_renameat(const struct side *s, int odfd, const char *oname, int dfd, const char *name)
{
	return (int)CALL(s, renameat2, odfd, oname, dfd, name, 0);
}

int sys_fchmod(const struct side *s, int fd, mode_t mode)
{
	return (int)CALL(s, fchmod, fd, mode, 0, 0, 0);
}

int sys_fchmodat(const struct side *s, int dfd, const char *name, mode_t mode)
{
	return (int)CALL(s, fchmodat, dfd, name, mode, 0, 0);
}

int sys_fchownat(const struct side *s, int dfd, const char *name, uid_t uid, gid_t gid, int flags)
{
	return (int)CALL(s, fchownat, dfd, name, uid, gid, flags);
}

int sys_utimensat(const struct side *s, int dfd, const char *name, const struct timespec ts[2])
{
	return (int)CALL(s, utimensat, dfd, name, ts, name ? AT_SYMLINK_NOFOLLOW : 0, 0);
}

int sys_fchdir(const struct side *s, int fd)
{
	return (int)CALL(s, fchdir, fd, 0, 0, 0, 0);
}

ssize_t sys_listxattr(const struct side *s, int fd, const char *name, char *buf, size_t len)
{
	if (fd < 0)
		return CALL(s, llistxattr, name, buf, len, 0, 0);
	return CALL(s, flistxattr, fd, buf, len, 0, 0);
}

ssize_t sys_getxattr(const struct side *s, int fd, const char *name, const char *attr, void *buf,
		     size_t len)
{
	if (fd < 0)
		return CALL(s, lgetxattr, name, attr, buf, len, 0);
	return CALL(s, fgetxattr, fd, attr, buf, len, 0);
}

int sys_setxattr(const struct side *s, int fd, const char *name, const char *attr, const void *buf,
		 size_t len)
{
	if (fd < 0)
		return (int)CALL(s, lsetxattr, name, attr, buf, len, 0);
	return (int)CALL(s, fsetxattr, fd, attr, buf, len, 0);
}

void sys_raise_file_limit(const struct side *s)
{
	struct { uint64_t cur, max; } lim;

	if (CALL(s, prlimit64, 0, RLIMIT_NOFILE, NULL, &lim, 0) < 0)
		return;
	if (!s->host && lim.max < 65536)
		lim.max = 65536;	/* the donor's task may raise its hard limit */
	lim.cur = lim.max;
	CALL(s, prlimit64, 0, RLIMIT_NOFILE, &lim, NULL, 0);
}

uint64_t sys_rdev(const struct statx *st)
{
	return makedev(st->stx_rdev_major, st->stx_rdev_minor);
}
