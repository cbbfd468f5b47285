/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The archive: where it is, and its entries. A "newc" header is the magic number and 13 numbers of
 * 8 hexadecimal digits; then come the name and the data, each padded to 4 bytes.
 */
#include <nucleus/boot.h>

#include "image.h"

#define MAGIC_LEN	6
#define HEADER_LEN	(MAGIC_LEN + 13 * 8)

enum field { INO, MODE, UID, GID, NLINK, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAMESIZE };

static bool is_archive(const void *p, size_t len)
{
	return len >= HEADER_LEN && memcmp(p, PILLION_ARCHIVE_MAGIC, MAGIC_LEN) == 0;
}

bool archive_find(struct archive *a)
{
	for (unsigned i = 0; i < boot_info.nmodules; i++) {
		*a = (struct archive) { .module = i };
		a->base = boot_module_data(i, &a->len);
		if (is_archive(a->base, a->len))
			return true;
	}
	*a = (struct archive) { .base = NULL };
	return false;
}

void archive_free(struct archive *a)
{
	boot_module_free(a->module);
	*a = (struct archive) { .base = NULL };
}

static bool hex(const uint8_t *p, uint32_t *np)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < 8; i++) {
		unsigned c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			n = n << 4 | (unsigned)(p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (c - 'a' + 10);
		else
			return false;
	}
	*np = n;
	return true;
}

/* len bytes from the present place on, and padding; NULL: there are not so many. */
static const uint8_t *take(struct archive *a, size_t len)
{
	const uint8_t *p = a->base + a->at;

	if (len > a->len - a->at)
		return NULL;
	a->at = MIN(ROUND_UP(a->at + len, 4), a->len);
	return p;
}

int archive_next(struct archive *a, struct entry *e)
{
	const uint8_t *h, *name;
	uint32_t f[13];

	/* The name follows the header without padding. */
	if (a->len - a->at < HEADER_LEN || !is_archive(a->base + a->at, a->len - a->at))
		return -EINVAL;
	h = a->base + a->at + MAGIC_LEN;
	for (unsigned i = 0; i < ARRAY_SIZE(f); i++)
		if (!hex(h + 8 * i, &f[i]))
			return -EINVAL;
	a->at += HEADER_LEN;
	name = take(a, f[NAMESIZE]);
	if (name == NULL || f[NAMESIZE] == 0 || name[f[NAMESIZE] - 1] != '\0')
		return -EINVAL;
	e->name = (const char *)name;
	if (strcmp(e->name, "TRAILER!!!") == 0)
		return 0;
	e->data = take(a, f[SIZE]);
	if (e->data == NULL)
		return -EINVAL;
	e->size = f[SIZE];
	e->mode = f[MODE];
	e->uid = f[UID];
	e->gid = f[GID];
	e->mtime = f[MTIME];
	e->major = f[RMAJOR];
	e->minor = f[RMINOR];
	return 1;
}
