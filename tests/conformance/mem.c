/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpuser_init, _malloc, _free, _anonmmap, _unmap. */
#include "conf.h"

#define PAGE 4096	/* whole pages of any platform are whole multiples of it */

/* Runs first: later tests need the upcalls. */
static void
init_version(void)
{

	CHECK(rumpuser_init(RUMPUSER_VERSION + 1, &mock_hyperup) == RUMP_EINVAL);
	CHECK(rumpuser_init(0, &mock_hyperup) == RUMP_EINVAL);
}

static void
init_before(void)
{
	struct rumpuser_mtx *mtx;

	/* No upcalls are known yet: what wraps must work without. */
	rumpuser_mutex_init(&mtx, RUMPUSER_MTX_KMUTEX);
	rumpuser_mutex_enter(mtx);
	rumpuser_mutex_exit(mtx);
	rumpuser_mutex_destroy(mtx);
	CHECK_NOUPCALL(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 1000) == 0);
}

static void
init_ok(void)
{

	CHECK(rumpuser_init(RUMPUSER_VERSION, &mock_hyperup) == 0);
}

static void
init_copies(void)
{
	struct rumpuser_hyperup hyp = mock_hyperup;

	CHECK(rumpuser_init(RUMPUSER_VERSION, &hyp) == 0);
	memset(&hyp, 0, sizeof(hyp));
	CHECK_WRAPS(rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 1000) == 0);
}

static void
malloc_align(void)
{
	int align;
	void *p;

	for (align = 1; align <= 65536; align *= 2) {
		CHECK_NOUPCALL(rumpuser_malloc(100, align, &p) == 0);
		CHECK(((uintptr_t)p & (uintptr_t)(align - 1)) == 0);
		memset(p, 0xa5, 100);
		rumpuser_free(p, 100);
	}
}

static void
malloc_default(void)
{
	void *p;

	CHECK(rumpuser_malloc(17, 0, &p) == 0);
	CHECK(((uintptr_t)p & (_Alignof(max_align_t) - 1)) == 0);
	rumpuser_free(p, 17);
}

static void
malloc_zero(void)
{
	void *p = NULL;

	CHECK(rumpuser_malloc(0, 0, &p) == 0);
	rumpuser_free(p, 0);
}

static void
malloc_badalign(void)
{
	void *p = &p;

	CHECK(rumpuser_malloc(10, 3, &p) == RUMP_EINVAL);
	CHECK(rumpuser_malloc(10, -4, &p) == RUMP_EINVAL);
	CHECK(p == (void *)&p);
}

static void
malloc_toomuch(void)
{
	void *p;

	CHECK(rumpuser_malloc(SIZE_MAX / 2, 0, &p) == RUMP_ENOMEM);
}

static void
malloc_distinct(void)
{
	static uint8_t *p[200];
	void *mem;
	int i, k;

	for (i = 0; i < 200; i++) {
		CHECK(rumpuser_malloc((size_t)i + 1, 0, &mem) == 0);
		p[i] = mem;
		memset(p[i], i, (size_t)i + 1);
	}
	for (i = 0; i < 200; i++) {
		for (k = 0; k <= i; k++)
			CHECK(p[i][k] == i);
		rumpuser_free(p[i], (size_t)i + 1);
	}
}

static void
free_null(void)
{

	rumpuser_free(NULL, 0);
}

static void
mmap_zeroed(void)
{
	uint8_t *p;
	void *mem;
	size_t i;

	CHECK_NOUPCALL(rumpuser_anonmmap(NULL, 3 * PAGE, 0, 0, &mem) == 0);
	p = mem;
	CHECK(((uintptr_t)p & (PAGE - 1)) == 0);
	for (i = 0; i < 3 * PAGE; i++)
		CHECK(p[i] == 0);
	memset(p, 1, 3 * PAGE);
	rumpuser_unmap(p, 3 * PAGE);
}

static void
mmap_rounded(void)
{
	void *mem;

	CHECK(rumpuser_anonmmap(NULL, PAGE + 1, 0, 0, &mem) == 0);
	memset(mem, 1, 2 * PAGE);
	rumpuser_unmap(mem, PAGE + 1);
}

static void
mmap_aligned(void)
{
	void *mem;
	int bit;

	for (bit = 12; bit <= 22; bit++) {
		CHECK(rumpuser_anonmmap(NULL, PAGE, bit, 0, &mem) == 0);
		CHECK(((uintptr_t)mem & (((uintptr_t)1 << bit) - 1)) == 0);
		memset(mem, 1, PAGE);
		rumpuser_unmap(mem, PAGE);
	}
}

static void
mmap_bad(void)
{
	void *mem;

	CHECK(rumpuser_anonmmap(NULL, 0, 0, 0, &mem) == RUMP_EINVAL);
	CHECK(rumpuser_anonmmap(NULL, PAGE, -1, 0, &mem) == RUMP_EINVAL);
	CHECK(rumpuser_anonmmap(NULL, PAGE, 8 * sizeof(void *), 0, &mem) == RUMP_EINVAL);
}

static void
mmap_toomuch(void)
{
	void *mem;

	CHECK(rumpuser_anonmmap(NULL, SIZE_MAX - PAGE, 0, 0, &mem) == RUMP_ENOMEM);
	CHECK(rumpuser_anonmmap(NULL, SIZE_MAX / 4, 0, 0, &mem) == RUMP_ENOMEM);
}

static void
mmap_again(void)
{
	void *mem;
	int i;

	/* What is given back is there to be had again, zeroed. */
	for (i = 0; i < 20; i++) {
		CHECK(rumpuser_anonmmap(NULL, 64 << 20, 0, 0, &mem) == 0);
		CHECK(*(int *)mem == 0);
		*(int *)mem = 1;
		rumpuser_unmap(mem, 64 << 20);
	}
}

static void
mmap_apart(void)
{
	static void *mem[64];
	int i;

	for (i = 0; i < 64; i++) {
		CHECK(rumpuser_anonmmap(NULL, PAGE, 0, 0, &mem[i]) == 0);
		memset(mem[i], i + 1, PAGE);
	}
	/* Unmapping every other one leaves its neighbours alone. */
	for (i = 0; i < 64; i += 2)
		rumpuser_unmap(mem[i], PAGE);
	for (i = 1; i < 64; i += 2) {
		CHECK(((uint8_t *)mem[i])[0] == i + 1 && ((uint8_t *)mem[i])[PAGE - 1] == i + 1);
		rumpuser_unmap(mem[i], PAGE);
	}
}

const struct test mem_tests[] = {
	{ "init: another version is refused", init_version },
	{ "init: hypercalls work before it, without upcalls", init_before },
	{ "init: version 17 is accepted", init_ok },
	{ "init: the upcalls are copied", init_copies },
	{ "malloc: alignments", malloc_align },
	{ "malloc: alignment 0 suits any object", malloc_default },
	{ "malloc: length 0", malloc_zero },
	{ "malloc: bad alignment is EINVAL and writes nothing", malloc_badalign },
	{ "malloc: too much is ENOMEM", malloc_toomuch },
	{ "malloc: pieces do not overlap", malloc_distinct },
	{ "free: NULL", free_null },
	{ "anonmmap: whole zeroed pages", mmap_zeroed },
	{ "anonmmap: size is rounded up", mmap_rounded },
	{ "anonmmap: alignments", mmap_aligned },
	{ "anonmmap: bad size and alignment", mmap_bad },
	{ "anonmmap: too much is ENOMEM", mmap_toomuch },
	{ "unmap: memory can be had again", mmap_again },
	{ "unmap: neighbours stay", mmap_apart },
	{ NULL, NULL },
};
