/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX platform's block I/O and the host: which calls it makes for stable storage, and what
 * it does when they are cut short, interrupted, refused or fail. The host's functions are
 * replaced here by ones that count and misbehave on request.
 *
 * Locking: the counters are atomic; modes are set while nothing is under way.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/falloc.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <rump/rumpext_block.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

#define KB64	65536u
#define R	RUMPEXT_BIO_READ
#define W	RUMPEXT_BIO_WRITE

static int calls, syncs, dsyncs, nowaits, intrs;	/* counts */
static int maxbytes;		/* of one transfer, 0: all */
static int interrupt;		/* every so manieth transfer, 0: none */
static int failafter, failwith;	/* transfers from the so manieth on fail */
static int nodsync;		/* RWF_DSYNC is not supported */
static int partnowait;		/* RWF_NOWAIT does one page and then nothing */
static int synerr, noalloc;	/* errno of fdatasync; modes of fallocate not supported */

static void
behave(void)
{

	calls = syncs = dsyncs = nowaits = intrs = 0;
	maxbytes = interrupt = failafter = failwith = nodsync = partnowait = synerr = noalloc = 0;
}

/* The pieces up to the limit, or an error. */
static int
misbehave(const struct iovec *iov, int cnt, int flags, struct iovec *out)
{
	size_t left = maxbytes != 0 ? (size_t)LOAD(&maxbytes) : SIZE_MAX;
	int n = ADD(&calls, 1), i;

	if (flags & RWF_DSYNC)
		ADD(&dsyncs, 1);
	if (flags & RWF_NOWAIT) {
		ADD(&nowaits, 1);
		if (partnowait) {
			left = 4096;
			if (LOAD(&nowaits) > 1) {
				errno = EAGAIN;
				return -1;
			}
		}
	}
	errno = 0;
	if ((flags & RWF_DSYNC) && nodsync)
		errno = EOPNOTSUPP;
	else if (interrupt != 0 && n % interrupt == 0)
		errno = EINTR;
	else if (failafter != 0 && n >= failafter)
		errno = failwith;
	if (errno == EINTR)
		ADD(&intrs, 1);
	if (errno != 0)
		return -1;
	for (i = 0; i < cnt && i < 1024 && left > 0; i++) {
		out[i] = iov[i];
		if (out[i].iov_len > left)
			out[i].iov_len = left;
		left -= out[i].iov_len;
	}
	return i;
}

ssize_t
preadv2(int fd, const struct iovec *iov, int cnt, off_t off, int flags)
{
	static __thread struct iovec v[1024];
	int n = misbehave(iov, cnt, flags, v);

	return n < 0 ? -1 : syscall(SYS_preadv2, fd, v, n, off, 0, flags);
}

ssize_t
pwritev2(int fd, const struct iovec *iov, int cnt, off_t off, int flags)
{
	static __thread struct iovec v[1024];
	int n = misbehave(iov, cnt, flags, v);

	return n < 0 ? -1 : syscall(SYS_pwritev2, fd, v, n, off, 0, flags);
}

int
fdatasync(int fd)
{

	ADD(&syncs, 1);
	if (synerr != 0) {
		errno = synerr;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

int
fallocate(int fd, int mode, off_t off, off_t len)
{

	if (noalloc & mode) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_fallocate, fd, mode, off, len);
}

/* A file open for block I/O, and requests on it */

static uint8_t a[KB64], b[KB64];
static int fd;

static void
classicdone(void *arg, size_t bytes, int error)
{

	(void)bytes;
	conf_done(arg, error);
}

static bool
opened(void)
{
	char path[128];
	uint32_t seed = 1;
	size_t i;

	behave();
	for (i = 0; i < KB64; i++)
		a[i] = (uint8_t)conf_rand(&seed);
	return port_file("other", KB64 * 4, path, sizeof(path)) &&
	    rumpuser_open(path, RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) == 0;
}

#define OPEN()	CHECK(opened())
#define CLOSE()	do { behave(); CHECK(rumpuser_close(fd) == 0); } while (0)

/* Stable storage */

static void
plain(void)
{

	OPEN();
	CHECK(conf_transfer(fd, W, a, KB64, 0) == 0 && conf_transfer(fd, R, b, KB64, 0) == 0);
	CHECK(LOAD(&syncs) == 0 && LOAD(&dsyncs) == 0);
	CLOSE();
}

static void
flush(void)
{

	OPEN();
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == 0 && LOAD(&syncs) == 1);
	synerr = EIO;
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == RUMP_EIO);
	synerr = ENOSPC;
	CHECK(conf_transfer(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0) == RUMP_ENOSPC);
	CLOSE();
}

static void
fua(void)
{

	OPEN();
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == 0);
	CHECK(LOAD(&dsyncs) == LOAD(&calls) && LOAD(&nowaits) == 0);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_ZEROES | RUMPEXT_BIO_FUA, NULL, 4096, 0) == 0);
	CHECK(LOAD(&syncs) == 1);
	CLOSE();
}

static void
fua_fallback(void)
{

	OPEN();
	nodsync = 1;
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == 0 && LOAD(&syncs) == 1);
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == 0 && LOAD(&syncs) == 2);
	synerr = EIO;
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == RUMP_EIO);
	CLOSE();
}

static void
fua_short(void)
{

	/* Every piece of a FUA write is stable, not the last alone. */
	OPEN();
	maxbytes = 10000;
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == 0);
	CHECK(LOAD(&calls) == 7 && (LOAD(&dsyncs) == 7 || LOAD(&syncs) == 1));
	CLOSE();
}

