/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot archive: files in cpio's "newc" form, read where they lie. It may be anything: nothing
 * beyond its bytes is looked at.
 *
 * Locking: none; it does not change.
 */
#ifndef NUCLEUS_ARCHIVE_H
#define NUCLEUS_ARCHIVE_H

#include <nucleus/types.h>

struct archive {
	const uint8_t	*data;
	size_t		len;
};

struct archive_file {
	const char	*name;		/* without "/" or "./" before it; ends with 0 */
	const void	*data;		/* at a multiple of 4 from the archive's beginning */
	size_t		size;
};

/*
 * The next regular file; *at is 0 at first, and archive_next()'s own. False: no more, or what comes
 * is no archive.
 */
bool archive_next(const struct archive *a, size_t *at, struct archive_file *f);

/* The file of a name, "/" before it or not. False: none. */
bool archive_find(const struct archive *a, const char *name, struct archive_file *f);

#endif /* NUCLEUS_ARCHIVE_H */
