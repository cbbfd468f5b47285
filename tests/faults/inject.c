/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors below the block layer: a full disk, reads and writes that fail. The error reaches the
 * caller; the file system reacts as its options say; e2fsck afterwards is as is right.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <rump/rumpuser.h>
#include <rump/rumpext_block.h>
#include <rumpuser_posix.h>

#include "common.h"
#include "image.h"
#include "tap.h"

#define EIO_CONTRACT	5

/* Which requests fail: bits of 1 << RUMPEXT_BIO_*; of them those that touch [lo, hi). */
static atomic_uint failing;
static _Atomic uint64_t fail_lo, fail_hi = UINT64_MAX;
static atomic_uint failures;
static char path[64];

static int fail(void *arg, const struct rumpuser_posix_ioreq *r)
{
	unsigned op = (unsigned)r->io_op & 0xff;

	(void)arg;
	if (!(failing >> op & 1) || r->io_off >= fail_hi || r->io_off + r->io_len < fail_lo)
		return 0;
	atomic_fetch_add(&failures, 1);
	return EIO_CONTRACT;
}

static bool mount_or_say(const char *options)
{
	int r;

	rumpuser_posix_bio_hook(fail, NULL);
	r = mount_path(path, options);
	if (r)
		diag("mount: %d", r);
	return r == 0;
}

#define MUST(what) do { if (!(what)) { diag("line %d: %s", __LINE__, #what); return 1; } } while (0)

/* ---- a full disk ---- */

static int fill(void *arg)
{
	static char chunk[1 << 16];
	long fd, n, total = 0;
	struct statfs st;
	char text[16];

	(void)arg;
	MUST(mount_or_say(NULL));
	fd = pillion_sys_openat(AT_FDCWD, "/mnt/big", O_WRONLY | O_CREAT, 0644);
	while ((n = pillion_sys_write((int)fd, chunk, sizeof(chunk))) > 0)
		total += n;
	MUST(n == -ENOSPC);
	MUST(total > 4 << 20);
	MUST(pillion_sys_fsync((int)fd) == 0);
	pillion_sys_close((int)fd);
	/* Small files, until there is no room for those either. */
	for (int i = 0; i < 100000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/mnt/small%d", i);
		n = write_file(name, chunk, 1000);
		if (n != 1000)
			break;
	}
	MUST(n == -ENOSPC);
	MUST(pillion_sys_mkdirat(AT_FDCWD, "/mnt/dir", 0755) == -ENOSPC);
	MUST(pillion_sys_unlinkat(AT_FDCWD, "/mnt/big", 0) == 0);
	pillion_sys_sync();
	MUST(pillion_sys_statfs("/mnt", &st) == 0 && st.f_bfree > 100);
	MUST(write_file("/mnt/again", "again", 5) == 5);
	MUST(read_file("/mnt/again", text, sizeof(text)) == 5);
	MUST(unmount() == 0);
	return 0;
}

/* ---- reads ---- */

static int prepare(void *arg)
{
	static char data[1 << 20];

	(void)arg;
	MUST(mount_or_say(NULL));
	fill_pattern(data, sizeof(data), 5, 0);
	MUST(write_file("/mnt/data", data, sizeof(data)) == sizeof(data));
	MUST(write_file("/mnt/other", data, 4096) == 4096);
	MUST(unmount() == 0);
	return 0;
}

static int bad_reads(void *arg)
{
	static char data[1 << 20];
	long fd, n;

	(void)arg;
	MUST(mount_or_say(NULL));
	fd = pillion_sys_openat(AT_FDCWD, "/mnt/data", O_RDONLY, 0);
	MUST(fd >= 0);
	failing = 1u << RUMPEXT_BIO_READ;
	n = pillion_sys_pread64((int)fd, data, sizeof(data), 0);
	MUST(n == -EIO);
	n = pillion_sys_pread64((int)fd, data, 10, 500000);
	MUST(n == -EIO);
	MUST(failures > 0);
	failing = 0;
	n = pillion_sys_pread64((int)fd, data, sizeof(data), 0);
	MUST(n == sizeof(data) && check_pattern(data, sizeof(data), 5, 0));
	pillion_sys_close((int)fd);
	MUST(unmount() == 0);
	return 0;
}

static int bad_mount(void *arg)
{
	(void)arg;
	failing = 1u << RUMPEXT_BIO_READ;
	rumpuser_posix_bio_hook(fail, NULL);
	MUST(mount_path(path, NULL) < 0);
	MUST(pillion_shutdown() == 0);
	return 0;
}

/* ---- writes ---- */

