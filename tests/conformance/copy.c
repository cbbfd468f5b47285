/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conformance: rumpext_copy, rumpext_cmpxchg32. The end of the arena is the end of accessible
 * memory: the window behind it is closed.
 */
#include "conf.h"

#include <rump/rumpext_copy.h>

#define PAGE	4096u
#define SIZE	(4u << 20)

extern uint8_t *conf_arena;
static uint8_t buf[3 * PAGE], want[3 * PAGE];

static void
fill(uint8_t *p, size_t len, unsigned seed)
{
	uint32_t s = seed;

	while (len-- > 0)
		*p++ = (uint8_t)conf_rand(&s);
}

static void
sizes(void)
{
	size_t len;

	for (len = 0; len <= 2 * PAGE; len += len < 600 ? 1 : 61) {
		fill(want, len, (unsigned)len);
		memset(buf, 0xee, sizeof(buf));
		CHECK_NOUPCALL(rumpext_copy(buf + 64, want, len) == 0);
		CHECK(memcmp(buf + 64, want, len) == 0);
		CHECK(buf[63] == 0xee && buf[64 + len] == 0xee);
	}
}

static void
alignments(void)
{
	static const size_t lens[] = { 7, 8, 16, 33, 64, 100, 255, 1024, 1100, 5000 };
	size_t d, s, i;

	fill(want, sizeof(want), 1);
	for (d = 0; d < 64; d += 3)
		for (s = 0; s < 64; s += 5)
			for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
				memset(buf, 0xee, sizeof(buf));
				CHECK(rumpext_copy(buf + 64 + d, want + s, lens[i]) == 0);
				CHECK(memcmp(buf + 64 + d, want + s, lens[i]) == 0);
				CHECK(buf[63 + d] == 0xee && buf[64 + d + lens[i]] == 0xee);
			}
}

static void
large(void)
{

	fill(conf_arena, SIZE / 2, 5);
	CHECK(rumpext_copy(conf_arena + SIZE / 2, conf_arena, SIZE / 2) == 0);
	CHECK(memcmp(conf_arena, conf_arena + SIZE / 2, SIZE / 2) == 0);
}

/* A copy that begins good bytes before the end and is len long. */
static void
faultsrc(size_t len, size_t good)
{

	memset(buf, 0xee, len + 64);
	CHECK(rumpext_copy(buf, conf_arena + SIZE - good, len) == len - good);
	CHECK(memcmp(buf, conf_arena + SIZE - good, good) == 0);
	CHECK(buf[good] == 0xee && buf[len] == 0xee);
}

static void
faultdst(size_t len, size_t good)
{

	fill(want, len, (unsigned)(len * 31 + good));
	CHECK(rumpext_copy(conf_arena + SIZE - good, want, len) == len - good);
	CHECK(memcmp(conf_arena + SIZE - good, want, good) == 0);
}

static void
everywhere(void (*f)(size_t, size_t))
{
	static const size_t lens[] = { 512, 1023, 1024, 1025, 1100, 2048, 4096, 5000 };
	size_t len, good, i;

	fill(conf_arena + SIZE - 2 * PAGE, 2 * PAGE, 9);
	for (len = 1; len <= 200; len++)
		for (good = 0; good < len && !conf_failed(); good++)
			f(len, good);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (good = 0; good < lens[i] && !conf_failed();
		    good += good < 130 || lens[i] - good < 130 ? 1 : 13)
			f(lens[i], good);
}

static void
fault_src(void)
{

	everywhere(faultsrc);
}

static void
fault_dst(void)
{

	everywhere(faultdst);
}

static void
fault_dst_far(void)
{
	uint8_t *p = conf_arena + SIZE - 256;

	/* Nothing before the destination changes either. */
	memset(p, 0xaa, 256);
	memset(want, 0x55, 300);
	CHECK(rumpext_copy(p + 100, want, 300) == 300 - 156);
	CHECK(p[99] == 0xaa && p[100] == 0x55 && p[255] == 0x55);
}

static void
fault_both(void)
{

	CHECK(rumpext_copy(conf_arena + SIZE, conf_arena + SIZE, 10) == 10);
	CHECK(rumpext_copy(conf_arena + SIZE - 3, conf_arena + SIZE - 1, 0) == 0);
}