static void
classic_sync(void)
{
	struct conf_result r = { 0, -1 };

	OPEN();
	rumpuser_bio(fd, RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC, a, 4096, 0, classicdone, &r);
	CHECK(conf_until(conf_called, &r) && r.error == 0);
	CHECK(LOAD(&dsyncs) + LOAD(&syncs) > 0);
	CLOSE();
}

static void
syncfd(void)
{

	OPEN();
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_WRITE | RUMPUSER_SYNCFD_SYNC, 0, 0) == 0);
	CHECK(LOAD(&syncs) == 1);
	synerr = EIO;
	CHECK(rumpuser_syncfd(fd, RUMPUSER_SYNCFD_BOTH | RUMPUSER_SYNCFD_SYNC, 0, 0) == RUMP_EIO);
	CLOSE();
}

/* Transfers that go wrong */

static void
pieces(void)
{
	struct rumpuser_iovec w[40], r[3] = { { b, 1 }, { b + 1, 20000 },
	    { b + 20001, 40 * 1000 - 20001 } };
	int i;

	for (i = 0; i < 40; i++)
		w[i] = (struct rumpuser_iovec){ a + i * 1000, 1000 };
	memset(b, 0, KB64);
	CHECK(conf_request(fd, W, w, 40, 512, 40000) == 0);
	CHECK(conf_request(fd, R, r, 3, 512, 40000) == 0);
	CHECK(memcmp(a, b, 40000) == 0);
}

static void
short_(void)
{

	OPEN();
	maxbytes = 777;
	pieces();
	CHECK(LOAD(&calls) > 80);
	CLOSE();
}

static void
interrupted(void)
{

	OPEN();
	maxbytes = 3000;
	interrupt = 3;
	pieces();
	CHECK(LOAD(&intrs) > 5);
	CLOSE();
}

static void
midway(void)
{

	OPEN();
	maxbytes = 8192;
	failafter = 4;
	failwith = EIO;
	CHECK(conf_transfer(fd, W, a, KB64, 0) == RUMP_EIO);
	failafter = LOAD(&calls) + 3;
	CHECK(conf_transfer(fd, R, b, KB64, 0) == RUMP_EIO);
	failafter = 1;
	failwith = ENOSPC;
	CHECK(conf_transfer(fd, W, a, KB64, 0) == RUMP_ENOSPC);
	CLOSE();
}

static void
partly_cached(void)
{

	/* The part that does not block is done here, the rest by a thread. */
	OPEN();
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == 0);
	partnowait = 1;
	nowaits = 0;
	memset(b, 0, KB64);
	CHECK(conf_transfer(fd, R, b, KB64, 0) == 0 && memcmp(a, b, KB64) == 0);
	CHECK(LOAD(&nowaits) == 2);
	CLOSE();
}

static void
zeroes(int without)
{
	size_t i;

	OPEN();
	CHECK(conf_transfer(fd, W, a, KB64, 0) == 0);
	noalloc = without;
	CHECK(conf_transfer(fd, RUMPEXT_BIO_ZEROES, NULL, 30000 / 512 * 512, 512) == 0);
	CHECK(conf_transfer(fd, R, b, KB64, 0) == 0);
	for (i = 0; i < KB64; i++)
		CHECK(b[i] == (i >= 512 && i < 512 + 30000 / 512 * 512 ? 0 : a[i]));
	CLOSE();
}

static void
zeroes_punch(void)
{

	zeroes(FALLOC_FL_ZERO_RANGE);
}

static void
zeroes_write(void)
{

	zeroes(FALLOC_FL_ZERO_RANGE | FALLOC_FL_PUNCH_HOLE);
}

static void
discard_none(void)
{

	OPEN();
	noalloc = FALLOC_FL_PUNCH_HOLE;
	CHECK(conf_transfer(fd, RUMPEXT_BIO_DISCARD, NULL, 4096, 0) == RUMP_EOPNOTSUPP);
	CLOSE();
}

static void
discard_frees(void)
{

	OPEN();
	CHECK(conf_transfer(fd, W | RUMPEXT_BIO_FUA, a, KB64, 0) == 0);
	CHECK(conf_transfer(fd, RUMPEXT_BIO_DISCARD, NULL, KB64, 0) == 0);
	CHECK(conf_transfer(fd, R, b, KB64, 0) == 0 && b[0] == 0 && b[KB64 - 1] == 0);
	CLOSE();
}

const struct test posixio_tests[] = {
	{ "posix io: plain transfers sync nothing", plain },
	{ "posix io: a flush syncs, and its error is told", flush },
	{ "posix io: FUA is asked of the host", fua },
	{ "posix io: FUA by a sync where the host cannot", fua_fallback },
	{ "posix io: FUA for all of a write that is cut short", fua_short },
	{ "posix io: SYNC of the classic call", classic_sync },
	{ "posix io: syncfd syncs, and its error is told", syncfd },
	{ "posix io: transfers cut short go on", short_ },
	{ "posix io: interrupted transfers go on", interrupted },
	{ "posix io: an error midway is told", midway },
	{ "posix io: a partly cached read", partly_cached },
	{ "posix io: zeroes by a hole where the host cannot", zeroes_punch },
	{ "posix io: zeroes by writing where the host cannot", zeroes_write },
	{ "posix io: discard that the host cannot", discard_none },
	{ "posix io: discard reaches the file", discard_frees },
	{ NULL, NULL },
};
