/* SPDX-License-Identifier: BSD-2-Clause */
/* The POSIX platform's block devices: memory, callbacks, descriptors, overlay, locks, hook. */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rump/rumpext_block.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

#define KB64	65536u
#define RDWR	(RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO)
#define RDONLY	(RUMPUSER_OPEN_RDONLY | RUMPUSER_OPEN_BIO)
#define R	RUMPEXT_BIO_READ
#define W	RUMPEXT_BIO_WRITE

static uint8_t mem[KB64], a[KB64], b[KB64];
static char path[128];

/* Memory */

static void
memory(void)
{
	struct rumpext_blkinfo bi;
	uint64_t size;
	int fd, type;

	memset(mem, 0, sizeof(mem));
	CHECK(rumpuser_posix_blk_mem("ram", mem, KB64, 0) == 0);
	CHECK(rumpuser_getfileinfo("ram", &size, &type) == 0);
	CHECK(size == KB64 && type == RUMPUSER_FT_BLK);
	CHECK(rumpuser_open("ram", RDWR, &fd) == 0);
	CHECK(rumpext_blkinfo(fd, &bi) == 0 && bi.bi_size == KB64);
	conf_pattern(a, 8192, 1);
	CHECK(conf_transfer(fd, W, a, 8192, 512) == 0);
	CHECK(memcmp(mem + 512, a, 8192) == 0 && mem[511] == 0);
	CHECK(conf_transfer(fd, R, b, 8192, 512) == 0 && memcmp(a, b, 8192) == 0);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_ZEROES, NULL, 512, 512) == 0);
	CHECK(mem[512] == 0 && mem[1023] == 0 && mem[1024] == a[512]);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_DISCARD, NULL, 512, 0) == RUMP_EOPNOTSUPP);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("ram") == 0);
}

static void
memory_rdonly(void)
{
	int fd;

	CHECK(rumpuser_posix_blk_mem("rom", mem, KB64, RUMPUSER_POSIX_BLK_RDONLY) == 0);
	CHECK(rumpuser_open("rom", RDWR, &fd) == RUMP_EROFS);
	CHECK(rumpuser_open("rom", RDONLY, &fd) == 0);
	CHECK(conf_transfer(fd, W, a, 512, 0) == RUMP_EROFS);
	CHECK(conf_transfer(fd, R, b, 512, 0) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("rom") == 0);
}

static void
names(void)
{
	int fd, fd2;

	CHECK(rumpuser_posix_blk_mem("ram", mem, KB64, 0) == 0);
	CHECK(rumpuser_posix_blk_mem("ram", mem, KB64, 0) == RUMP_EEXIST);
	CHECK(rumpuser_open("ram", RDWR, &fd) == 0);
	CHECK(rumpuser_open("ram", RDWR, &fd2) == RUMP_EBUSY);
	CHECK(rumpuser_open("ram", RDONLY, &fd2) == 0);
	CHECK(rumpuser_posix_blk_remove("ram") == RUMP_EBUSY);
	CHECK(rumpuser_close(fd2) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("ram") == 0);
	CHECK(rumpuser_posix_blk_remove("ram") == RUMP_ENOENT);
	CHECK(rumpuser_open("ram", RDWR, &fd) == RUMP_ENOENT);
}

/* Callbacks */

static int cb_reads, cb_writes, cb_fuas, cb_flushes, cb_error;

static int
cb_rw(bool write, const struct rumpuser_iovec *iov, size_t cnt, uint64_t off, uint64_t len)
{
	size_t i, sum = 0;

	for (i = 0; i < cnt; off += iov[i].iov_len, sum += iov[i].iov_len, i++)
		if (write)
			memcpy(mem + off, iov[i].iov_base, iov[i].iov_len);
		else
			memcpy(iov[i].iov_base, mem + off, iov[i].iov_len);
	return sum != len ? RUMP_EDOM : LOAD(&cb_error);
}

static int
cb_read(void *arg, const struct rumpuser_iovec *iov, size_t cnt, uint64_t off, uint64_t len)
{

	ADD(&cb_reads, arg == mem);
	return cb_rw(false, iov, cnt, off, len);
}

