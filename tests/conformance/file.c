/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance, on a scratch disk: rumpuser_open, _close, _getfileinfo, _iov*, _syncfd. */
#include "conf.h"

#define DISK	(1u << 20)

static char name[64];

#define NEED_DISK() do {						\
	if (!port_scratch(DISK, name))					\
		SKIP("no scratch disk");				\
} while (0)

static uint8_t a[8192], b[8192];

static void
pattern(uint8_t *p, size_t len, unsigned seed)
{
	uint32_t s = seed;

	while (len-- > 0)
		*p++ = (uint8_t)conf_rand(&s);
}

static int
rw(bool write, int fd, void *p, size_t len, int64_t off, size_t *n)
{
	struct rumpuser_iovec iov = { p, len };

	return write ? rumpuser_iovwrite(fd, &iov, 1, off, n) :
	    rumpuser_iovread(fd, &iov, 1, off, n);
}

static void
opens(void)
{
	int fd = -1;

	NEED_DISK();
	CHECK_WRAPS(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
	CHECK(fd >= 0);
	CHECK_WRAPS(rumpuser_close(fd) == 0);
}

static void
missing(void)
{
	int fd = 77;

	CHECK(rumpuser_open("/no such thing/here", RUMPUSER_OPEN_RDONLY, &fd) == RUMP_ENOENT);
	CHECK(rumpuser_open("/no such thing/here", RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd)
	    == RUMP_ENOENT);
	CHECK(fd == 77);
}

static void
badflags(void)
{
	int fd;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_ACCMODE, &fd) == RUMP_EINVAL);
	CHECK(rumpuser_open(name, 0x400, &fd) == RUMP_EINVAL);
}

static void
badclose(void)
{

	CHECK(rumpuser_close(-1) == RUMP_EBADF);
	CHECK(rumpuser_close(0x7fffffff) == RUMP_EBADF);
}

static void
exclusive(void)
{
	int fd, fd2;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd2) == RUMP_EBUSY);
	CHECK(rumpuser_close(fd) == 0);
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd2) == 0);
	CHECK(rumpuser_close(fd2) == 0);
}

static void
readers(void)
{
	int fd[3], i;

	NEED_DISK();
	for (i = 0; i < 3; i++)
		CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDONLY | RUMPUSER_OPEN_BIO, &fd[i]) == 0);
	for (i = 0; i < 3; i++)
		CHECK(rumpuser_close(fd[i]) == 0);
}

static void
exists(void)
{
	int fd;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_CREATE |
	    RUMPUSER_OPEN_EXCL | RUMPUSER_OPEN_BIO, &fd) == RUMP_EEXIST);
}

static void
info(void)
{
	uint64_t size = 0;
	int type = -1;

	NEED_DISK();
	CHECK_WRAPS(rumpuser_getfileinfo(name, &size, &type) == 0);
	CHECK(size >= DISK);
	CHECK(type == RUMPUSER_FT_REG || type == RUMPUSER_FT_BLK);
}

static void
info_null(void)
{
	uint64_t size;
	int type;

	NEED_DISK();
	CHECK(rumpuser_getfileinfo(name, NULL, &type) == 0);
	CHECK(rumpuser_getfileinfo(name, &size, NULL) == 0);
	CHECK(rumpuser_getfileinfo(name, NULL, NULL) == 0);
}

static void
info_missing(void)
{
	uint64_t size = 5;
	int type = 6;

	CHECK(rumpuser_getfileinfo("/no such thing/here", &size, &type) == RUMP_ENOENT);
	CHECK(size == 5 && type == 6);
}

static void
readback(void)
{
	size_t n = 0;
	int fd;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
	pattern(a, sizeof(a), 1);
	CHECK_WRAPS(rw(true, fd, a, sizeof(a), 4096, &n) == 0);
	CHECK(n == sizeof(a));
	memset(b, 0, sizeof(b));
	CHECK_WRAPS(rw(false, fd, b, sizeof(b), 4096, &n) == 0);
	CHECK(n == sizeof(b) && memcmp(a, b, sizeof(a)) == 0);
	CHECK(rumpuser_close(fd) == 0);
}

