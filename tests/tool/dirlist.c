/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories for tools/pillion/dirlist.c that a sound file system does not have: without an end,
 * with entries that go in circles of many sizes behind some that do not. Locking: none.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "dirlist.h"
#include "stop.h"
#include "sys.h"

/* Entry number i of the directory is named i, or i less whole circles; there are at most `end`. */
static unsigned long first, circle, end, next, calls;

bool stop_requested(void)
{
	return calls > 100000;		/* what else would end a test that fails */
}

ssize_t sys_getdents(const struct side *s, int fd, void *buf, size_t len)
{
	char *p = buf;

	(void)s;
	(void)fd;
	calls++;
	while (next < end && (size_t)(p - (char *)buf) + 40 <= len) {
		struct {
			uint64_t ino;
			int64_t off;
			uint16_t reclen;
			uint8_t type;
			char name[21];
		} d = { .reclen = 40 };
		unsigned long n = circle && next >= first ? first + (next - first) % circle : next;

		d.ino = 10 + n;
		d.off = (int64_t)++next;
		snprintf(d.name, sizeof(d.name), "%lu", n);
		memcpy(p, &d, 40);
		p += 40;
	}
	return p - (char *)buf;
}

static int reads(unsigned long f, unsigned long c, unsigned long e, size_t *entries)
{
	struct dirlist list;
	int r;

	first = f, circle = c, end = e, next = calls = 0;
	r = dirlist_read(NULL, -1, &list);
	*entries = list.n;
	dirlist_free(&list);
	return r;
}

int main(void)
{
	static const unsigned long sizes[] = { 1, 2, 7, 818, 819, 820, 10000, 100003 };
	bool all = true, bounded = true;
	size_t n;

	puts("1..4");
	printf("%sok 1 - a directory of a million entries\n",
	       reads(0, 0, 1000000, &n) == 0 && n == 1000000 ? "" : "not ");
	printf("%sok 2 - an empty one\n", reads(0, 0, 0, &n) == 0 && n == 0 ? "" : "not ");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (unsigned long f = 0; f < 30000; f += 7001) {
			all &= reads(f, sizes[i], ~0UL, &n) == -EUCLEAN;
			bounded &= n <= 4 * (f + sizes[i] + 819);	/* 819: a block */
		}
	}
	printf("%sok 3 - without an end: damaged\n", all ? "" : "not ");
	printf("%sok 4 - ... which is noticed in time\n", bounded ? "" : "not ");
	return 0;
}
