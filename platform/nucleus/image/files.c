/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the donor, by its system calls: the archive's, and a few small ones. See image.h. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "image.h"

#define PATH_LEN	4096

static int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	long n;

	while (len > 0) {
		n = pillion_sys_write(fd, p, len);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int put_file(const char *path, const void *data, size_t len, unsigned mode)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int error;

	if (fd < 0)
		return fd;
	error = write_all(fd, data, len);
	pillion_sys_close(fd);
	return error;
}

int file_write(const char *path, const char *text)
{
	return put_file(path, text, strlen(text), 0644);
}

int file_read(const char *path, char *buf, size_t len)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	size_t done = 0;
	long n = 1;

	if (fd < 0)
		return fd;
	while (n > 0 && done < len - 1) {
		n = pillion_sys_read(fd, buf + done, len - 1 - done);
		if (n > 0)
			done += (size_t)n;
	}
	pillion_sys_close(fd);
	buf[done] = '\0';
	return n < 0 ? (int)n : (int)done;
}

int make_dirs(const char *path)
{
	char part[PATH_LEN];
	size_t i, len = strlen(path);
	long error = 0;

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	for (i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		error = pillion_sys_mkdirat(AT_FDCWD, part, 0755);
	}
	return error == -EEXIST ? 0 : (int)error;
}

static int put_link(const char *path, const struct archive_file *f)
{
	char target[PATH_LEN];

	if (f->size >= sizeof(target))
		return -ENAMETOOLONG;
	memcpy(target, f->data, f->size);
	target[f->size] = '\0';
	return (int)pillion_sys_symlinkat(target, AT_FDCWD, path);
}

static int put_node(const char *path, const struct archive_file *f)
{
	unsigned perm = f->mode & 07777;
	long error;

	switch (f->mode & S_IFMT) {
	case S_IFREG:
		return put_file(path, f->data, f->size, perm);
	case S_IFDIR:
		error = pillion_sys_mkdirat(AT_FDCWD, path, perm);
		return error == -EEXIST ? 0 : (int)error;
	case S_IFLNK:
		return put_link(path, f);
	default:
		return (int)pillion_sys_mknodat(AT_FDCWD, path, f->mode,
		    (unsigned)makedev(f->major, f->minor));
	}
}

static void put_time(const struct archive_file *f)
{
	struct timespec times[2] = { { .tv_sec = f->mtime }, { .tv_sec = f->mtime } };

	if (f->mtime != 0)
		(void)pillion_sys_utimensat(AT_FDCWD, f->name, times, AT_SYMLINK_NOFOLLOW);
}

static int put_entry(const struct archive_file *f)
{
	const char *path = f->name;
	int error = put_node(path, f);

	/* The donor has made some nodes of its own. */
	if (error == -EEXIST && pillion_sys_unlinkat(AT_FDCWD, path, 0) == 0)
		error = put_node(path, f);

	if (error == 0 && (f->uid | f->gid) != 0)
		error = (int)pillion_sys_fchownat(AT_FDCWD, path, f->uid, f->gid, AT_SYMLINK_NOFOLLOW);
	/* Again after a change of owner, which takes set-user-id away. */
	if (error == 0 && (f->mode & S_IFMT) != S_IFLNK)
		error = (int)pillion_sys_fchmodat(AT_FDCWD, path, f->mode & 07777);
	if (error == 0)
		put_time(f);
	return error;
}

/* What is the image's alone is not a file of the guest's. */
static bool is_private(const struct archive_file *f)
{
	return strncmp(f->name, ".pillion", 8) == 0 && (f->name[8] == '\0' || f->name[8] == '/');
}

/* Of the memory that is left programs may have half in files, as on any Linux. */
static void limit_files(void)
{
	struct statfs st;
	char size[32];

	if (pillion_sys_statfs("/", &st) != 0)
		return;
	format(size, sizeof(size), "size=%lluk", (unsigned long long)
	    (st.f_blocks - st.f_bfree / 2) * (unsigned long long)st.f_bsize / KIB);
	(void)mount_fs("rootfs", "/", "", MS_REMOUNT, size);
}

int files_unpack(const struct archive *a, const char **name)
{
	struct archive_file f;
	size_t at = 0;
	int error;

	/* Half of the memory is the limit otherwise, but the archive's files are in it anyway. */
	(void)mount_fs("rootfs", "/", "", MS_REMOUNT, "size=95%");
	*name = "";
	while ((error = archive_next(a, &at, &f)) == 0) {
		if (is_private(&f))
			continue;
		error = put_entry(&f);
		if (error != 0) {
			*name = f.name;
			return error;
		}
	}
	if (error != E_NOENT)
		return -EINVAL;
	/* Files have changed the times of the directories that they came into. */
	at = 0;
	while (archive_next(a, &at, &f) == 0)
		if ((f.mode & S_IFMT) == S_IFDIR && !is_private(&f))
			put_time(&f);
	limit_files();
	return 0;
}