static void
vectors(void)
{
	struct rumpuser_iovec w[3] = { { a, 512 }, { a + 1024, 1024 }, { a + 4096, 512 } };
	struct rumpuser_iovec r[2] = { { b, 1536 }, { b + 4096, 512 } };
	size_t n;
	int fd;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
	pattern(a, sizeof(a), 2);
	CHECK(rumpuser_iovwrite(fd, w, 3, 8192, &n) == 0 && n == 2048);
	CHECK(rumpuser_iovread(fd, r, 2, 8192, &n) == 0 && n == 2048);
	CHECK(memcmp(b, a, 512) == 0 && memcmp(b + 512, a + 1024, 1024) == 0);
	CHECK(memcmp(b + 4096, a + 4096, 512) == 0);
	CHECK(w[0].iov_base == a && w[0].iov_len == 512 && w[2].iov_len == 512);
	CHECK(rumpuser_close(fd) == 0);
}

static void
theend(void)
{
	uint64_t size;
	size_t n;
	int fd;

	NEED_DISK();
	CHECK(rumpuser_getfileinfo(name, &size, NULL) == 0);
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDONLY | RUMPUSER_OPEN_BIO, &fd) == 0);
	CHECK(rw(false, fd, b, 4096, (int64_t)size - 512, &n) == 0 && n == 512);
	CHECK(rw(false, fd, b, 4096, (int64_t)size, &n) == 0 && n == 0);
	CHECK(rumpuser_close(fd) == 0);
}

static void
badio(void)
{
	size_t n = 3;
	int fd;

	NEED_DISK();
	CHECK(rw(false, -1, b, 512, 0, &n) == RUMP_EBADF);
	CHECK(rw(true, -1, b, 512, 0, &n) == RUMP_EBADF);
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDONLY | RUMPUSER_OPEN_BIO, &fd) == 0);
	CHECK(rw(true, fd, b, 512, 0, &n) == RUMP_EBADF);
	CHECK(rw(false, fd, b, 512, -2, &n) == RUMP_EINVAL);
	CHECK(n == 3);
	CHECK(rumpuser_close(fd) == 0);
}

static void
sync(void)
{
	size_t n;
	int fd;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
	CHECK(rw(true, fd, a, 512, 0, &n) == 0);
	CHECK_WRAPS(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_BOTH | RUMPUSER_SYNCFD_SYNC, 0, 0) == 0);
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_WRITE | RUMPUSER_SYNCFD_SYNC, 0, 512) == 0);
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_READ, 512, 512) == 0);
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_BOTH | RUMPUSER_SYNCFD_BARRIER, 0, 0) == 0);
	CHECK(rumpuser_close(fd) == 0);
}

static void
sync_bad(void)
{
	int fd;

	NEED_DISK();
	CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
	CHECK(rumpuser_syncfd(fd, 0, 0, 0) == RUMP_EINVAL);
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_SYNC, 0, 0) == RUMP_EINVAL);
	CHECK(rumpuser_syncfd(-1, RUMPUSER_SYNCFD_BOTH, 0, 0) == RUMP_EBADF);
	CHECK(rumpuser_close(fd) == 0);
}

static void
manyopens(void)
{
	int fd, i;

	NEED_DISK();
	for (i = 0; i < 3000; i++) {
		CHECK(rumpuser_open(name, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0);
		CHECK(rumpuser_close(fd) == 0);
	}
}

const struct test file_tests[] = {
	{ "open: a disk; open and close wrap", opens },
	{ "open: a missing name is ENOENT", missing },
	{ "open: bad flags are EINVAL", badflags },
	{ "open: a second writer is EBUSY", exclusive },
	{ "open: several readers", readers },
	{ "open: CREATE|EXCL of what is there is EEXIST", exists },
	{ "open: three thousand times", manyopens },
	{ "close: bad descriptor is EBADF", badclose },
	{ "getfileinfo: size and type, wraps", info },
	{ "getfileinfo: either may be NULL", info_null },
	{ "getfileinfo: missing is ENOENT and writes nothing", info_missing },
	{ "iovwrite, iovread: wrap, bytes come back", readback },
	{ "iovwrite, iovread: several pieces, iov unchanged", vectors },
	{ "iovread: short at the end", theend },
	{ "iovread, iovwrite: errors write nothing", badio },
	{ "syncfd: kinds; wraps", sync },
	{ "syncfd: bad arguments", sync_bad },
	{ NULL, NULL },
};