static int
cb_write(void *arg, const struct rumpuser_iovec *iov, size_t cnt, uint64_t off, uint64_t len,
    int fua)
{

	ADD(&cb_writes, arg == mem);
	ADD(&cb_fuas, fua != 0);
	return cb_rw(true, iov, cnt, off, len);
}

static int
cb_flush(void *arg)
{

	ADD(&cb_flushes, arg == mem);
	return LOAD(&cb_error);
}

static void
callbacks(void)
{
	static const struct rumpuser_posix_blkops ops = { .read = cb_read, .write = cb_write,
	    .flush = cb_flush };
	struct rumpext_blkinfo bi;
	int fd;

	cb_reads = cb_writes = cb_fuas = cb_flushes = 0;
	CHECK(rumpuser_posix_blk_cb("cb", &ops, mem, KB64, 4096, 0) == 0);
	CHECK(rumpuser_open("cb", RDWR, &fd) == 0);
	CHECK(rumpext_blkinfo(fd, &bi) == 0);
	CHECK(bi.bi_sectsize == 4096 && bi.bi_flags == RUMPEXT_BLK_FLUSH);
	conf_pattern(a, KB64, 2);
	CHECK(conf_transfer(fd, W, a, KB64, 0) == 0);
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, 4096, 4096) == 0);
	CHECK(conf_transfer(fd, R, b, 4096, 8192) == 0 && memcmp(b, a + 8192, 4096) == 0);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == 0);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_DISCARD, NULL, 4096, 0) == RUMP_EOPNOTSUPP);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_ZEROES, NULL, 4096, 0) == RUMP_EOPNOTSUPP);
	CHECK(LOAD(&cb_reads) == 1 && LOAD(&cb_writes) == 2);
	CHECK(LOAD(&cb_fuas) == 1 && LOAD(&cb_flushes) == 1);
	STORE(&cb_error, RUMP_ENOSPC);
	CHECK(conf_transfer(fd, W, a, 4096, 0) == RUMP_ENOSPC);
	CHECK(conf_transfer(fd, R, b, 4096, 0) == RUMP_ENOSPC);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == RUMP_ENOSPC);
	STORE(&cb_error, 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("cb") == 0);
}

static void
callbacks_bad(void)
{
	static const struct rumpuser_posix_blkops none, ro = { .read = cb_read };
	int fd;

	CHECK(rumpuser_posix_blk_cb("cb", &none, mem, KB64, 512, 0) == RUMP_EINVAL);
	CHECK(rumpuser_posix_blk_cb("cb", &ro, mem, KB64, 1000, 0) == RUMP_EINVAL);
	CHECK(rumpuser_posix_blk_cb("cb", &ro, mem, KB64, 512, 0) == 0);
	CHECK(rumpuser_open("cb", RDWR, &fd) == RUMP_EROFS);
	CHECK(rumpuser_posix_blk_remove("cb") == 0);
}

/* Descriptors and overlay */

static bool
prepare(size_t size)
{
	int fd;
	bool ok;

	if (!port_file("other", size, path, sizeof(path)))
		return false;
	conf_pattern(a, KB64, 3);
	fd = open(path, O_RDWR);
	ok = fd != -1 && pwrite(fd, a, size < KB64 ? size : KB64, 0) > 0;
	close(fd);
	return ok;
}

static void
descriptor(void)
{
	int host, fd;

	CHECK(prepare(KB64));
	host = open(path, O_RDWR | O_CLOEXEC);
	CHECK(rumpuser_posix_blk_fd("d", host, RUMPUSER_POSIX_BLK_OWNFD) == 0);
	CHECK(rumpuser_open("d", RDWR, &fd) == 0);
	CHECK(conf_transfer(fd, R, b, KB64, 0) == 0 && memcmp(a, b, KB64) == 0);
	memset(b, 9, 512);
	CHECK(conf_transfer(fd, W, b, 512, 1024) == 0);
	CHECK(pread(host, b + 1024, 512, 1024) == 512 && b[1024] == 9);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("d") == 0);
	CHECK(fcntl(host, F_GETFD) == -1);
}

