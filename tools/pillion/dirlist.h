/* SPDX-License-Identifier: BSD-2-Clause */
/* The entries of one directory, sorted by the bytes of their names. */
#ifndef TOOL_DIRLIST_H
#define TOOL_DIRLIST_H

#include <stddef.h>
#include <stdint.h>

struct side;

struct dirlist_entry {
	const char *name;
	uint64_t ino;
	unsigned char type;		/* DT_* */
};

struct dirlist {
	struct dirlist_entry *entry;
	size_t n;
	unsigned refused;		/* names that no directory may hold: empty, or with a '/' */
	char **block;			/* storage of the names */
	size_t nblock;
};

/*
 * Without "." and "..". 0 or -errno (-EUCLEAN for a directory that has no end); entries read before
 * an error are kept. Always free the list.
 */
int dirlist_read(const struct side *s, int fd, struct dirlist *list);
void dirlist_free(struct dirlist *list);

#endif
