/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One set of file system calls for two kernels.
 *
 * The donor has the host's own system-call numbers and structure layouts, so a tree walk or a
 * copy is written once and takes a "side": the host, or the donor with the image mounted. All
 * functions return what the kernel returns: a count, a descriptor, 0, or a negative errno.
 * Descriptors of one side mean nothing on the other. Locking: none; any thread may call.
 */
#ifndef TOOL_SYS_H
#define TOOL_SYS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

struct statfs;

struct side {
	bool host;
	long (*call)(long nr, long a, long b, long c, long d, long e, long f);
};

extern const struct side host_side, donor_side;

int sys_openat(const struct side *s, int dfd, const char *path, int flags, mode_t mode);
/* Look path up as if root were "/": neither ".." nor a symbolic link leads out of it. */
int sys_open_in_root(const struct side *s, int root, const char *path, int flags, mode_t mode);
/* Open the directory path (relative) below dfd without following any symbolic link. */
int sys_open_beneath(const struct side *s, int dfd, const char *path);
int sys_close(const struct side *s, int fd);
ssize_t sys_read(const struct side *s, int fd, void *buf, size_t len);
ssize_t sys_pread(const struct side *s, int fd, void *buf, size_t len, off_t off);
/* Write all of buf; 0 or -errno. Gives up with -EINTR when the user asked the tool to stop. */
int sys_write_all(const struct side *s, int fd, const void *buf, size_t len);
int sys_pwrite_all(const struct side *s, int fd, const void *buf, size_t len, off_t off);
off_t sys_lseek(const struct side *s, int fd, off_t off, int whence);
int sys_ftruncate(const struct side *s, int fd, off_t size);
int sys_statx(const struct side *s, int dfd, const char *name, int flags, struct statx *st);
int sys_fstatfs(const struct side *s, int fd, struct statfs *st);
ssize_t sys_getdents(const struct side *s, int fd, void *buf, size_t len);
ssize_t sys_readlinkat(const struct side *s, int dfd, const char *name, char *buf, size_t len);
int sys_symlinkat(const struct side *s, const char *target, int dfd, const char *name);
int sys_linkat(const struct side *s, int odfd, const char *oname, int dfd, const char *name);
int sys_mkdirat(const struct side *s, int dfd, const char *name, mode_t mode);
int sys_mknodat(const struct side *s, int dfd, const char *name, mode_t mode, uint64_t rdev);
int sys_unlinkat(const struct side *s, int dfd, const char *name, int flags);
int sys_renameat(const struct side *s, int odfd, const char *oname, int dfd, const char *name);
int sys_fchmod(const struct side *s, int fd, mode_t mode);
int sys_fchmodat(const struct side *s, int dfd, const char *name, mode_t mode);
int sys_fchownat(const struct side *s, int dfd, const char *name, uid_t uid, gid_t gid, int flags);
/* name NULL: dfd is the file itself */
int sys_utimensat(const struct side *s, int dfd, const char *name, const struct timespec ts[2]);
int sys_fchdir(const struct side *s, int fd);
/*
 * Extended attributes of fd, or (fd < 0) of the entry name of the current directory, not
 * followed.
 */
ssize_t sys_listxattr(const struct side *s, int fd, const char *name, char *buf, size_t len);
ssize_t sys_getxattr(const struct side *s, int fd, const char *name, const char *attr, void *buf,
		     size_t len);
int sys_setxattr(const struct side *s, int fd, const char *name, const char *attr, const void *buf,
		 size_t len);

/* Allow as many open descriptors as this side permits: a tree walk holds one a level. */
void sys_raise_file_limit(const struct side *s);

/* The device number of a special file as mknodat() wants it. */
uint64_t sys_rdev(const struct statx *st);

#endif