static void
overlay(void)
{
	struct stat before, after;
	uint8_t shadow[KB64], disk[KB64];
	uint32_t seed = 7;
	size_t off, len;
	int host, fd, i;

	CHECK(prepare(KB64 - 512));	/* the last block of the overlay is a part */
	CHECK(stat(path, &before) == 0);
	host = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(rumpuser_posix_blk_fd("o", host, RUMPUSER_POSIX_BLK_OVERLAY) == 0);
	CHECK(rumpuser_open("o", RDWR, &fd) == 0);
	CHECK(conf_transfer(fd, R, b, 512, 0) == 0);
	CHECK(rumpuser_posix_blk_overlaid("o") == 0 && rumpuser_posix_blk_overlaid("p") == -1);
	memcpy(shadow, a, KB64);
	for (i = 0; i < 500; i++) {
		len = 512 * (1 + conf_rand(&seed) % 20);
		off = 512 * (conf_rand(&seed) % 127);
		if (off + len > KB64 - 512)
			len = KB64 - 512 - off;
		if (i % 5 == 4) {
			CHECK(conf_transfer(fd, RUMPEXT_BIO_ZEROES, NULL, len, off) == 0);
			memset(shadow + off, 0, len);
		} else if (i % 3 == 0) {
			conf_pattern(b, len, seed);
			CHECK(conf_transfer(fd, W, b, len, off) == 0);
			memcpy(shadow + off, b, len);
		} else {
			CHECK(conf_transfer(fd, R, b, len, off) == 0);
			CHECK(memcmp(b, shadow + off, len) == 0);
		}
	}
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == 0);
	CHECK(conf_transfer(fd, R, b, KB64 - 512, 0) == 0 && memcmp(b, shadow, KB64 - 512) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_overlaid("o") == 1);
	/* The file has not got one byte, and the overlay lasts as long as the device. */
	CHECK(pread(host, disk, KB64, 0) == KB64 - 512 && memcmp(disk, a, KB64 - 512) == 0);
	CHECK(stat(path, &after) == 0 && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
	CHECK(rumpuser_open("o", RDONLY, &fd) == 0);
	CHECK(conf_transfer(fd, R, b, KB64 - 512, 0) == 0 && memcmp(b, shadow, KB64 - 512) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("o") == 0);
	close(host);
}

static void
overlay_failed(void)
{
	static const struct rumpuser_posix_blkops ops = { .read = cb_read, .write = cb_write };
	size_t i;
	int fd;

	/* What a failed read has left in memory is not taken for the zeroes written after it. */
	memset(mem, 0xaa, sizeof(mem));
	CHECK(rumpuser_posix_blk_cb("o", &ops, mem, KB64, 512, RUMPUSER_POSIX_BLK_OVERLAY) == 0);
	CHECK(rumpuser_open("o", RDWR, &fd) == 0);
	STORE(&cb_error, RUMP_EIO);
	CHECK(conf_transfer(fd, W, a, 512, 4096) == RUMP_EIO);
	STORE(&cb_error, 0);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_ZEROES, NULL, 4096, 4096) == 0);
	CHECK(conf_transfer(fd, R, b, 8192, 0) == 0);
	for (i = 0; i < 8192; i++)
		CHECK(b[i] == (i < 4096 ? 0xaa : 0));
	CHECK(rumpuser_close(fd) == 0 && rumpuser_posix_blk_remove("o") == 0);
}

static void
overlay_large(void)
{
	int host, fd, error;

	/* A terabyte costs what is written. */
	if (port_emulated())
		SKIP("the emulator tracks every page of it");
	CHECK(port_file("other", 1ull << 40, path, sizeof(path)));
	host = open(path, O_RDONLY | O_CLOEXEC);
	error = rumpuser_posix_blk_fd("o", host, RUMPUSER_POSIX_BLK_OVERLAY);
	if (error == RUMP_ENOMEM) {
		close(host);
		SKIP("no terabyte of address space (a sanitizer's shadow takes it)");
	}
	CHECK(error == 0);
	CHECK(rumpuser_open("o", RDWR, &fd) == 0);
	conf_pattern(a, KB64, 4);
	CHECK(conf_transfer(fd, W, a, KB64, (1ull << 40) - KB64) == 0);
	CHECK(conf_transfer(fd, R, b, KB64, (1ull << 40) - KB64) == 0 && memcmp(a, b, KB64) == 0);
	CHECK(conf_transfer(fd, R, b, KB64, 1ull << 39) == 0 && b[0] == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("o") == 0);
	close(host);
	CHECK(unlink(path) == 0);
}

