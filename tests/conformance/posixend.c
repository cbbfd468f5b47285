/* SPDX-License-Identifier: BSD-2-Clause */
/* The POSIX platform is taken down and set up again. Last: it ends what other tests rely on. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <rump/rumpext_block.h>
#include <rump/rumpext_copy.h>
#include <rump/rumpext_vm.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

extern uint8_t *conf_arena;

static int
entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
forked(void)
{
	char c;

	_exit(rumpext_copy(&c, conf_arena, 1) == 1 ? 70 : 71);
}

static void
dontfork(void)
{
	char out[64], c;

	if (port_emulated())
		SKIP("the emulator ignores the advice");
	CHECK(rumpext_copy(&c, conf_arena, 1) == 0);
	CHECK(port_child(forked, out, sizeof(out)) == 70 << 8);
}

static int calls;

static void
done(void *arg, int error)
{

	(void)arg;
	ADD(&calls, error == 0);
}

static bool
called(void *arg)
{

	(void)arg;
	return LOAD(&calls) == 1;
}

static bool
alone(void *arg)
{

	/* Threads that have been joined take a moment to leave the list. */
	return entries("/proc/self/task") == *(int *)arg;
}

static bool
io(void)
{
	static uint8_t mem[8192], buf[4096];
	struct rumpuser_iovec iov = { buf, sizeof(buf) };
	int fd;

	STORE(&calls, 0);
	if (rumpuser_posix_param_set("RUMPUSER_BIO_INLINE", "0") != 0 ||
	    rumpuser_posix_blk_mem("ram", mem, sizeof(mem), 0) != 0 ||
	    rumpuser_open("ram", RUMPUSER_OPEN_RDWR | RUMPUSER_OPEN_BIO, &fd) != 0)
		return false;
	rumpext_biov(fd, RUMPEXT_BIO_READ, &iov, 1, 0, sizeof(buf), done, NULL);
	return conf_until(called, NULL) && rumpuser_close(fd) == 0;
}

static void
fini(void)
{
	int threads = 3, fds, i;	/* ".", ".." and this one */
	void *base;
	char buf[8];

#if defined(__SANITIZE_THREAD__)
	threads++;			/* its own */
#endif
	CHECK(rumpuser_posix_param_set("CONF_LEFT", "x") == 0);
	mock_leave();
	rumpuser_posix_fini();
	mock_enter();
	CHECK(port_emulated() || conf_until(alone, &threads));
	CHECK(rumpuser_getparam("CONF_LEFT", buf, sizeof(buf)) == RUMP_ENOENT);
	fds = entries("/proc/self/fd");
	for (i = 0; i < 3; i++) {
		CHECK(rumpuser_init(RUMPUSER_VERSION, &mock_hyperup) == 0);
		CHECK(rumpext_arena(1 << 20, 1 << 20, 4096, &base) == 0);
		CHECK(*(int *)base == 0);
		*(int *)base = 1;
		CHECK(rumpext_map((char *)base + (1 << 20), 4096, 0) == 0);
		CHECK(io());
		CHECK(rumpext_copy(buf, NULL, 1) == 1);
		mock_leave();
		rumpuser_posix_fini();
		mock_enter();
	}
	CHECK(port_emulated() || conf_until(alone, &threads));
	CHECK(port_emulated() || entries("/proc/self/fd") == fds);
	CHECK(LOAD(&mock_kthreads) == 0);
}

static void
populate(void)
{
	void *base;

	CHECK(rumpuser_posix_param_set("RUMPUSER_ARENA_POPULATE", "65536") == 0);
	CHECK(rumpext_arena(1 << 20, 0, 4096, &base) == 0);
	((volatile char *)base)[70000] = 1;
	CHECK(*(volatile int *)base == 0);
	rumpuser_posix_fini();
}

const struct test posixend_tests[] = {
	{ "posix arena: a child does not share it", dontfork },
	{ "posix fini: no thread, descriptor or parameter is left; set up again", fini },
	{ "posix arena: populated", populate },
	{ NULL, NULL },
};
