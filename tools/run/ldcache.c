/* SPDX-License-Identifier: BSD-2-Clause */
/* glibc's cache of libraries; see ldcache.h. The file may be anything: lengths are checked. */
#include "ldcache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

#define MAX_SIZE (16 << 20)
#define MAGIC "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0"
#define FLAGS_X86_64 0x0303		/* libc6, x86-64 */

struct header {
	char magic[20];
	uint32_t nlibs, len_strings;
	uint8_t flags, padding[3];
	uint32_t extension, unused[3];
};

struct entry {
	int32_t flags;
	uint32_t key, value, osversion;	/* key, value: offsets from the header */
	uint64_t hwcap;
};

struct ldcache {
	const char *base;		/* the header */
	size_t size;			/* from there; a NUL follows */
	uint32_t nlibs;
	char text[];
};

/* In front of the format that is used there may be an older one, rounded up to 8. */
static size_t skip_old(const char *text, size_t size)
{
	uint32_t n;
	size_t end;

	if (size < 16 || memcmp(text, OLD_MAGIC, sizeof(OLD_MAGIC) - 1) != 0)
		return 0;
	memcpy(&n, text + 12, sizeof(n));
	end = 16 + 12 * (size_t)n;
	return (end + 7) & ~(size_t)7;
}

static ssize_t read_whole(int fd, char *buf, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, buf + got, size - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool check(struct ldcache *c, size_t size)
{
	size_t old = skip_old(c->text, size);
	struct header h;

	if (old > size || size - old < sizeof(h))
		return false;
	c->base = c->text + old;
	c->size = size - old;
	memcpy(&h, c->base, sizeof(h));
	c->nlibs = h.nlibs;
	return memcmp(h.magic, MAGIC, sizeof(h.magic)) == 0 &&
	       h.nlibs <= (c->size - sizeof(h)) / sizeof(struct entry);
}

struct ldcache *ldcache_open(const struct sysroot *root)
{
	int fd = sysroot_open_file(root, LDCACHE_PATH);
	struct ldcache *c = NULL;
	struct stat st;
	size_t size;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && st.st_size <= MAX_SIZE)
		c = malloc(sizeof(*c) + (size_t)st.st_size + 1);
	if (c) {
		size = (size_t)read_whole(fd, c->text, (size_t)st.st_size);
		c->text[size] = '\0';
		if (!check(c, size)) {
			free(c);
			c = NULL;
		}
	}
	close(fd);
	return c;
}

const char *ldcache_find(const struct ldcache *c, const char *name)
{
	for (uint32_t i = 0; c && i < c->nlibs; i++) {
		struct entry e;

		memcpy(&e, c->base + sizeof(struct header) + i * sizeof(e), sizeof(e));
		/* hwcap: a variant for some CPUs; the plain one comes, too */
		if (e.flags != FLAGS_X86_64 || e.hwcap || e.key >= c->size || e.value >= c->size)
			continue;
		if (strcmp(c->base + e.key, name) == 0)
			return c->base + e.value;
	}
	return NULL;
}

void ldcache_close(struct ldcache *c)
{
	free(c);
}