/* What rumpuser_iovread() finds around the end of a device of KB64 bytes. */
static void
ends(int fd)
{
	struct rumpuser_iovec iov[2] = { { b, 1024 }, { b + 1024, 4096 } };
	size_t n = 1;

	memset(b, 9, sizeof(b));
	CHECK(rumpuser_iovread(fd, iov, 2, KB64 - 1536, &n) == 0 && n == 1536);
	CHECK(memcmp(b, mem + KB64 - 1536, 1536) == 0 && b[1536] == 9);
	CHECK(rumpuser_iovread(fd, iov, 2, KB64, &n) == 0 && n == 0);
	CHECK(rumpuser_iovread(fd, iov, 2, 1ll << 40, &n) == 0 && n == 0);
	CHECK(rumpuser_iovread(fd, iov, 2, INT64_MAX - 511, &n) == 0 && n == 0);
	CHECK(rumpuser_iovwrite(fd, iov, 2, INT64_MAX - 511, &n) == RUMP_ENOSPC);
	iov[0].iov_len = iov[1].iov_len = SIZE_MAX / 2 + 513;
	CHECK(rumpuser_iovwrite(fd, iov, 2, 0, &n) == RUMP_EINVAL);
	CHECK(rumpuser_iovread(fd, iov, 2, 0, &n) == RUMP_EINVAL);
	CHECK(b[1536] == 9);
}

static void
behind_the_end(void)
{
	static const struct rumpuser_posix_blkops ops = { .read = cb_read, .write = cb_write };
	int fd;

	conf_pattern(mem, KB64, 5);
	CHECK(rumpuser_posix_blk_mem("m", mem, KB64, 0) == 0);
	CHECK(rumpuser_posix_blk_cb("c", &ops, mem, KB64, 512, 0) == 0);
	CHECK(rumpuser_posix_blk_mem("o", mem, KB64, RUMPUSER_POSIX_BLK_OVERLAY) == 0);
	CHECK(rumpuser_open("m", RDWR, &fd) == 0);
	ends(fd);
	CHECK(rumpuser_close(fd) == 0 && rumpuser_posix_blk_remove("m") == 0);
	CHECK(rumpuser_open("c", RDWR, &fd) == 0);
	ends(fd);
	CHECK(rumpuser_close(fd) == 0 && rumpuser_posix_blk_remove("c") == 0);
	CHECK(rumpuser_open("o", RDWR, &fd) == 0);
	ends(fd);		/* from below */
	CHECK(conf_transfer(fd, W, mem, 512, 0) == 0);
	ends(fd);
	CHECK(conf_transfer(fd, W, mem + KB64 - 1024, 1024, KB64 - 1024) == 0);
	ends(fd);		/* from memory, in part */
	CHECK(rumpuser_close(fd) == 0 && rumpuser_posix_blk_remove("o") == 0);
}

static void
notadisk(void)
{
	int fd;

	CHECK(rumpuser_open("/dev/null", RDWR, &fd) == RUMP_ENOTBLK);
	CHECK(rumpuser_open("/", RDONLY, &fd) == RUMP_EISDIR);
}

static void
truncated(void)
{
	int fd;

	/* The file shrinks under us: an error, not somebody else's bytes. */
	CHECK(prepare(KB64));
	CHECK(rumpuser_open(path, RDONLY, &fd) == 0);
	CHECK(truncate(path, 4096) == 0);
	CHECK(conf_transfer(fd, R, b, 4096, 8192) == RUMP_EIO);
	CHECK(conf_transfer(fd, R, b, 8192, 0) == RUMP_EIO);
	CHECK(conf_transfer(fd, R, b, 4096, 0) == 0);
	CHECK(rumpuser_close(fd) == 0);
}

/* Locks across processes */

static int childflags, childfd;

static void
child_open(void)
{
	int fd;

	_exit(rumpuser_open(path, childflags, &fd));
}

static void
child_nolock(void)
{

	_exit(rumpuser_posix_blk_fd("n", childfd, RUMPUSER_POSIX_BLK_NOLOCK));
}

