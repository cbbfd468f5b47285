// SPDX-License-Identifier: BSD-2-Clause
/*
 * One file system of the donor at work on an image, for full.t:
 *
 *	fsprog copy   IMAGE TYPE TREE [OPTIONS]	copy a host tree in, then make and remove much
 *beside it fsprog verify IMAGE TYPE TREE [OPTIONS]	mount read-only; everything of the tree is
 *there, and nothing more
 *
 * OPTIONS: mount options; "nolinks" among them: the file system has neither symbolic nor hard
 *links. Prints what is wrong; exit code 0 if nothing is.
 *
 * Locking: none.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#define MNT    "/mnt"
#define NCHURN 300

static bool nolinks;
static unsigned wrong;
static char a[1 << 16], b[1 << 16];

__attribute__((format(printf, 1, 2))) static void complain(const char *fmt, ...)
{
	va_list ap;

	if (++wrong > 20)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* ---- copying in ---- */

static void copy_file(const char *from, const char *to, unsigned mode)
{
	int in = open(from, O_RDONLY);
	int out = (int)pillion_sys_openat(AT_FDCWD, to, O_CREAT | O_EXCL | O_WRONLY, mode);
	long done = 0, error = 0;
	ssize_t n;

	if (out < 0)
		complain("create %s: %d", to, out);
	while (out >= 0 && (n = read(in, a, sizeof(a))) > 0) {
		done = pillion_sys_write(out, a, (size_t)n);
		if (done != n)
			break;
	}
	if (out >= 0)
		error = pillion_sys_fsync(out);
	if (done < 0 || error)
		complain("write %s: %ld, fsync %ld", to, done, error);
	close(in);
	pillion_sys_close(out);
}

static void copy_tree(const char *from, const char *to)
{
	char src[4096], dst[4096], target[4096];
	struct dirent *d;
	struct stat st;
	ssize_t n;
	long error;
	DIR *dir = opendir(from);

	while (dir && (d = readdir(dir)) != NULL) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		snprintf(src, sizeof(src), "%s/%s", from, d->d_name);
		snprintf(dst, sizeof(dst), "%s/%s", to, d->d_name);
		lstat(src, &st);
		error = 0;
		if (S_ISDIR(st.st_mode)) {
			error = pillion_sys_mkdirat(AT_FDCWD, dst, 0755);
			copy_tree(src, dst);
		} else if (S_ISREG(st.st_mode)) {
			copy_file(src, dst, 0644);
		} else if (S_ISLNK(st.st_mode) && !nolinks) {
			n = readlink(src, target, sizeof(target) - 1);
			target[n < 0 ? 0 : n] = 0;
			error = pillion_sys_symlinkat(target, AT_FDCWD, dst);
		}
		if (error)
			complain("%s: %ld", dst, error);
	}
	if (dir)
		closedir(dir);
}

/* Make, rename, cut, link and remove files, so that what is left is what was there before. */
static void churn(void)
{
	char path[64], other[64];
	long error;
	int i, fd;

	error = pillion_sys_mkdirat(AT_FDCWD, MNT "/churn", 0755);
	if (error)
		complain("mkdir " MNT "/churn: %ld", error);
	for (i = 0; i < NCHURN && !error; i++) {
		snprintf(path, sizeof(path), MNT "/churn/file%d", i);
		fd = (int)pillion_sys_openat(AT_FDCWD, path, O_CREAT | O_RDWR, 0600);
		if (fd < 0) {
			error = fd;
			break;
		}
		memset(a, i, 5000);
		pillion_sys_write(fd, a, (size_t)(i % 5000));
		if (i % 3 == 0)
			error = pillion_sys_ftruncate(fd, i % 7);
		pillion_sys_close(fd);
		snprintf(other, sizeof(other), MNT "/churn/name%d", i);
		if (!error && i % 2)
			error = pillion_sys_renameat2(AT_FDCWD, path, AT_FDCWD, other, 0);
		if (!error && i % 5 == 0 && !nolinks && !(i % 2))
			error = pillion_sys_linkat(AT_FDCWD, path, AT_FDCWD, other, 0);
	}
	if (error)
		complain("%s: %ld", path, error);
	for (i = 0; i < NCHURN; i++) {
		snprintf(path, sizeof(path), MNT "/churn/file%d", i);
		snprintf(other, sizeof(other), MNT "/churn/name%d", i);
		pillion_sys_unlinkat(AT_FDCWD, path, 0);
		pillion_sys_unlinkat(AT_FDCWD, other, 0);
	}
	error = pillion_sys_unlinkat(AT_FDCWD, MNT "/churn", AT_REMOVEDIR);
	if (error)
		complain("remove " MNT "/churn: %ld", error);
}

