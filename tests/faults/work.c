/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work on a file system whose state after a crash can be judged. See work.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "tap.h"
#include "work.h"

#define BLOCK	4096
#define LONGEST	(12 * BLOCK)

static char buf[LONGEST];

void work_note(struct work *w, const struct note *n)
{
	w->begun[n->file].version = n->version;
	w->begun[n->file].length = n->length;
	if (n->kept) {
		w->kept[n->file].version = n->version;
		w->kept[n->file].length = n->length;
	}
}

static uint64_t content_seed(uint32_t file, uint32_t version)
{
	return (uint64_t)version << 8 | file;
}

static void file_path(char path[32], uint32_t file)
{
	snprintf(path, 32, "/mnt/d%u/f%u", file % 3, file);
}

static int sync_dir(uint32_t file)
{
	char dir[32];
	long fd, r;

	snprintf(dir, sizeof(dir), "/mnt/d%u", file % 3);
	fd = pillion_sys_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return (int)fd;
	r = pillion_sys_fsync((int)fd);
	pillion_sys_close((int)fd);
	return (int)r;
}

/* Write [from, to) of the version, in odd pieces, and fsync. */
static int write_part(const char *path, int flags, const struct note *n, uint32_t from)
{
	long fd = pillion_sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | flags, 0644), r = 0;
	uint32_t at = from, len;

	if (fd < 0)
		return (int)fd;
	fill_pattern(buf, n->length, content_seed(n->file, n->version), 0);
	for (; at < n->length && r >= 0; at += len) {
		len = n->length - at < 5000 ? n->length - at : 5000;
		r = pillion_sys_pwrite64((int)fd, buf + at, len, at);
		if (r >= 0 && r != (long)len)
			r = -28;
	}
	if (r >= 0)
		r = pillion_sys_fsync((int)fd);
	pillion_sys_close((int)fd);
	return (int)(r < 0 ? r : 0);
}

enum { IN_PLACE, APPEND, REPLACE };

static int change(int kind, const struct work *w, const struct note *n)
{
	char path[32], other[40];
	int r;

	file_path(path, n->file);
	if (kind == IN_PLACE)
		return write_part(path, 0, n, 0);
	if (kind == APPEND)
		return write_part(path, 0, n, w->kept[n->file].length);
	snprintf(other, sizeof(other), "%s.new", path);
	r = write_part(other, O_TRUNC, n, 0);
	if (!r)
		r = (int)pillion_sys_renameat2(AT_FDCWD, other, AT_FDCWD, path, 0);
	return r ? r : sync_dir(n->file);
}

/* What to do next, and what the file will be. */
static int choose(uint64_t *rng, const struct work *w, uint32_t version, struct note *n)
{
	int kind;

	n->file = (uint32_t)(rng_next(rng) % WORK_FILES);
	n->kept = 0;
	n->version = version;
	n->length = w->kept[n->file].length;
	kind = w->kept[n->file].version ? (int)(rng_next(rng) % 4) : REPLACE;
	if (kind == IN_PLACE)
		return kind;
	if (kind == APPEND) {
		n->version = w->kept[n->file].version;
		n->length += (uint32_t)(rng_next(rng) % 9000);
		if (n->length > LONGEST)
			n->length = LONGEST;
		return kind;
	}
	n->length = (uint32_t)(rng_next(rng) % (LONGEST / 2)) + 1;
	return REPLACE;
}

int work_do(uint64_t seed, int steps, void (*tell)(void *arg, const struct note *n), void *arg)
{
	struct work w;
	struct note n;
	int r = 0;

	memset(&w, 0, sizeof(w));
	for (uint32_t d = 0; d < 3; d++) {
		char dir[32];

		snprintf(dir, sizeof(dir), "/mnt/d%u", d);
		pillion_sys_mkdirat(AT_FDCWD, dir, 0755);
	}
	for (uint32_t i = 1; (!steps || i <= (uint32_t)steps) && !r; i++) {
		int kind = choose(&seed, &w, i, &n);

		tell(arg, &n);
		work_note(&w, &n);
		r = change(kind, &w, &n);
		if (r)
			break;
		n.kept = 1;
		tell(arg, &n);
		work_note(&w, &n);
	}
	return r;
}

static bool block_is(uint32_t file, uint32_t version, uint32_t at, uint32_t len)
{
	return version && check_pattern(buf + at, len, content_seed(file, version), at);
}

static bool check_file(const struct work *w, uint32_t file)
{
	uint32_t least = w->kept[file].length;
	char path[32];
	long fd, n;

	file_path(path, file);
	if (w->begun[file].length < least)
		least = w->begun[file].length;
	fd = pillion_sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	n = fd < 0 ? fd : pillion_sys_pread64((int)fd, buf, sizeof(buf), 0);
	if (fd >= 0)
		pillion_sys_close((int)fd);
	if (n < (long)least) {
		diag("%s: %ld, but %u bytes were kept", path, n, least);
		return false;
	}
	for (uint32_t at = 0; at < least; at += BLOCK) {
		uint32_t len = least - at < BLOCK ? least - at : BLOCK;

		if (!block_is(file, w->kept[file].version, at, len) &&
		    !block_is(file, w->begun[file].version, at, len)) {
			diag("%s: wrong at %u; kept version %u, begun %u", path, at,
			    w->kept[file].version, w->begun[file].version);
			return false;
		}
	}
	return true;
}

bool work_check(const struct work *w)
{
	bool good = true;

	for (uint32_t file = 0; file < WORK_FILES; file++)
		if (w->kept[file].version)
			good &= check_file(w, file);
	return good;
}
