/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpext_biov, rumpext_blkinfo, on a scratch disk. */
#include "conf.h"

#include <rump/rumpext_block.h>

#define DISK	(4u << 20)
#define R	RUMPEXT_BIO_READ
#define W	RUMPEXT_BIO_WRITE

static char name[64];
static int fd;
static struct rumpext_blkinfo bi;

static bool
opened(int mode)
{

	return port_scratch(DISK, name) &&
	    rumpuser_open(name, mode | RUMPUSER_OPEN_BIO, &fd) == 0 &&
	    rumpext_blkinfo(fd, &bi) == 0;
}

#define OPEN(mode) do {							\
	if (!opened(mode))						\
		SKIP("no scratch disk");				\
} while (0)
#define CLOSE() CHECK(rumpuser_close(fd) == 0)

static int
simple(int op, void *p, size_t len, uint64_t off)
{
	return conf_transfer(fd, op, p, len, off);
}

static uint8_t a[1 << 20], b[1 << 20];

static void
info(void)
{
	uint64_t size;

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(rumpuser_getfileinfo(name, &size, NULL) == 0);
	CHECK(bi.bi_size == size);
	CHECK(bi.bi_sectsize >= 512 && (bi.bi_sectsize & (bi.bi_sectsize - 1)) == 0);
	CHECK(bi.bi_physsize >= bi.bi_sectsize && bi.bi_physsize % bi.bi_sectsize == 0);
	CHECK(bi.bi_maxiov >= 1);
	CHECK(!(bi.bi_flags & RUMPEXT_BLK_RDONLY));
	CLOSE();
	CHECK(rumpext_blkinfo(fd, &bi) == RUMP_EBADF);
	CHECK(rumpext_blkinfo(-1, &bi) == RUMP_EBADF);
}

static void
info_rdonly(void)
{

	OPEN(RUMPUSER_OPEN_RDONLY);
	CHECK(bi.bi_flags & RUMPEXT_BLK_RDONLY);
	CLOSE();
}

static void
readback(void)
{
	static const size_t lens[] = { 1, 2, 8, 16, 128, 256, 2048 };
	size_t i, len;

	OPEN(RUMPUSER_OPEN_RDWR);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		len = lens[i] * 512;
		if (len % bi.bi_sectsize != 0)
			continue;
		conf_pattern(a, len, (unsigned)len);
		CHECK(simple(W, a, len, 8192) == 0);
		memset(b, 0, len);
		CHECK(simple(R, b, len, 8192) == 0);
		CHECK(memcmp(a, b, len) == 0);
	}
	CLOSE();
}

static void
neighbours(void)
{
	size_t s;

	OPEN(RUMPUSER_OPEN_RDWR);
	s = bi.bi_sectsize;
	conf_pattern(a, 16 * s, 1);
	CHECK(simple(W, a, 16 * s, 0) == 0);
	memset(a + 5 * s, 0xcc, s);
	CHECK(simple(W, a + 5 * s, s, 5 * s) == 0);
	CHECK(simple(R, b, 16 * s, 0) == 0);
	CHECK(memcmp(a, b, 16 * s) == 0);
	CLOSE();
}

static void
noupcall(void)
{
	struct rumpuser_iovec iov = { a, 65536 };
	struct conf_result r = { 0, -1 };

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK_NOUPCALL((rumpext_biov(fd, W, &iov, 1, 0, 65536, conf_done, &r), true));
	CHECK(conf_until(conf_called, &r) && r.error == 0);
	CLOSE();
}

