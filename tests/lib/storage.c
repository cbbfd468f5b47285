/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stores inside the donor: tmpfs and its limit, the RAM disk, a loop device over a file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "common.h"
#include "tap.h"

#define PAGE	4096

/* The library's too: none may close what is not open, which could be somebody else's by then. */
static _Atomic int closed_twice;

int close(int fd)
{
	long r = syscall(SYS_close, fd);

	closed_twice += r < 0 && errno == EBADF;
	return (int)r;
}

static void test_tmpfs_limit(void)
{
	static char page[PAGE];
	struct statfs st;
	long fd, n, pages = 0;

	pillion_sys_mkdirat(AT_FDCWD, "/small", 0755);
	is(pillion_sys_mount("none", "/small", "tmpfs", 0, "size=1m,nr_inodes=10"), 0, "a tmpfs of 1 MiB");
	fd = pillion_sys_openat(AT_FDCWD, "/small/f", O_RDWR | O_CREAT, 0644);
	while ((n = pillion_sys_write((int)fd, page, PAGE)) == PAGE)
		pages++;
	is(n, -ENOSPC, "is full at last");
	is(pages, (1 << 20) / PAGE, "after exactly 1 MiB");
	pillion_sys_statfs("/small", &st);
	ok(st.f_bfree == 0 && st.f_blocks == (1 << 20) / PAGE, "which statfs knows");
	is(pillion_sys_write((int)fd, page, 1), -ENOSPC, "not one byte more");
	is(pillion_sys_pwrite64((int)fd, "x", 1, 0), 1, "but what is there can be changed");
	is(pillion_sys_ftruncate((int)fd, PAGE), 0, "room again");
	is(pillion_sys_lseek((int)fd, 0, SEEK_END), PAGE, "behind the rest");
	is(pillion_sys_write((int)fd, page, PAGE), PAGE, "can be used");
	pillion_sys_close((int)fd);
	for (n = 0; n < 20; n++) {
		char path[32];

		snprintf(path, sizeof(path), "/small/i%ld", n);
		fd = pillion_sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT, 0644);
		if (fd < 0)
			break;
		pillion_sys_close((int)fd);
	}
	ok(fd == -ENOSPC && n == 8, "10 inodes: the root, the file, 8 more (%ld)", n);
	is(pillion_sys_umount2("/small", 0), 0, "unmount");
}

static void test_tmpfs_memory(void)
{
	long before, used, after, n = 0;
	static char chunk[1 << 20];

	pillion_sys_mount("none", "/small", "tmpfs", 0, "size=100m");
	before = meminfo_kb("MemFree:");
	for (int i = 0; i < 16; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/small/c%d", i);
		n += write_file(path, chunk, sizeof(chunk));
	}
	used = meminfo_kb("MemFree:");
	is(n, 16 << 20, "16 MiB in a tmpfs");
	ok(before - used >= 14 << 10, "take memory (%ld KiB)", before - used);
	pillion_sys_umount2("/small", 0);
	for (int i = 0; i < 100 && meminfo_kb("MemFree:") < before - 512; i++)
		pause_ms(10);
	after = meminfo_kb("MemFree:");
	ok(after > before - 512, "and give it back (%ld, %ld KiB free)", before, after);
}

static void test_ram_disk(void)
{
	static char out[1 << 16], in[1 << 16];
	long fd = pillion_sys_openat(AT_FDCWD, "/dev/ram0", O_RDWR, 0), good = 1;
	uint64_t size = 0;

	ok(fd >= 0, "/dev/ram0");
	is(pillion_sys_ioctl((int)fd, BLKGETSIZE64, (unsigned long)&size), 0, "its size");
	is((long)size, 16384l << 10, "is what the configuration says");
	for (int i = 0; i < 64; i++) {
		fill_pattern(out, sizeof(out), 7, (uint64_t)i);
		good &= pillion_sys_pwrite64((int)fd, out, sizeof(out), i * 200000l) == sizeof(out);
	}
	is(pillion_sys_fsync((int)fd), 0, "fsync");
	pillion_sys_close((int)fd);
	fd = pillion_sys_openat(AT_FDCWD, "/dev/ram0", O_RDWR, 0);
	for (int i = 0; i < 64; i++) {
		fill_pattern(out, sizeof(out), 7, (uint64_t)i);
		good &= pillion_sys_pread64((int)fd, in, sizeof(in), i * 200000l) == sizeof(in) &&
		    !memcmp(in, out, sizeof(in));
	}
	ok(good, "what is written is there");
	is(pillion_sys_pwrite64((int)fd, out, 10, (long)size), -ENOSPC, "behind the end is no space");
	is(pillion_sys_pread64((int)fd, in, 10, (long)size), 0, "and nothing to read");
	pillion_sys_close((int)fd);
}