/* Files that full.t put there to make room, all in the root and named spare*. */
static void remove_spares(void)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, MNT, O_RDONLY | O_DIRECTORY, 0);
	char path[512];
	long n, pos, error;
	bool any;

	do {
		any = false;
		pillion_sys_lseek(fd, 0, SEEK_SET);
		while ((n = pillion_sys_getdents64(fd, b, sizeof(b))) > 0)
			for (pos = 0; pos < n; pos += *(unsigned short *)(b + pos + 16)) {
				if (strncmp(b + pos + 19, "spare", 5))
					continue;
				snprintf(path, sizeof(path), MNT "/%s", b + pos + 19);
				error = pillion_sys_unlinkat(AT_FDCWD, path, 0);
				if (error)
					complain("remove %s: %ld", path, error);
				any = !error;
			}
	} while (any);
	pillion_sys_close(fd);
}

/* ---- comparing ---- */

static void compare_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = (int)pillion_sys_openat(AT_FDCWD, to, O_RDONLY, 0);
	ssize_t n;
	long m;

	if (out < 0)
		complain("open %s: %d", to, out);
	while (out >= 0) {
		n = read(in, a, sizeof(a));
		for (m = 0; m < (long)sizeof(b);) {
			long k = pillion_sys_read(out, b + m, sizeof(b) - (size_t)m);

			if (k <= 0) {
				if (k < 0)
					complain("read %s: %ld", to, k);
				break;
			}
			m += k;
		}
		if (n != m || memcmp(a, b, (size_t)n)) {
			complain("%s: contents differ", to);
			break;
		}
		if (n == 0)
			break;
	}
	close(in);
	pillion_sys_close(out);
}

/* Entries of a directory of the donor, but for those that a file system brings itself. */
static int count_entries(const char *dir)
{
	int fd = (int)pillion_sys_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0), count = 0;
	long n, pos;

	while ((n = pillion_sys_getdents64(fd, b, sizeof(b))) > 0) {
		for (pos = 0; pos < n; pos += *(unsigned short *)(b + pos + 16)) {
			const char *name = b + pos + 19;

			if (strcmp(name, ".") && strcmp(name, "..") && name[0] != '$' &&
			    strcmp(name, "lost+found"))
				count++;
		}
	}
	if (n < 0)
		complain("list %s: %ld", dir, n);
	pillion_sys_close(fd);
	return count;
}

static void compare_link(const char *from, const char *to)
{
	ssize_t n = readlink(from, a, sizeof(a));
	long m = pillion_sys_readlinkat(AT_FDCWD, to, b, sizeof(b));

	if (n != m || memcmp(a, b, (size_t)n))
		complain("%s: another target (%ld)", to, m);
}

static void compare_tree(const char *from, const char *to)
{
	char src[4096], dst[4096];
	struct dirent *d;
	struct stat st;
	int count = 0, have = count_entries(to);
	DIR *dir = opendir(from);

	while (dir && (d = readdir(dir)) != NULL) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		snprintf(src, sizeof(src), "%s/%s", from, d->d_name);
		snprintf(dst, sizeof(dst), "%s/%s", to, d->d_name);
		lstat(src, &st);
		if (S_ISLNK(st.st_mode) && nolinks)
			continue;
		count++;
		if (S_ISDIR(st.st_mode))
			compare_tree(src, dst);
		else if (S_ISREG(st.st_mode))
			compare_file(src, dst);
		else if (S_ISLNK(st.st_mode))
			compare_link(src, dst);
	}
	if (dir)
		closedir(dir);
	if (count != have)
		complain("%s: %d entries, not %d", to, have, count);
}

/* ---- */

static int fail(const char *what, long error)
{
	printf("%s: error %ld\n", what, error);
	return 1;
}

int main(int argc, char **argv)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 4, .memory = 128 << 20 };
	char name[32], dev[48], *options;
	bool copy;
	int id;
	long error;

	if (argc < 5)
		return fail("usage", 0);
	copy = !strcmp(argv[1], "copy");
	options = argc > 5 ? argv[5] : NULL;
	if (options && !strncmp(options, "nolinks", 7)) {
		nolinks = true;
		options = options[7] == ',' ? options + 8 : NULL;
	}
	error = pillion_boot(&opt);
	if (error)
		return fail("boot", error);
	id = pillion_disk_path(argv[2], copy ? 0 : PILLION_DISK_RDONLY, name);
	if (id < 0)
		return fail("attach", id);
	snprintf(dev, sizeof(dev), "/dev/%s", name);
	pillion_sys_mkdirat(AT_FDCWD, MNT, 0755);
	error = pillion_sys_mount(dev, MNT, argv[3], copy ? 0 : MS_RDONLY, options);
	if (error)
		return fail("mount", error);
	if (copy) {
		remove_spares();
		copy_tree(argv[4], MNT);
		churn();
	} else {
		compare_tree(argv[4], MNT);
	}
	error = pillion_sys_umount2(MNT, 0);
	if (error)
		return fail("unmount", error);
	error = pillion_shutdown();
	if (error)
		return fail("shutdown", error);
	return wrong != 0;
}
