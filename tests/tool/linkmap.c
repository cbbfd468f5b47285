/* SPDX-License-Identifier: BSD-2-Clause */
/* Of linkmap.t: what the map of files says of many, of both sides, and of forgotten ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "linkmap.h"

#define MANY 5000U

static const struct side *const host = (const struct side *)"host";
static const struct side *const donor = (const struct side *)"donor";
static int count, failed;

static void ok(int good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, name);
	failed += !good;
}

static struct file_id id(const struct side *s, unsigned major, uint64_t ino)
{
	struct statx st = { .stx_dev_major = major, .stx_ino = ino };

	return file_id(s, &st);
}

static const char *find(struct linkmap *map, const struct side *s, unsigned major, uint64_t ino,
			const char *path)
{
	struct file_id key = id(s, major, ino);
	const char *found = linkmap_find(map, &key, path);

	return found ? found : "";
}

int main(void)
{
	struct linkmap *map = linkmap_new();
	struct file_id key = id(host, 254, 12);
	unsigned wrong = 0;
	char path[24];

	ok(!*find(map, host, 254, 12, "a"), "a new file");
	ok(strcmp(find(map, host, 254, 12, "b"), "a") == 0, "... is known by its first path");
	ok(!*find(map, donor, 254, 12, "c"), "the same numbers in an image are another file");
	ok(!*find(map, donor, 254, 13, "d") && !*find(map, donor, 8, 12, "e"), "... and others");
	linkmap_forget(map, &key);
	ok(!*find(map, host, 254, 12, "f"), "a forgotten one is new");
	ok(strcmp(find(map, donor, 254, 12, ""), "c") == 0, "... and no other");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "%u", i);
		wrong += *find(map, donor, 1 + i % 3, 1000 + i / 3, path) != 0;
	}
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "%u", i);
		wrong += strcmp(find(map, donor, 1 + i % 3, 1000 + i / 3, "x"), path) != 0;
	}
	ok(wrong == 0, "many");
	linkmap_free(map);
	printf("1..%d\n", count);
	return failed != 0;
}