static void
scatter(void)
{
	static struct rumpuser_iovec iov[2048];
	size_t n, i, len;

	OPEN(RUMPUSER_OPEN_RDWR);
	n = bi.bi_maxiov < 2048 ? bi.bi_maxiov : 2048;
	len = n * 512;
	if (len % bi.bi_sectsize != 0)
		len -= len % bi.bi_sectsize, n = len / 512;
	conf_pattern(a, len, 77);
	/* Written backwards by pieces, read in one. */
	for (i = 0; i < n; i++)
		iov[i] = (struct rumpuser_iovec){ a + (n - 1 - i) * 512, 512 };
	CHECK(conf_request(fd, W, iov, n, 4096, len) == 0);
	CHECK(simple(R, b, len, 4096) == 0);
	for (i = 0; i < n; i++)
		CHECK(memcmp(b + i * 512, a + (n - 1 - i) * 512, 512) == 0);
	/* And the other way round. */
	memset(a, 0, len);
	for (i = 0; i < n; i++)
		iov[i] = (struct rumpuser_iovec){ a + (n - 1 - i) * 512, 512 };
	CHECK(conf_request(fd, R, iov, n, 4096, len) == 0);
	for (i = 0; i < n; i++)
		CHECK(memcmp(b + i * 512, a + (n - 1 - i) * 512, 512) == 0);
	CLOSE();
}

static void
oddpieces(void)
{
	struct rumpuser_iovec iov[4] = { { a, 1 }, { a + 100, 1000 }, { a + 3000, 0 },
	    { a + 5000, 4096 - 1001 } };

	/* Pieces need not be blocks, only their sum. */
	OPEN(RUMPUSER_OPEN_RDWR);
	conf_pattern(a, 16384, 5);
	CHECK(conf_request(fd, W, iov, 4, 0, 4096) == 0);
	CHECK(simple(R, b, 4096, 0) == 0);
	CHECK(b[0] == a[0] && memcmp(b + 1, a + 100, 1000) == 0);
	CHECK(memcmp(b + 1001, a + 5000, 4096 - 1001) == 0);
	CLOSE();
}

static void
iovcopied(void)
{
	struct rumpuser_iovec iov[8];
	struct conf_result r[16] = { { 0, 0 } };
	int i, k;

	/* The array may be reused at once. */
	OPEN(RUMPUSER_OPEN_RDWR);
	conf_pattern(a, 16 * 65536, 9);
	for (i = 0; i < 16; i++) {
		for (k = 0; k < 8; k++)
			iov[k] = (struct rumpuser_iovec){ a + i * 65536 + k * 8192, 8192 };
		rumpext_biov(fd, W, iov, 8, (uint64_t)i * 65536, 65536, conf_done, &r[i]);
		memset(iov, 0, sizeof(iov));
	}
	for (i = 0; i < 16; i++)
		CHECK(conf_until(conf_called, &r[i]) && r[i].error == 0);
	CHECK(simple(R, b, 1 << 20, 0) == 0);
	CHECK(memcmp(a, b, 1 << 20) == 0);
	CLOSE();
}

static void
flush(void)
{

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(simple(W, a, 4096, 0) == 0);
	CHECK(conf_request(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0, 0) == 0);
	CHECK(conf_request(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0, 0) == 0);
	CLOSE();
	OPEN(RUMPUSER_OPEN_RDONLY);
	CHECK(conf_request(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0, 0) == 0);
	CLOSE();
}

static void
fua(void)
{

	OPEN(RUMPUSER_OPEN_RDWR);
	conf_pattern(a, 8192, 12);
	CHECK(simple(W | RUMPEXT_BIO_FUA, a, 8192, 16384) == 0);
	CHECK(simple(R, b, 8192, 16384) == 0);
	CHECK(memcmp(a, b, 8192) == 0);
	CLOSE();
}

static void
discard(void)
{
	int error;

	OPEN(RUMPUSER_OPEN_RDWR);
	memset(a, 0x99, 65536);
	CHECK(simple(W, a, 65536, 0) == 0);
	error = conf_request(fd, RUMPEXT_BIO_DISCARD, NULL, 0, 8192, 16384);
	if (bi.bi_flags & RUMPEXT_BLK_DISCARD)
		CHECK(error == 0 || error == RUMP_EOPNOTSUPP);
	else
		CHECK(error == RUMP_EOPNOTSUPP);
	CHECK(simple(R, b, 65536, 0) == 0);
	CHECK(memcmp(a, b, 8192) == 0 && memcmp(a + 24576, b + 24576, 65536 - 24576) == 0);
	CLOSE();
}

