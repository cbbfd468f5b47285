/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_bio, on a scratch disk. */
#include "conf.h"

#define DISK	(1u << 20)

static char name[64];
static int fd;

/* What a completion has seen. */
struct result {
	int	calls, error, pid, holding;
	size_t	bytes;
};

static void
done(void *arg, size_t bytes, int error)
{
	struct result *r = arg;
	struct lwp *l = rumpuser_curlwp();

	r->bytes = bytes;
	r->error = error;
	r->pid = l != NULL ? l->l_pid : -1;
	r->holding = l != NULL && l->l_holding;
	ADD(&r->calls, 1);
}

static bool
called(void *arg)
{

	return LOAD(&((struct result *)arg)->calls) > 0;
}

static bool
opened(int mode)
{

	return port_scratch(DISK, name) &&
	    rumpuser_open(name, mode | RUMPUSER_OPEN_BIO, &fd) == 0;
}

#define OPEN(mode) do {							\
	if (!opened(mode))						\
		SKIP("no scratch disk");				\
} while (0)
#define CLOSE() CHECK(rumpuser_close(fd) == 0)

static bool
transfer(int op, void *p, size_t len, int64_t off, struct result *r)
{

	memset(r, 0, sizeof(*r));
	rumpuser_bio(fd, op, p, len, off, done, r);
	return conf_until(called, r);
}

static uint8_t a[65536], b[65536];

static void
readback(void)
{
	struct result r;

	OPEN(RUMPUSER_OPEN_RDWR);
	conf_pattern(a, sizeof(a), 3);
	CHECK(transfer(RUMPUSER_BIO_WRITE, a, sizeof(a), 512, &r));
	CHECK(r.error == 0 && r.bytes == sizeof(a));
	CHECK(transfer(RUMPUSER_BIO_READ, b, sizeof(b), 512, &r));
	CHECK(r.error == 0 && r.bytes == sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) == 0);
	CLOSE();
}

static void
context(void)
{
	struct result r;

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(transfer(RUMPUSER_BIO_READ, b, 512, 0, &r));
	CHECK(r.pid == 0 && r.holding);
	CLOSE();
}

static void
nonblocking(void)
{
	struct result r;

	/* It returns with the CPU never given up: done, which needs the CPU, has not run. */
	OPEN(RUMPUSER_OPEN_RDWR);
	memset(&r, 0, sizeof(r));
	CHECK_NOUPCALL((rumpuser_bio(fd, RUMPUSER_BIO_READ, b, 512, 0, done, &r), true));
	CHECK(LOAD(&r.calls) == 0);
	CHECK(conf_until(called, &r));
	CLOSE();
}

static void
once(void)
{
	static struct result r[100];
	int i;

	OPEN(RUMPUSER_OPEN_RDWR);
	memset(r, 0, sizeof(r));
	for (i = 0; i < 100; i++)
		rumpuser_bio(fd, RUMPUSER_BIO_READ, a + 512 * i, 512, 512 * i, done, &r[i]);
	for (i = 0; i < 100; i++)
		CHECK(conf_until(called, &r[i]));
	conf_sleep(10 * MS);
	for (i = 0; i < 100; i++)
		CHECK(r[i].calls == 1 && r[i].error == 0);
	CLOSE();
}

static void
sync(void)
{
	struct result r;

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(transfer(RUMPUSER_BIO_WRITE | RUMPUSER_BIO_SYNC, a, 4096, 0, &r));
	CHECK(r.error == 0 && r.bytes == 4096);
	CHECK(transfer(RUMPUSER_BIO_READ | RUMPUSER_BIO_SYNC, a, 4096, 0, &r));
	CHECK(r.error == 0 && r.bytes == 4096);
	CLOSE();
}

static void
theend(void)
{
	struct result r;
	uint64_t size;

	OPEN(RUMPUSER_OPEN_RDWR);
	CHECK(rumpuser_getfileinfo(name, &size, NULL) == 0);
	CHECK(transfer(RUMPUSER_BIO_READ, b, 4096, (int64_t)size - 1024, &r));
	CHECK(r.error == 0 && r.bytes == 1024);
	CHECK(transfer(RUMPUSER_BIO_READ, b, 4096, (int64_t)size, &r));
	CHECK(r.error == 0 && r.bytes == 0);
	CLOSE();
}

static void
bad(void)
{
	struct result r;

	OPEN(RUMPUSER_OPEN_RDONLY);
	CHECK(transfer(RUMPUSER_BIO_WRITE, b, 512, 0, &r) && r.error == RUMP_EROFS);
	CHECK(transfer(RUMPUSER_BIO_READ, b, 512, -512, &r) && r.error == RUMP_EINVAL);
	CHECK(transfer(0, b, 512, 0, &r) && r.error == RUMP_EINVAL);
	CHECK(transfer(RUMPUSER_BIO_READ | RUMPUSER_BIO_WRITE, b, 512, 0, &r));
	CHECK(r.error == RUMP_EINVAL && r.bytes == 0 && r.calls == 1);
	CLOSE();
	fd = -1;
	CHECK(transfer(RUMPUSER_BIO_READ, b, 512, 0, &r) && r.error == RUMP_EBADF);
}

static void
badcontext(void)
{
	struct result r;

	/* An error found at once is reported in the same way as any other. */
	fd = -1;
	CHECK(transfer(RUMPUSER_BIO_READ, b, 512, 0, &r));
	CHECK(r.error == RUMP_EBADF && r.holding && r.pid == 0);
}

const struct test bio_tests[] = {
	{ "bio: bytes come back", readback },
	{ "bio: done holds the CPU in process 0", context },
	{ "bio: returns before done, without upcalls", nonblocking },
	{ "bio: a hundred at once, each done once", once },
	{ "bio: SYNC", sync },
	{ "bio: short at the end", theend },
	{ "bio: errors", bad },
	{ "bio: errors come while holding the CPU", badcontext },
	{ NULL, NULL },
};
