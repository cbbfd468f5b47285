/* SPDX-License-Identifier: BSD-2-Clause */
/* Conformance: rumpext_arena, _map, _unmap. The arena is made here and also serves copy.c. */
#include "conf.h"

#include <rump/rumpext_copy.h>
#include <rump/rumpext_vm.h>

#define PAGE	4096u
#define SIZE	(4u << 20)
#define WINDOW	(2u << 20)
#define ALIGN	(4u << 20)

uint8_t *conf_arena;		/* SIZE bytes, then WINDOW */
static uint8_t *window;

static void
bad(void)
{
	void *base;

	CHECK(rumpext_arena(0, 0, PAGE, &base) == RUMP_EINVAL);
	CHECK(rumpext_arena(SIZE + 1, 0, PAGE, &base) == RUMP_EINVAL);
	CHECK(rumpext_arena(SIZE, 17, PAGE, &base) == RUMP_EINVAL);
	CHECK(rumpext_arena(SIZE, WINDOW, 3 * PAGE, &base) == RUMP_EINVAL);
	CHECK(rumpext_arena(SIZE, SIZE_MAX & ~(size_t)(PAGE - 1), PAGE, &base) == RUMP_ENOMEM);
}

static void
arena(void)
{
	void *base;
	size_t i;

	CHECK_NOUPCALL(rumpext_arena(SIZE, WINDOW, ALIGN, &base) == 0);
	conf_arena = base;
	window = conf_arena + SIZE;
	CHECK(((uintptr_t)base & (ALIGN - 1)) == 0);
	for (i = 0; i < SIZE; i += PAGE)
		conf_arena[i] = (uint8_t)(i / PAGE);
	for (i = 0; i < SIZE; i += PAGE)
		CHECK(conf_arena[i] == (uint8_t)(i / PAGE));
}

static void
second(void)
{
	void *base;

	CHECK(rumpext_arena(SIZE, WINDOW, ALIGN, &base) == RUMP_EBUSY);
}

static bool
accessible(void *p)
{
	uint8_t c;

	return rumpext_copy(&c, p, 1) == 0;
}

static void
closed(void)
{
	size_t i;

	for (i = 0; i < WINDOW; i += 16 * PAGE)
		CHECK(!accessible(window + i));
	CHECK(!accessible(window + WINDOW - 1));
}

static void
alias(void)
{

	CHECK_NOUPCALL(rumpext_map(window, 2 * PAGE, 8 * PAGE) == 0);
	conf_arena[8 * PAGE + 5] = 77;
	CHECK(*(volatile uint8_t *)(window + 5) == 77);
	*(volatile uint8_t *)(window + PAGE) = 78;
	CHECK(conf_arena[9 * PAGE] == 78);
	CHECK(!accessible(window + 2 * PAGE));
	CHECK_NOUPCALL(rumpext_unmap(window, 2 * PAGE) == 0);
	CHECK(!accessible(window) && !accessible(window + PAGE));
	CHECK(conf_arena[9 * PAGE] == 78);
}

static void
twice(void)
{

	CHECK(rumpext_map(window, PAGE, 3 * PAGE) == 0);
	CHECK(rumpext_map(window + 5 * PAGE, PAGE, 3 * PAGE) == 0);
	*(volatile uint8_t *)(window + 9) = 1;
	CHECK(*(volatile uint8_t *)(window + 5 * PAGE + 9) == 1);
	CHECK(*(volatile uint8_t *)(conf_arena + 3 * PAGE + 9) == 1);
	CHECK(rumpext_unmap(window, PAGE) == 0);
	CHECK(*(volatile uint8_t *)(window + 5 * PAGE + 9) == 1);
	CHECK(rumpext_unmap(window + 5 * PAGE, PAGE) == 0);
}

static void
replace(void)
{

	conf_arena[1 * PAGE] = 11;
	conf_arena[2 * PAGE] = 12;
	CHECK(rumpext_map(window, PAGE, 1 * PAGE) == 0);
	CHECK(window[0] == 11);
	CHECK(rumpext_map(window, PAGE, 2 * PAGE) == 0);
	CHECK(window[0] == 12);
	CHECK(rumpext_unmap(window, PAGE) == 0);
}

static void
scattered(void)
{
	size_t i, n = 200;

	for (i = 0; i < n; i++)
		conf_arena[((i * 37) % n) * PAGE + 1] = (uint8_t)i;
	for (i = 0; i < n; i++)
		CHECK(rumpext_map(window + i * PAGE, PAGE, ((i * 37) % n) * PAGE) == 0);
	for (i = 0; i < n; i++)
		CHECK(window[i * PAGE + 1] == (uint8_t)i);
	CHECK(rumpext_unmap(window, n * PAGE) == 0);
	CHECK(!accessible(window + (n - 1) * PAGE));
}