static void
fault_null(void)
{

	CHECK(rumpext_copy(buf, NULL, 1) == 1);
	CHECK(rumpext_copy(NULL, buf, 8) == 8);
	CHECK(rumpext_copy(NULL, buf, 5000) == 5000);
	CHECK(rumpext_copy(NULL, NULL, 0) == 0);
	CHECK(rumpext_copy(buf, (void *)UINTPTR_MAX, 1) == 1);
}

static void
fault_kernel(void)
{
	/* Addresses that no program has, not even in the right form. */
	static const uint64_t bad[] = { 0x0000800000000000, 0x8000000000000000,
	    0xffff800000000000, 0xdeadbeefdeadbeef, 0xfffffffffffff000 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(rumpext_copy(buf, (void *)(uintptr_t)bad[i], 8) == 8);
		CHECK(rumpext_copy((void *)(uintptr_t)bad[i], buf, 100) == 100);
		CHECK(rumpext_copy((void *)(uintptr_t)bad[i], buf, 2000) == 2000);
	}
}

static void
many_faults(void)
{
	int i;

	for (i = 0; i < 20000; i++)
		CHECK(rumpext_copy(buf, conf_arena + SIZE - 4, 8) == 4);
}

static void
faulter(void *arg)
{
	uint8_t mine[256];
	size_t good = (size_t)(uintptr_t)arg;
	int i;

	for (i = 0; i < 5000; i++)
		FAIL_IF(rumpext_copy(mine, conf_arena + SIZE - good, 200) != 200 - good);
}

static void
fault_threads(void)
{
	void *t[4];
	uintptr_t i;

	for (i = 0; i < 4; i++)
		t[i] = conf_rawthread(faulter, (void *)(i * 17));
	for (i = 0; i < 4; i++)
		conf_join(t[i]);
}

static void
cas(void)
{
	uint32_t v = 5, prev = 0;

	CHECK(rumpext_cmpxchg32(&v, 5, 6, &prev) == 0);
	CHECK(v == 6 && prev == 5);
	CHECK(rumpext_cmpxchg32(&v, 5, 7, &prev) == 0);
	CHECK(v == 6 && prev == 6);
}

static void
cas_fault(void)
{
	uint32_t prev = 3;

	CHECK(rumpext_cmpxchg32(NULL, 0, 1, &prev) == RUMP_EFAULT);
	CHECK(rumpext_cmpxchg32((uint32_t *)(void *)(conf_arena + SIZE), 0, 1, &prev) ==
	    RUMP_EFAULT);
	CHECK(prev == 3);
}

static uint32_t shared;

static void
adder(void *arg)
{
	uint32_t old, prev;
	int i;

	(void)arg;
	for (i = 0; i < 20000; i++) {
		old = LOAD(&shared);
		while (rumpext_cmpxchg32(&shared, old, old + 1, &prev) == 0 && prev != old)
			old = prev;
	}
}

static void
cas_atomic(void)
{
	void *t[4];
	int i;

	STORE(&shared, 0);
	for (i = 0; i < 4; i++)
		t[i] = conf_rawthread(adder, NULL);
	for (i = 0; i < 4; i++)
		conf_join(t[i]);
	CHECK(LOAD(&shared) == 80000);
}

const struct test copy_tests[] = {
	{ "copy: sizes", sizes },
	{ "copy: alignments", alignments },
	{ "copy: two megabytes", large },
	{ "copy: source ends at any byte", fault_src },
	{ "copy: destination ends at any byte", fault_dst },
	{ "copy: only the destination changes", fault_dst_far },
	{ "copy: both bad; nothing to copy", fault_both },
	{ "copy: null and last addresses", fault_null },
	{ "copy: addresses no program has", fault_kernel },
	{ "copy: twenty thousand faults", many_faults },
	{ "copy: faults in four threads at once", fault_threads },
	{ "cmpxchg32: both outcomes", cas },
	{ "cmpxchg32: bad address is EFAULT", cas_fault },
	{ "cmpxchg32: is atomic", cas_atomic },
	{ NULL, NULL },
};
