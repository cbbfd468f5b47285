/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading directories; see dirlist.h. The names stay in the blocks that getdents64() filled. */
#include "dirlist.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stop.h"
#include "sys.h"

#define BLOCK_SIZE 32768

struct linux_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/*
 * On a damaged file system a directory may have no end: the same entries come again and again. Each
 * entry is compared with one mark, which moves to the last entry after 1, 2, 4, ... blocks (Brent),
 * so that every circle is noticed, before its fourth time.
 */
struct circle {
	const struct linux_dirent *mark;
	size_t steps, power;
};

static void move_mark(struct circle *c, const struct linux_dirent *last)
{
	if (++c->steps >= c->power) {
		c->mark = last;
		c->power = c->power ? 2 * c->power : 1;
		c->steps = 0;
	}
}

static bool append(struct dirlist *list, size_t *room, const struct linux_dirent *d)
{
	if (list->n == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct dirlist_entry *e = realloc(list->entry, more * sizeof(*e));

		if (!e)
			return false;
		list->entry = e;
		*room = more;
	}
	list->entry[list->n++] = (struct dirlist_entry){ d->name, d->ino, d->type };
	return true;
}

static int take(struct dirlist *list, size_t *room, char *buf, size_t len, struct circle *circle)
{
	const struct linux_dirent *mark = circle->mark, *last = NULL;
	const size_t head = offsetof(struct linux_dirent, name);

	for (size_t at = 0; at + head < len;) {
		const struct linux_dirent *d = (const void *)(buf + at);
		size_t most = len - at - head;

		if (d->reclen <= head || d->reclen > len - at || !memchr(d->name, 0, most))
			break;
		if (mark && mark->ino == d->ino && strcmp(mark->name, d->name) == 0)
			return -EUCLEAN;
		at += d->reclen;
		last = d;
		if (strcmp(d->name, ".") == 0 || strcmp(d->name, "..") == 0)
			continue;
		if (!*d->name || strchr(d->name, '/'))
			list->refused++;
		else if (!append(list, room, d))
			return -ENOMEM;
	}
	move_mark(circle, last);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct dirlist_entry *)a)->name,
		      ((const struct dirlist_entry *)b)->name);
}

int dirlist_read(const struct side *s, int fd, struct dirlist *list)
{
	struct circle circle = { 0 };
	size_t room = 0;
	ssize_t n;

	memset(list, 0, sizeof(*list));
	for (;;) {
		char *buf = malloc(BLOCK_SIZE), *small;
		char **blocks = realloc(list->block, (list->nblock + 1) * sizeof(*blocks));

		if (blocks)
			list->block = blocks;
		n = buf && blocks ? sys_getdents(s, fd, buf, BLOCK_SIZE) : -ENOMEM;
		if (n <= 0 || stop_requested()) {
			free(buf);
			if (n > 0)
				n = -EINTR;
			break;
		}
		small = realloc(buf, (size_t)n);
		list->block[list->nblock++] = small ? small : buf;
		n = take(list, &room, list->block[list->nblock - 1], (size_t)n, &circle);
		if (n < 0)
			break;
	}
	if (list->n > 1)
		qsort(list->entry, list->n, sizeof(*list->entry), by_name);
	return (int)n;
}

void dirlist_free(struct dirlist *list)
{
	for (size_t i = 0; i < list->nblock; i++)
		free(list->block[i]);
	free(list->block);
	free(list->entry);
	memset(list, 0, sizeof(*list));
}