static void
partly(void)
{

	CHECK(rumpext_map(window, 4 * PAGE, 0) == 0);
	CHECK(rumpext_unmap(window + PAGE, 2 * PAGE) == 0);
	CHECK(accessible(window) && !accessible(window + PAGE));
	CHECK(!accessible(window + 2 * PAGE) && accessible(window + 3 * PAGE));
	CHECK(rumpext_unmap(window, 8 * PAGE) == 0);	/* some of it mapped */
	CHECK(!accessible(window + 3 * PAGE));
}

static void
edges(void)
{

	CHECK(rumpext_map(window + WINDOW - PAGE, PAGE, SIZE - PAGE) == 0);
	window[WINDOW - 1] = 99;
	CHECK(conf_arena[SIZE - 1] == 99);
	CHECK(rumpext_unmap(window + WINDOW - PAGE, PAGE) == 0);
}

static void
badmap(void)
{

	CHECK(rumpext_map(window + 1, PAGE, 0) == RUMP_EINVAL);
	CHECK(rumpext_map(window, PAGE + 1, 0) == RUMP_EINVAL);
	CHECK(rumpext_map(window, PAGE, 1) == RUMP_EINVAL);
	CHECK(rumpext_map(window, 0, 0) == RUMP_EINVAL);
	CHECK(rumpext_map(window - PAGE, PAGE, 0) == RUMP_EINVAL);
	CHECK(rumpext_map(conf_arena, PAGE, PAGE) == RUMP_EINVAL);
	CHECK(rumpext_map(window + WINDOW, PAGE, 0) == RUMP_EINVAL);
	CHECK(rumpext_map(window + WINDOW - PAGE, 2 * PAGE, 0) == RUMP_EINVAL);
	CHECK(rumpext_map(window, PAGE, SIZE) == RUMP_EINVAL);
	CHECK(rumpext_map(window, 2 * PAGE, SIZE - PAGE) == RUMP_EINVAL);
	CHECK(rumpext_map(window, PAGE, SIZE_MAX & ~(size_t)(PAGE - 1)) == RUMP_EINVAL);
	CHECK(!accessible(window));
}

static void
badunmap(void)
{

	CHECK(rumpext_unmap(conf_arena, PAGE) == RUMP_EINVAL);
	CHECK(rumpext_unmap(window + 1, PAGE) == RUMP_EINVAL);
	CHECK(rumpext_unmap(window, WINDOW + PAGE) == RUMP_EINVAL);
	CHECK(rumpext_unmap(window, SIZE_MAX & ~(size_t)(PAGE - 1)) == RUMP_EINVAL);
	CHECK(conf_arena[SIZE - 1] == 99);
}

static void
mapper(void *arg)
{
	uint8_t *mine = window + (uintptr_t)arg * 16 * PAGE;
	uint32_t seed = (uint32_t)(uintptr_t)arg + 1;
	size_t off;
	int i;

	for (i = 0; i < 500; i++) {
		off = (16 + 16 * (uintptr_t)arg + conf_rand(&seed) % 16) * PAGE;
		FAIL_IF(rumpext_map(mine, PAGE, off) != 0);
		mine[100] = (uint8_t)i;
		FAIL_IF(conf_arena[off + 100] != (uint8_t)i);
		FAIL_IF(rumpext_unmap(mine, PAGE) != 0);
	}
}

static void
parallel(void)
{
	void *t[4];
	uintptr_t i;

	for (i = 0; i < 4; i++)
		t[i] = conf_rawthread(mapper, (void *)i);
	for (i = 0; i < 4; i++)
		conf_join(t[i]);
}

const struct test vm_tests[] = {
	{ "arena: bad arguments", bad },
	{ "arena: aligned, holds what is written", arena },
	{ "arena: there is one", second },
	{ "arena: the window is inaccessible", closed },
	{ "map: an alias, both ways, until unmapped", alias },
	{ "map: one page at two places", twice },
	{ "map: replaces", replace },
	{ "map: two hundred scattered pages", scattered },
	{ "unmap: part of a mapping; what is not mapped", partly },
	{ "map: last page of window and arena", edges },
	{ "map: bad arguments change nothing", badmap },
	{ "unmap: bad arguments change nothing", badunmap },
	{ "map: four threads at once", parallel },
	{ NULL, NULL },
};