/* A host file into the donor. */
static bool copy_in(const char *host, const char *path)
{
	static char buf[1 << 20];
	long fd = pillion_sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC, 0644), n;
	FILE *f = fopen(host, "r");

	if (!f || fd < 0)
		return false;
	while ((n = (long)fread(buf, 1, sizeof(buf), f)) > 0)
		if (pillion_sys_write((int)fd, buf, (size_t)n) != n)
			return false;
	fclose(f);
	return pillion_sys_close((int)fd) == 0;
}

static bool make_image(char *host)
{
	char command[256];
	int fd = mkstemp(host);

	if (fd < 0 || ftruncate(fd, 8 << 20))
		return false;
	close(fd);
	snprintf(command, sizeof(command),
	    "PATH=$PATH:/usr/sbin:/sbin; mkfs.ext4 -q -F -L looped %s >/dev/null 2>&1", host);
	return system(command) == 0;
}

static bool copy_out(const char *path, const char *host)
{
	static char buf[1 << 20];
	long fd = pillion_sys_openat(AT_FDCWD, path, O_RDONLY, 0), n;
	FILE *f = fopen(host, "w");

	if (!f || fd < 0)
		return false;
	while ((n = pillion_sys_read((int)fd, buf, sizeof(buf))) > 0)
		if (fwrite(buf, 1, (size_t)n, f) != (size_t)n)
			return false;
	pillion_sys_close((int)fd);
	return fclose(f) == 0 && n == 0;
}

static void test_loop(void)
{
	char host[] = "/tmp/pillion-loop-XXXXXX", command[256], text[64];
	long file, loop, r;

	if (!make_image(host)) {
		skip("loop device", "no image: mkfs.ext4 is missing?");
		return;
	}
	pillion_sys_mkdirat(AT_FDCWD, "/store", 0755);
	pillion_sys_mkdirat(AT_FDCWD, "/looped", 0755);
	pillion_sys_mount("none", "/store", "tmpfs", 0, "size=20m");
	ok(copy_in(host, "/store/image"), "an ext4 image goes into a tmpfs");
	r = pillion_sys_openat(AT_FDCWD, "/dev/loop-control", O_RDWR, 0);
	ok(r >= 0, "/dev/loop-control");
	r = pillion_sys_ioctl((int)r, LOOP_CTL_ADD, 0);
	is(r, 0, "loop0");
	file = pillion_sys_openat(AT_FDCWD, "/store/image", O_RDWR, 0);
	loop = pillion_sys_openat(AT_FDCWD, "/dev/loop0", O_RDWR, 0);
	is(pillion_sys_ioctl((int)loop, LOOP_SET_FD, (unsigned long)file), 0, "over the file");
	is(pillion_sys_mount("/dev/loop0", "/looped", "ext4", 0, NULL), 0, "is mounted");
	is(write_file("/looped/hello", "hello", 5), 5, "a file");
	is(pillion_sys_umount2("/looped", 0), 0, "unmounted");
	is(pillion_sys_mount("/dev/loop0", "/looped", "ext4", MS_RDONLY, NULL), 0, "and mounted again");
	ok(read_file("/looped/hello", text, sizeof(text)) == 5 && !strcmp(text, "hello"),
	    "the file is there");
	is(pillion_sys_openat(AT_FDCWD, "/looped/x", O_CREAT | O_WRONLY, 0644), -EROFS, "read-only");
	is(pillion_sys_umount2("/looped", 0), 0, "unmounted");
	is(pillion_sys_ioctl((int)loop, LOOP_CLR_FD, 0), 0, "the loop device lets go");
	pillion_sys_close((int)loop);
	pillion_sys_close((int)file);
	ok(copy_out("/store/image", host), "the image goes out again");
	snprintf(command, sizeof(command),
	    "PATH=$PATH:/usr/sbin:/sbin; e2fsck -fn %s >/dev/null 2>&1", host);
	is(system(command), 0, "e2fsck finds it clean");
	unlink(host);
}