static int
inchild(int flags)
{
	char out[512];
	int status;

	childflags = flags;
	status = port_child(child_open, out, sizeof(out));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
locks(void)
{
	char out[512];
	int fd;

	CHECK(prepare(KB64));
	CHECK(rumpuser_open(path, RDWR, &fd) == 0);
	CHECK(inchild(RDWR) == RUMP_EBUSY);
	CHECK(inchild(RDONLY) == RUMP_EBUSY);
	childfd = open(path, O_RDWR);
	CHECK(WEXITSTATUS(port_child(child_nolock, out, sizeof(out))) == 0);
	close(childfd);
	CHECK(rumpuser_posix_param_set("RUMPUSER_READ_LOCK", "0") == 0);
	CHECK(inchild(RDONLY) == 0);
	CHECK(rumpuser_posix_param_set("RUMPUSER_READ_LOCK", NULL) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(inchild(RDWR) == 0);
	CHECK(rumpuser_open(path, RDONLY, &fd) == 0);
	CHECK(inchild(RDWR) == RUMP_EBUSY);
	CHECK(inchild(RDONLY) == 0);
	CHECK(rumpuser_close(fd) == 0);
}

static void
descriptor_rdonly(void)
{
	struct rumpext_blkinfo bi;
	int host, host2, fd;

	CHECK(prepare(KB64));
	host = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(rumpuser_posix_blk_fd("d", host, 0) == 0);
	CHECK(rumpuser_open("d", RDWR, &fd) == RUMP_EROFS);
	CHECK(rumpuser_open("d", RDONLY, &fd) == 0);
	CHECK(rumpext_blkinfo(fd, &bi) == 0 && (bi.bi_flags & RUMPEXT_BLK_RDONLY));
	CHECK(conf_transfer(fd, R, b, KB64, 0) == 0 && memcmp(a, b, KB64) == 0);
	/* Its lock is one for reading. */
	host2 = open(path, O_RDWR | O_CLOEXEC);
	CHECK(rumpuser_posix_blk_fd("r", host2, RUMPUSER_POSIX_BLK_RDONLY) == 0);
	CHECK(inchild(RDWR) == RUMP_EBUSY && inchild(RDONLY) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove("r") == 0);
	CHECK(rumpuser_posix_blk_remove("d") == 0);
	close(host2);
	close(host);
}

static void
descriptor_unlocked(void)
{
	int host;

	/* The caller's own descriptor carries no lock on when the device is gone. */
	CHECK(prepare(KB64));
	host = open(path, O_RDWR | O_CLOEXEC);
	CHECK(rumpuser_posix_blk_fd("d", host, 0) == 0);
	CHECK(inchild(RDONLY) == RUMP_EBUSY);
	CHECK(rumpuser_posix_blk_remove("d") == 0);
	CHECK(inchild(RDWR) == 0);
	CHECK(rumpuser_posix_blk_fd("d", host, RUMPUSER_POSIX_BLK_OVERLAY) == 0);
	CHECK(inchild(RDWR) == RUMP_EBUSY);
	CHECK(rumpuser_posix_blk_remove("d") == 0);
	CHECK(inchild(RDWR) == 0);
	close(host);
}

/* Fault hook */

static int hookop, hookerr, hookdata;
static uint64_t hookoff, hooklen, hookcalls;

static int
hook(void *arg, const struct rumpuser_posix_ioreq *io)
{

	hookcalls++;
	hookop = io->io_op;
	hookoff = io->io_off;
	hooklen = io->io_len;
	hookdata = io->io_iovcnt > 0 ? *(uint8_t *)io->io_iov[0].iov_base : -1;
	return strcmp(io->io_name, arg) == 0 ? hookerr : RUMP_EDOM;
}

static void
inject(void)
{
	static char name[] = "ram";
	int fd;

	memset(mem, 0, sizeof(mem));
	memset(a, 0x77, sizeof(a));
	CHECK(rumpuser_posix_blk_mem(name, mem, KB64, 0) == 0);
	CHECK(rumpuser_open(name, RDWR, &fd) == 0);
	rumpuser_posix_bio_hook(hook, name);
	hookerr = RUMP_EIO;
	hookcalls = 0;
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, 1024, 2048) == RUMP_EIO);
	CHECK(hookcalls == 1 && hookop == (W | RUMPEXT_BIO_FUA));
	CHECK(hookoff == 2048 && hooklen == 1024 && hookdata == 0x77);
	CHECK(mem[2048] == 0);
	hookerr = 0;
	CHECK(conf_transfer(fd, W, a, 1024, 2048) == 0 && mem[2048] == 0x77);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == 0 && hookop == RUMPEXT_BIO_FLUSH);
	rumpuser_posix_bio_hook(NULL, NULL);
	CHECK(conf_transfer(fd, R, b, 1024, 2048) == 0);
	CHECK(hookcalls == 3);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_posix_blk_remove(name) == 0);
}