static void
zeroes(int op)
{
	size_t i;
	int error;

	OPEN(RUMPUSER_OPEN_RDWR);
	memset(a, 0x99, 65536);
	CHECK(simple(W, a, 65536, 0) == 0);
	error = conf_request(fd, op, NULL, 0, 512 * 16, 512 * 32);
	if (bi.bi_flags & RUMPEXT_BLK_ZEROES) {
		CHECK(error == 0);
		CHECK(simple(R, b, 65536, 0) == 0);
		for (i = 0; i < 65536; i++)
			CHECK(b[i] == (i >= 8192 && i < 24576 ? 0 : 0x99));
	} else
		CHECK(error == RUMP_EOPNOTSUPP);
	CLOSE();
}

static void
zeroes_plain(void)
{

	zeroes(RUMPEXT_BIO_ZEROES);
}

static void
zeroes_fua(void)
{

	zeroes(RUMPEXT_BIO_ZEROES | RUMPEXT_BIO_FUA);
}

static void
bad(void)
{

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(simple(0, a, 512, 0) == RUMP_EINVAL);
	CHECK(simple(6, a, 512, 0) == RUMP_EINVAL);
	CHECK(simple(W | 0x4000, a, 512, 0) == RUMP_EINVAL);
	CLOSE();
}

static void
badlen(void)
{
	struct rumpuser_iovec iov[2] = { { a, 4096 }, { a, SIZE_MAX - 100 } };

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(conf_request(fd, R, iov, 1, 0, 8192) == RUMP_EINVAL);
	CHECK(conf_request(fd, W, iov, 1, 0, 512) == RUMP_EINVAL);
	CHECK(conf_request(fd, R, iov, 2, 0, 4096 - 101) == RUMP_EINVAL);
	CLOSE();
}

static void
beyond(void)
{

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(simple(R, a, 8192, bi.bi_size - 4096) == RUMP_EINVAL);
	CHECK(simple(W, a, 8192, bi.bi_size - 4096) == RUMP_ENOSPC);
	CHECK(simple(R, a, 4096, UINT64_MAX - 511) == RUMP_EINVAL);
	CHECK(simple(W, a, 4096, UINT64_MAX - 511) != 0);
	CHECK(simple(W, a, 4096, (uint64_t)INT64_MAX - 511) != 0);
	CHECK(conf_request(fd, RUMPEXT_BIO_ZEROES, NULL, 0, bi.bi_size, 4096) != 0);
	CHECK(conf_request(fd, RUMPEXT_BIO_DISCARD, NULL, 0, 4096, UINT64_MAX - 4095) != 0);
	CHECK(simple(R, a, 4096, bi.bi_size - 4096) == 0);
	CLOSE();
}

static void
rdonly(void)
{

	OPEN(RUMPUSER_OPEN_RDONLY);
	CHECK(simple(W, a, 4096, 0) == RUMP_EROFS);
	CHECK(conf_request(fd, RUMPEXT_BIO_ZEROES, NULL, 0, 0, 4096) == RUMP_EROFS);
	CHECK(conf_request(fd, RUMPEXT_BIO_DISCARD, NULL, 0, 0, 4096) == RUMP_EROFS);
	CHECK(simple(R, a, 4096, 0) == 0);
	CLOSE();
}

static void
badfd(void)
{

	fd = -1;
	CHECK(simple(R, a, 512, 0) == RUMP_EBADF);
	fd = 0x7fffffff;
	CHECK(simple(W, a, 512, 0) == RUMP_EBADF);
}

static void
wronly(void)
{

	OPEN(RUMPUSER_OPEN_WRONLY);
	CHECK(simple(R, a, 512, 0) == RUMP_EBADF);
	CHECK(simple(W, a, 4096, 0) == 0);
	CLOSE();
}

/* Many requests from several threads: each region has one owner, who checks what comes back. */
#define REGION	(256 * 1024u)