/* Data only: what lies behind the metadata fails. The file system goes on. */
static int bad_data_writes(void *arg)
{
	static char data[1 << 18];
	char text[16];
	long fd, n;

	(void)arg;
	MUST(mount_or_say(NULL));
	fd = pillion_sys_openat(AT_FDCWD, "/mnt/data", O_RDWR, 0);
	fill_pattern(data, sizeof(data), 6, 0);
	MUST(pillion_sys_pwrite64((int)fd, data, sizeof(data), 0) == sizeof(data));
	/* The blocks of /mnt/data are where nothing else is written: fail by what is asked next. */
	failing = 1u << RUMPEXT_BIO_WRITE;
	n = pillion_sys_sync_file_range((int)fd, 0, sizeof(data), 7);
	failing = 0;
	MUST(n == -EIO);
	MUST(failures > 0);
	MUST(pillion_sys_pwrite64((int)fd, data, sizeof(data), 0) == sizeof(data));
	n = pillion_sys_fsync((int)fd);
	MUST(n == 0 || n == -EIO);	/* the error may be told once more, to this caller */
	MUST(pillion_sys_fsync((int)fd) == 0);
	MUST(pillion_sys_pread64((int)fd, data, sizeof(data), 0) == sizeof(data));
	MUST(check_pattern(data, sizeof(data), 6, 0));
	pillion_sys_close((int)fd);
	MUST(read_file("/mnt/other", text, sizeof(text)) > 0);
	MUST(unmount() == 0);
	return 0;
}

/* Everything fails: the journal is aborted, the file system becomes read-only. */
static int bad_writes(void *arg)
{
	char mounts[4096];
	long fd, n;

	MUST(mount_or_say(arg));
	fd = pillion_sys_openat(AT_FDCWD, "/mnt/new", O_RDWR | O_CREAT, 0644);
	MUST(fd >= 0);
	MUST(pillion_sys_write((int)fd, "x", 1) == 1);
	failing = 1u << RUMPEXT_BIO_WRITE | 1u << RUMPEXT_BIO_ZEROES;
	n = pillion_sys_fsync((int)fd);
	MUST(n == -EIO || n == -EROFS);
	for (int i = 0; i < 100; i++) {
		n = write_file("/mnt/more", "x", 1);
		if (n == -EROFS)
			break;
		pillion_sys_sync();
		pause_ms(10);
	}
	MUST(n == -EROFS);
	MUST(read_file("/proc/mounts", mounts, sizeof(mounts)) > 0);
	MUST(strstr(mounts, " /mnt ext4 ") != NULL);
	pillion_sys_close((int)fd);
	failing = 0;
	pillion_sys_umount2("/mnt", 0);
	MUST(pillion_shutdown() == 0);
	return 0;
}

static int bad_flushes(void *arg)
{
	long fd, n;

	(void)arg;
	MUST(mount_or_say(NULL));
	fd = pillion_sys_openat(AT_FDCWD, "/mnt/flushed", O_RDWR | O_CREAT, 0644);
	MUST(pillion_sys_write((int)fd, "x", 1) == 1);
	failing = 1u << RUMPEXT_BIO_FLUSH;
	n = pillion_sys_fsync((int)fd);
	failing = 0;
	MUST(n == -EIO || n == -EROFS);
	pillion_sys_close((int)fd);
	pillion_sys_umount2("/mnt", 0);
	MUST(pillion_shutdown() == 0);
	return 0;
}

static int mounts_again(void *arg)
{
	static char data[1 << 20];

	(void)arg;
	MUST(mount_or_say(NULL));
	MUST(pillion_sys_faccessat(AT_FDCWD, "/mnt/data", 0) == 0);
	MUST(read_file("/mnt/data", data, sizeof(data)) > 0);
	MUST(write_file("/mnt/fine", "fine", 4) == 4);
	MUST(unmount() == 0);
	return 0;
}

/* The journal of an aborted file system wants a repair; after it all is well. */
static void repaired(const char *what)
{
	int r = run("e2fsck -fy %s >/dev/null 2>&1", path);

	ok(r == 0 || r == 1, "%s: e2fsck -fy repairs (%d)", what, r);
	is(image_check(path), 0, "%s: then it is clean", what);
	is(in_child(mounts_again, NULL), 0, "%s: and mounts again", what);
}

int main(void)
{
	setenv("TEST_TIMEOUT", "300", 0);
	tap_begin();
	image_make(path, 16, "");
	is(in_child(fill, NULL), 0, "a full disk: ENOSPC to the caller, and room again afterwards");
	is(image_check(path), 0, "e2fsck -fn finds it clean");
	unlink(path);

	image_make(path, 16, "");
	is(in_child(prepare, NULL), 0, "a disk with data");
	is(in_child(bad_reads, NULL), 0, "reads that fail: EIO; when they work again, the data");
	is(image_check(path), 0, "e2fsck -fn finds it clean");
	is(in_child(bad_mount, NULL), 0, "a disk that cannot be read does not mount");
	is(image_check(path), 0, "e2fsck -fn finds it clean");
	is(in_child(bad_data_writes, NULL), 0, "data that cannot be written: EIO once; then again fine");
	is(image_check(path), 0, "e2fsck -fn finds it clean");
	is(in_child(bad_writes, (void *)"errors=remount-ro"), 0,
	    "no write works: EIO, and the file system is read-only");
	repaired("no write works");
	is(in_child(bad_flushes, NULL), 0, "a flush that fails: EIO");
	repaired("a flush that fails");
	unlink(path);
	return tap_done();
}
