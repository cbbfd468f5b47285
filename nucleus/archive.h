/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives of files in cpio's "newc" form, read where they lie. One may be anything: nothing beyond
 * its bytes is looked at.
 *
 * Locking: none; it does not change.
 */
#ifndef NUCLEUS_ARCHIVE_H
#define NUCLEUS_ARCHIVE_H

#include <nucleus/types.h>

struct archive {
	const uint8_t	*data;		/* NULL: there is none */
	size_t		len;
};

struct archive_file {
	const char	*name;		/* as it stands there; ends with 0 */
	const uint8_t	*data;		/* a symbolic link's: its target, which does not */
	uint32_t	size, mode, uid, gid, mtime, major, minor;	/* mode: Linux's */
};

/*
 * The next entry, of any kind; *at is 0 at first, and archive_next()'s own. E_NOENT: no more;
 * E_INVAL: what comes is no archive.
 */
int archive_next(const struct archive *a, size_t *at, struct archive_file *f);

/* Whether an entry is a regular file. */
static inline bool archive_is_file(const struct archive_file *f)
{
	return (f->mode & 0170000u) == 0100000u;
}

/* The regular file of a name, "/" or "./" before it or not. False: none. */
bool archive_find(const struct archive *a, const char *name, struct archive_file *f);

#endif /* NUCLEUS_ARCHIVE_H */