static void
hammer(void *arg)
{
	uintptr_t id = (uintptr_t)arg;
	static uint8_t mem[4][2][16384];
	uint8_t *w = mem[id][0], *r = mem[id][1];
	uint32_t seed = (uint32_t)id + 1;
	uint64_t off;
	size_t len;
	int i;

	mock_attach(2);
	for (i = 0; i < 300; i++) {
		len = 4096 * (1 + conf_rand(&seed) % 4);
		off = id * REGION + 4096 * (conf_rand(&seed) % (REGION / 4096 - 4));
		conf_pattern(w, len, seed);
		FAIL_IF(simple(i % 7 == 0 ? W | RUMPEXT_BIO_FUA : W, w, len, off) != 0);
		if (i % 16 == 0)
			FAIL_IF(conf_request(fd, RUMPEXT_BIO_FLUSH, NULL, 0, 0, 0) != 0);
		FAIL_IF(simple(R, r, len, off) != 0);
		FAIL_IF(memcmp(w, r, len) != 0);
	}
	mock_detach();
}

static void
threads(void)
{
	void *t[4];
	uintptr_t i;

	OPEN(RUMPUSER_OPEN_RDWR);
	for (i = 0; i < 4; i++)
		t[i] = conf_rawthread(hammer, (void *)i);
	for (i = 0; i < 4; i++)
		conf_join(t[i]);
	CLOSE();
}

static void
deep(void)
{
	static struct conf_result r[1000];
	struct rumpuser_iovec iov;
	int i;

	OPEN(RUMPUSER_OPEN_RDWR);
	memset(r, 0, sizeof(r));
	for (i = 0; i < 1000; i++) {
		iov = (struct rumpuser_iovec){ a + (i % 256) * 4096, 4096 };
		rumpext_biov(fd, W | (i % 2 == 0 ? RUMPEXT_BIO_FUA * (i % 50 == 0) : 0), &iov,
		    1, (uint64_t)(i % 256) * 4096, 4096, conf_done, &r[i]);
	}
	for (i = 0; i < 1000; i++)
		CHECK(conf_until(conf_called, &r[i]));
	conf_sleep(10 * MS);
	for (i = 0; i < 1000; i++)
		CHECK(r[i].calls == 1 && r[i].error == 0);
	CLOSE();
}

struct chain {
	struct conf_result	r;
	int		left;
};

static void
again(void *arg, int error)
{
	struct rumpuser_iovec iov = { b, 131072 };
	struct chain *c = arg;

	if (error != 0 || --c->left == 0)
		conf_done(&c->r, error);
	else
		rumpext_biov(fd, R, &iov, 1, 0, 131072, again, c);
}

static void
chained(void)
{
	struct rumpuser_iovec iov = { b, 131072 };
	struct chain c = { { 0, 0 }, 200 };

	/* done may start the next request. */
	OPEN(RUMPUSER_OPEN_RDWR);
	rumpext_biov(fd, R, &iov, 1, 0, 131072, again, &c);
	CHECK(conf_until(conf_called, &c.r) && c.r.error == 0 && c.left == 0);
	CLOSE();
}

const struct test biov_tests[] = {
	{ "blkinfo: geometry; bad descriptor is EBADF", info },
	{ "blkinfo: read-only", info_rdonly },
	{ "biov: bytes come back, 512 bytes to 1 MB", readback },
	{ "biov: a block's neighbours stay", neighbours },
	{ "biov: starting makes no upcalls", noupcall },
	{ "biov: as many pieces as allowed, both ways", scatter },
	{ "biov: odd and empty pieces", oddpieces },
	{ "biov: the iov is copied", iovcopied },
	{ "biov: flush, of a read-only one too", flush },
	{ "biov: FUA", fua },
	{ "biov: discard leaves the neighbours", discard },
	{ "biov: zeroes", zeroes_plain },
	{ "biov: zeroes with FUA", zeroes_fua },
	{ "biov: bad operation is EINVAL", bad },
	{ "biov: length that is not the sum is EINVAL", badlen },
	{ "biov: beyond the end is refused", beyond },
	{ "biov: read-only is EROFS", rdonly },
	{ "biov: bad descriptor is EBADF", badfd },
	{ "biov: reading a write-only one is EBADF", wronly },
	{ "biov: four threads, everything read back", threads },
	{ "biov: a thousand at once, each done once", deep },
	{ "biov: done starts the next", chained },
	{ NULL, NULL },
};
