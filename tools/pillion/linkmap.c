/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hard links: from device and inode of the source to the path of its first copy.
 *
 * Invariant: open addressing with linear probing; at least half of the slots are free; a
 * forgotten entry keeps its key with an empty path, so that later ones of its chain are still
 * found.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "copy.h"

struct slot {
	uint64_t dev, ino;
	char *path;		/* NULL: free */
};

struct linkmap {
	struct slot *slot;
	size_t size, used;	/* size is a power of two */
};

struct linkmap *linkmap_new(void)
{
	return calloc(1, sizeof(struct linkmap));
}

static struct slot *seek(struct slot *slot, size_t size, uint64_t dev, uint64_t ino)
{
	size_t i = (size_t)((ino ^ dev << 20) * 0x9e3779b97f4a7c15ULL >> 20) & (size - 1);

	while (slot[i].path && (slot[i].ino != ino || slot[i].dev != dev))
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
			*seek(more, size, map->slot[i].dev, map->slot[i].ino) = map->slot[i];
	}
	free(map->slot);
	map->slot = more;
	map->size = size;
	return true;
}

static uint64_t device(const struct statx *st)
{
	return (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
}

const char *linkmap_find(struct linkmap *map, const struct statx *st, const char *path)
{
	struct slot *s;

	if (2 * map->used >= map->size && !grow(map))
		return NULL;		/* without memory, the link becomes a second copy */
	s = seek(map->slot, map->size, device(st), st->stx_ino);
	if (s->path && *s->path)
		return s->path;
	if (!s->path) {
		s->dev = device(st);
		s->ino = st->stx_ino;
		map->used++;
	}
	free(s->path);
	s->path = strdup(path);
	if (!s->path)
		map->used--;
	return NULL;
}

void linkmap_forget(struct linkmap *map, const struct statx *st)
{
	struct slot *s = map->size ? seek(map->slot, map->size, device(st), st->stx_ino) : NULL;

	if (s && s->path)
		*s->path = '\0';
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