static void
inject_once(void)
{
	static char name[160];
	int fd;

	/* Also when a request is tried without blocking first and then queued. */
	CHECK(prepare(KB64));
	snprintf(name, sizeof(name), "%s", path);
	CHECK(rumpuser_open(path, RDWR, &fd) == 0);
	rumpuser_posix_bio_hook(hook, name);
	hookerr = 0;
	hookcalls = 0;
	CHECK(conf_transfer(fd, W, a, 4096, 0) == 0 && hookcalls == 1);
	CHECK(conf_transfer(fd, R, a, 4096, 0) == 0 && hookcalls == 2);
	rumpuser_posix_bio_hook(NULL, NULL);
	CHECK(rumpuser_close(fd) == 0);
}

static void
closebusy(void)
{
	static char name[] = "cb";
	static const struct rumpuser_posix_blkops ops = { .read = cb_read, .write = cb_write };
	int fd, i;

	/* Closing right after done is allowed. */
	CHECK(rumpuser_posix_blk_cb(name, &ops, mem, KB64, 512, 0) == 0);
	for (i = 0; i < 500; i++) {
		CHECK(rumpuser_open(name, RDWR, &fd) == 0);
		CHECK(conf_transfer(fd, W, a, 512, 0) == 0);
		CHECK(rumpuser_close(fd) == 0);
	}
	CHECK(rumpuser_posix_blk_remove(name) == 0);
}

static void
hostfile(void)
{
	struct rumpuser_iovec iov = { b, 4096 };
	size_t n;
	int fd;

	/* A plain file keeps its position and grows. */
	CHECK(prepare(8192));
	CHECK(rumpuser_open(path, RUMPUSER_OPEN_RDWR, &fd) == 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(rumpuser_iovread(fd, &iov, 1, RUMPUSER_IOV_NOSEEK, &n) == 0 && n == 4096);
	CHECK(memcmp(a, b, 4096) == 0);
	CHECK(rumpuser_iovread(fd, &iov, 1, RUMPUSER_IOV_NOSEEK, &n) == 0 && n == 4096);
	CHECK(memcmp(a + 4096, b, 4096) == 0);
	CHECK(rumpuser_iovread(fd, &iov, 1, RUMPUSER_IOV_NOSEEK, &n) == 0 && n == 0);
	CHECK(rumpuser_iovwrite(fd, &iov, 1, 100000, &n) == 0 && n == 4096);
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_BOTH | RUMPUSER_SYNCFD_SYNC, 0, 0) == 0);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_open(path, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE |
	    RUMPUSER_OPEN_EXCL, &fd) == RUMP_EEXIST);
}

const struct test posixblk_tests[] = {
	{ "posix block: memory", memory },
	{ "posix block: read-only memory", memory_rdonly },
	{ "posix block: names, one writer, removal", names },
	{ "posix block: callbacks", callbacks },
	{ "posix block: bad and read-only callbacks", callbacks_bad },
	{ "posix block: descriptor, closed on removal", descriptor },
	{ "posix block: overlay agrees with a model, file untouched", overlay },
	{ "posix block: overlay after a failed read below", overlay_failed },
	{ "posix block: overlay over a terabyte", overlay_large },
	{ "posix block: reads end at the end of every kind of device", behind_the_end },
	{ "posix block: neither file nor disk is refused", notadisk },
	{ "posix block: a file that shrinks gives EIO", truncated },
	{ "posix block: another process is EBUSY", locks },
	{ "posix block: a read-only descriptor makes a read-only device", descriptor_rdonly },
	{ "posix block: removed, a descriptor is not locked", descriptor_unlocked },
	{ "posix block: injected errors, recorded writes", inject },
	{ "posix block: the hook sees each request once", inject_once },
	{ "posix block: close right after done", closebusy },
	{ "posix file: position, growth, close-on-exec", hostfile },
	{ NULL, NULL },
};
