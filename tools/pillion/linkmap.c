/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files by what they are; see linkmap.h.
 *
 * Invariant: open addressing with linear probing; at least half of the slots are free; a
 * forgotten entry keeps its key with an empty path, so that later ones of its chain are still
 * found.
 */
#include "linkmap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct slot {
	struct file_id id;
	char *path;		/* NULL: free */
};

struct linkmap {
	struct slot *slot;
	size_t size, used;	/* size is a power of two */
};

struct file_id file_id(const struct side *s, const struct statx *st)
{
	return (struct file_id){ s, makedev(st->stx_dev_major, st->stx_dev_minor), st->stx_ino };
}

bool same_file(const struct file_id *a, const struct file_id *b)
{
	return a->side == b->side && a->dev == b->dev && a->ino == b->ino;
}

struct linkmap *linkmap_new(void)
{
	return calloc(1, sizeof(struct linkmap));
}

static struct slot *seek(struct slot *slot, size_t size, const struct file_id *id)
{
	size_t i = (size_t)((id->ino ^ id->dev << 20) * 0x9e3779b97f4a7c15ULL >> 20) & (size - 1);

	while (slot[i].path && !same_file(&slot[i].id, id))
		i = (i + 1) & (size - 1);
	return &slot[i];
}

static bool grow(struct linkmap *map)
{
	size_t size = map->size ? 2 * map->size : 256;
	struct slot *more = calloc(size, sizeof(*more));

	if (!more)
		return false;
	for (size_t i = 0; i < map->size; i++) {
		if (map->slot[i].path)
			*seek(more, size, &map->slot[i].id) = map->slot[i];
	}
	free(map->slot);
	map->slot = more;
	map->size = size;
	return true;
}

const char *linkmap_find(struct linkmap *map, const struct file_id *id, const char *path)
{
	struct slot *s;

	if (2 * map->used >= map->size && !grow(map))
		return NULL;		/* without memory, the link becomes a second copy */
	s = seek(map->slot, map->size, id);
	if (s->path && *s->path)
		return s->path;
	if (!s->path) {
		s->id = *id;
		map->used++;
	}
	free(s->path);
	s->path = strdup(path);
	if (!s->path)
		map->used--;
	return NULL;
}

void linkmap_forget(struct linkmap *map, const struct file_id *id)
{
	struct slot *s = map->size ? seek(map->slot, map->size, id) : NULL;

	if (s && s->path)
		*s->path = '\0';
}

void linkmap_taken(struct linkmap *map, const char *path, const struct file_id *id)
{
	for (size_t i = 0; i < map->size; i++) {
		struct slot *s = &map->slot[i];

		if (s->path && strcmp(s->path, path) == 0 && !same_file(&s->id, id))
			*s->path = '\0';
	}
}

void linkmap_free(struct linkmap *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->size; i++)
		free(map->slot[i].path);
	free(map->slot);
	free(map);
}