/* Host files as disks that cannot be had. */
static void test_refused_disks(void)
{
	char host[] = "/tmp/pillion-disk-XXXXXX", name[32];
	int fd = mkstemp(host), id, ro, fds;

	ok(fd >= 0 && ftruncate(fd, 1 << 20) == 0, "a file of the host");
	id = pillion_disk_path(host, 0, name);
	ok(id >= 0, "is a disk");
	fds = host_count_dir("/proc/self/fd");
	is(pillion_disk_path(host, 0, name), -EBUSY, "but not two");
	is(pillion_disk_fd(fd, PILLION_DISK_RDONLY, name), -EBUSY, "not even by another descriptor");
	is(pillion_disk_path("/tmp", PILLION_DISK_RDONLY, name), -EISDIR, "a directory is none");
	is(pillion_disk_path("/dev/null", 0, name), -ENOTBLK, "nor is /dev/null");
	is(pillion_disk_detach(id), 0, "detached");
	is(pillion_disk_detach(id), -ENXIO, "it is no disk any more");
	ro = open(host, O_RDONLY | O_CLOEXEC);
	is(pillion_disk_fd(ro, 0, name), -EROFS, "a read-only descriptor cannot be written");
	id = pillion_disk_fd(ro, PILLION_DISK_RDONLY, name);
	ok(id >= 0, "but read");
	is(pillion_disk_detach(id), 0, "detached");
	close(ro);
	is(host_count_dir("/proc/self/fd"), fds - 1, "no descriptor stays open");
	is(closed_twice, 0, "and none is closed twice");
	close(fd);
	unlink(host);
}

#define CHURNERS	8

static _Atomic int churn_failed;

static int read_own(void *arg, void *buf, size_t len, uint64_t off)
{
	(void)off;
	memset(buf, (int)(long)arg, len);
	return 0;
}

/* Disks come and go, each with what its own functions say. */
static void *churn_disks(void *arg)
{
	const struct pillion_disk_ops ops = { .size = 1 << 16, .sectsize = 512, .read = read_own };
	char name[32], path[48], byte;
	int id, error;
	long fd;

	for (long i = 0; i < 60 * env_long("TEST_SCALE", 1); i++) {
		id = pillion_disk_callbacks(&ops, arg, 0, name);
		snprintf(path, sizeof(path), "/dev/%s", name);
		fd = id < 0 ? -1 : pillion_sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECT, 0);
		churn_failed += fd < 0 || pillion_disk_detach(id) != -EBUSY;
		pillion_sys_close((int)fd);
		fd = pillion_sys_openat(AT_FDCWD, path, O_RDONLY, 0);
		churn_failed += pillion_sys_pread64((int)fd, &byte, 1, 8192) != 1 || byte != (char)(long)arg;
		pillion_sys_close((int)fd);
		while ((error = pillion_disk_detach(id)) == -EBUSY)
			;	/* the donor may still be looking at it */
		churn_failed += error != 0;
	}
	return NULL;
}

static void test_disk_churn(void)
{
	pthread_t t[CHURNERS];

	for (long i = 0; i < CHURNERS; i++)
		pthread_create(&t[i], NULL, churn_disks, (void *)i);
	for (int i = 0; i < CHURNERS; i++)
		pthread_join(t[i], NULL);
	is(churn_failed, 0, "%d threads with disks that come and go", CHURNERS);
}

/* Sparse files, holes, punching, big offsets, on tmpfs. */
static void test_sparse(void)
{
	long fd = pillion_sys_openat(AT_FDCWD, "/sparse", O_RDWR | O_CREAT, 0644);
	struct stat st;
	char c = 'x';

	is(pillion_sys_pwrite64((int)fd, &c, 1, 1l << 40), 1, "a byte at 1 TiB");
	is(pillion_sys_fstat((int)fd, &st), 0, "stat");
	ok(st.st_size == (1l << 40) + 1 && st.st_blocks <= 16, "a hole takes no room");
	is(pillion_sys_pread64((int)fd, &c, 1, 12345), 1, "the hole reads");
	is(c, 0, "as zeroes");
	is(pillion_sys_lseek((int)fd, 0, SEEK_DATA), 1l << 40, "SEEK_DATA finds the byte");
	is(pillion_sys_fallocate((int)fd, 3, 1l << 40, PAGE), 0, "punch it out");
	is(pillion_sys_lseek((int)fd, 0, SEEK_DATA), -ENXIO, "no data is left");
	is(pillion_sys_ftruncate((int)fd, 0), 0, "truncate");
	pillion_sys_close((int)fd);
}

int main(void)
{
	tap_begin();
	boot(NULL);
	test_tmpfs_limit();
	test_tmpfs_memory();
	test_ram_disk();
	test_loop();
	test_sparse();
	test_refused_disks();
	test_disk_churn();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
