/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives. The interface is archive.h.
 *
 * An entry is a header of 6 bytes "070701" and 13 numbers of 8 hexadecimal digits, the name with
 * its 0, and the contents; name and contents are filled up to a multiple of 4. The entry
 * "TRAILER!!!" ends the archive.
 * Locking: none.
 */
#include <nucleus/archive.h>
#include <nucleus/error.h>
#include <nucleus/string.h>

#define MAGIC		"070701"
#define MAGIC_LEN	6
#define FIELDS		13
#define HEADER		(MAGIC_LEN + FIELDS * 8)

enum { INO, MODE, UID, GID, NLINK, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAMESIZE };

static bool number(const uint8_t *p, uint32_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < 8; i++) {
		unsigned c = p[i], letter = (c | 0x20) - 'a';

		if (c - '0' <= 9)
			*value = *value << 4 | (c - '0');
		else if (letter < 6)
			*value = *value << 4 | (letter + 10);
		else
			return false;
	}
	return true;
}

int archive_next(const struct archive *a, size_t *at, struct archive_file *f)
{
	const uint8_t *header = a->data + *at;
	size_t left = a->len - *at, name_end, end;
	uint32_t v[FIELDS];

	if (left < HEADER || memcmp(header, MAGIC, MAGIC_LEN) != 0)
		return E_INVAL;
	for (unsigned i = 0; i < FIELDS; i++) {
		if (!number(header + MAGIC_LEN + i * 8, &v[i]))
			return E_INVAL;
	}
	name_end = ROUND_UP((size_t)HEADER + v[NAMESIZE], 4);
	end = ROUND_UP(name_end + v[SIZE], 4);
	if (v[NAMESIZE] == 0 || HEADER + (size_t)v[NAMESIZE] > left ||
	    header[HEADER + v[NAMESIZE] - 1] != 0)
		return E_INVAL;
	f->name = (const char *)header + HEADER;
	if (strcmp(f->name, "TRAILER!!!") == 0)
		return E_NOENT;
	if (name_end + v[SIZE] > left)
		return E_INVAL;
	f->data = header + name_end;
	f->size = v[SIZE];
	f->mode = v[MODE];
	f->uid = v[UID];
	f->gid = v[GID];
	f->mtime = v[MTIME];
	f->major = v[RMAJOR];
	f->minor = v[RMINOR];
	*at += MIN(end, left);
	return 0;
}

static const char *plain(const char *name)
{
	if (name[0] == '.' && name[1] == '/')
		name++;
	while (*name == '/')
		name++;
	return name;
}

bool archive_find(const struct archive *a, const char *name, struct archive_file *f)
{
	size_t at = 0;

	name = plain(name);
	while (archive_next(a, &at, f) == 0) {
		if (archive_is_file(f) && strcmp(plain(f->name), name) == 0)
			return true;
	}
	return false;
}
