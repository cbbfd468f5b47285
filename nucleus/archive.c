/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot archive. The interface is archive.h.
 *
 * An entry is a header of 6 bytes "070701" and 13 numbers of 8 hexadecimal digits, the name with
 * its 0, and the contents; name and contents are filled up to a multiple of 4. The entry
 * "TRAILER!!!" ends the archive.
 * Locking: none.
 */
#include <nucleus/archive.h>
#include <nucleus/string.h>

#define HEADER		110
#define MODE_TYPE	0170000u
#define MODE_FILE	0100000u

enum field { MODE = 1, SIZE = 6, NAME_SIZE = 11 };

static bool number(const uint8_t *header, enum field field, uint32_t *value)
{
	const uint8_t *p = header + 6 + field * 8;

	*value = 0;
	for (unsigned i = 0; i < 8; i++) {
		unsigned c = p[i], digit = c - '0';

		if (digit > 9)
			digit = (c | 0x20) - 'a' + 10;
		if (digit > 15 || (digit > 9 && (c | 0x20) < 'a'))
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static const char *plain(const char *name)
{
	if (name[0] == '.' && name[1] == '/')
		name++;
	while (*name == '/')
		name++;
	return name;
}

/* The entry at *at, which becomes the next one's place. */
static bool entry(const struct archive *a, size_t *at, struct archive_file *f, uint32_t *mode)
{
	const uint8_t *header = a->data + *at;
	size_t left, name_end, end;
	uint32_t size, name_size;

	if (*at > a->len || a->len - *at < HEADER)
		return false;
	left = a->len - *at;
	if (memcmp(header, "070701", 6) != 0 || !number(header, MODE, mode) ||
	    !number(header, SIZE, &size) || !number(header, NAME_SIZE, &name_size))
		return false;
	name_end = ROUND_UP((size_t)HEADER + name_size, 4);
	end = ROUND_UP(name_end + size, 4);
	if (name_size == 0 || name_end > left || name_end + size > left ||
	    header[HEADER + name_size - 1] != 0)
		return false;
	f->name = plain((const char *)header + HEADER);
	f->data = header + name_end;
	f->size = size;
	*at += MIN(end, left);
	return true;
}

bool archive_next(const struct archive *a, size_t *at, struct archive_file *f)
{
	uint32_t mode;

	while (entry(a, at, f, &mode)) {
		if (strcmp(f->name, "TRAILER!!!") == 0)
			return false;
		if ((mode & MODE_TYPE) == MODE_FILE)
			return true;
	}
	return false;
}

bool archive_find(const struct archive *a, const char *name, struct archive_file *f)
{
	size_t at = 0;

	name = plain(name);
	while (archive_next(a, &at, f)) {
		if (strcmp(f->name, name) == 0)
			return true;
	}
	return false;
}
