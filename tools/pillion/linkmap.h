/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files by what they are, each with a path: where an inode with several names was copied to, which
 * directories a walk has been in. Locking: none.
 */
#ifndef TOOL_LINKMAP_H
#define TOOL_LINKMAP_H

#include <stdbool.h>
#include <stdint.h>

struct linkmap;
struct side;
struct statx;

/* Which file it is, whatever its name. Device numbers of the two sides are not related. */
struct file_id {
	const struct side *side;
	uint64_t dev, ino;
};

struct file_id file_id(const struct side *s, const struct statx *st);
bool same_file(const struct file_id *a, const struct file_id *b);

struct linkmap *linkmap_new(void);
/* The path noted for it; or NULL, and path, which is not empty, is noted. */
const char *linkmap_find(struct linkmap *map, const struct file_id *id, const char *path);
void linkmap_forget(struct linkmap *map, const struct file_id *id);
/* path is the file id's now: no other file is to be found there any more. */
void linkmap_taken(struct linkmap *map, const char *path, const struct file_id *id);
void linkmap_free(struct linkmap *map);

#endif
