/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images and donors for the tests of faults. See image.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "image.h"
#include "tap.h"

int run(const char *format, ...)
{
	char command[1024];
	int n = snprintf(command, sizeof(command), "PATH=$PATH:/usr/sbin:/sbin; "), status;
	va_list ap;

	va_start(ap, format);
	vsnprintf(command + n, sizeof(command) - (size_t)n, format, ap);
	va_end(ap);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

void image_make(char path[64], int mib, const char *options)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, 64, "%.40s/pillion-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0 || ftruncate(fd, (off_t)mib << 20))
		bail("no image: %s", strerror(errno));
	close(fd);
	if (run("mkfs.ext4 -q -F -E lazy_itable_init=0 %s %s >/dev/null 2>&1", options, path))
		bail("mkfs.ext4 fails");
}

int image_load(const char *path)
{
	static char buf[1 << 16], zero[1 << 16];
	int from = open(path, O_RDONLY), fd = memfd_create("image", 0);
	struct stat st;
	off_t at;
	ssize_t n;

	if (from < 0 || fd < 0 || fstat(from, &st) || ftruncate(fd, st.st_size))
		bail("image: %s", strerror(errno));
	for (at = 0; (n = pread(from, buf, sizeof(buf), at)) > 0; at += n)
		if (memcmp(buf, zero, (size_t)n) && pwrite(fd, buf, (size_t)n, at) != n)
			bail("image: %s", strerror(errno));
	close(from);
	return fd;
}

int image_check(const char *path)
{
	return run("out=$(e2fsck -fn %s 2>&1) || "
	    "{ r=$?; echo \"$out\" | sed 's/^/# /' | head -20; exit $r; }",
	    path);
}

int image_check_fd(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	return image_check(path);
}

int in_child(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm((unsigned)env_long("TEST_CHILD_TIMEOUT", 60));
		signal(SIGALRM, SIG_DFL);
		status = fn(arg);
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		bail("no child: %s", strerror(errno));
	return status;
}

static int mount_disk(int id, const char *name, const char *options)
{
	char dev[64];

	if (id < 0)
		return id;
	snprintf(dev, sizeof(dev), "/dev/%s", name);
	pillion_sys_mkdirat(AT_FDCWD, "/mnt", 0755);
	return (int)pillion_sys_mount(dev, "/mnt", "ext4", 0, options);
}

static void boot_quietly(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .memory = 32 << 20, .loglevel = 1 };

	if (getenv("TEST_VERBOSE"))
		opt.loglevel = 7;
	boot(&opt);
}

int mount_path(const char *path, const char *options)
{
	char name[32];

	boot_quietly();
	return mount_disk(pillion_disk_path(path, 0, name), name, options);
}

int mount_fd(int fd, const char *options)
{
	char name[32];

	boot_quietly();
	return mount_disk(pillion_disk_fd(fd, PILLION_DISK_NOLOCK, name), name, options);
}

int unmount(void)
{
	int error = (int)pillion_sys_umount2("/mnt", 0);

	return error ? error : pillion_shutdown();
}
