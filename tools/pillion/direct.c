/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies by the host; see direct.h. What the image says of itself is checked before it is used. */
#include "direct.h"

#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pillion/pillion.h>

#include "progress.h"
#include "stop.h"

#define EXTENTS 128U
#define PIECE ((size_t)16 << 20)	/* between two looks at whether to stop */

/* An extent with any other flag is not plain bytes at a known address. */
#define PLAIN (FIEMAP_EXTENT_LAST | FIEMAP_EXTENT_MERGED | FIEMAP_EXTENT_SHARED)

struct map {
	struct fiemap head;
	struct fiemap_extent extent[EXTENTS];
};

/* copy_file_range() may share blocks, but not every pair of host file systems has it. */
static ssize_t host_copy(int in, off_t from, int out, off_t to, size_t len)
{
	off_t at = from, end = to;
	ssize_t n = copy_file_range(in, &at, out, &end, len, 0);

	if (n >= 0 || (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP &&
		       errno != ENOSYS))
		return n;
	at = from;
	return lseek(out, to, SEEK_SET) < 0 ? -1 : sendfile(out, in, &at, len);
}

/* 1, 0 or -errno as direct_copy(); *done counts what was copied. */
static int copy_extent(const struct medium *m, int out, uint64_t from, uint64_t to, uint64_t len,
		       uint64_t *done)
{
	if (from > m->size || len > m->size - from)
		return 0;
	while (len) {
		ssize_t n;

		if (stop_requested())
			return -EINTR;
		n = host_copy(m->fd, (off_t)(m->start + from), out, (off_t)to,
			      len < PIECE ? len : PIECE);
		if (n <= 0)
			return 0;	/* an error is found again, and told, by who copies instead */
		from += (uint64_t)n;
		to += (uint64_t)n;
		len -= (uint64_t)n;
		*done += (uint64_t)n;
		progress_add((uint64_t)n);
	}
	return 1;
}

/*
 * The extents of one call. *at: where the file has been dealt with up to; *last: nothing comes
 * behind.
 */
static int copy_extents(const struct medium *m, const struct map *map, int out, uint64_t size,
			uint64_t *at, bool *last, uint64_t *done)
{
	for (unsigned i = 0; i < map->head.fm_mapped_extents; i++) {
		const struct fiemap_extent *e = &map->extent[i];
		uint64_t len = e->fe_length;
		int r = 1;

		if (e->fe_logical < *at || !len || len > INT64_MAX - e->fe_logical)
			return 0;
		*at = e->fe_logical + len;
		*last = e->fe_flags & FIEMAP_EXTENT_LAST || *at >= size;
		if (e->fe_logical >= size)
			return 1;	/* allocated ahead */
		if (*at > size)
			len = size - e->fe_logical;
		if ((e->fe_flags & ~(PLAIN | FIEMAP_EXTENT_UNWRITTEN)) != 0)
			return 0;
		if (!(e->fe_flags & FIEMAP_EXTENT_UNWRITTEN))
			r = copy_extent(m, out, e->fe_physical, e->fe_logical, len, done);
		if (r != 1)
			return r;
	}
	return 1;
}

int direct_copy(const struct medium *m, int in, int out, uint64_t size, uint64_t *copied)
{
	uint64_t at = 0, done = 0;
	bool last = false;
	/* Asked now, so that much is not copied for nothing; and at the end, when it counts. */
	int r = pillion_disk_overlaid(m->disk) == 0;

	while (r == 1 && !last && at < size) {
		struct map map = { .head = { .fm_start = at, .fm_length = size - at,
					     .fm_extent_count = EXTENTS } };

		if (pillion_syscall(SYS_ioctl, in, (long)FS_IOC_FIEMAP, (long)&map, 0, 0, 0) < 0 ||
		    map.head.fm_mapped_extents > EXTENTS)
			r = 0;
		else if (map.head.fm_mapped_extents == 0)
			break;		/* a hole to the end */
		else
			r = copy_extents(m, &map, out, size, &at, &last, &done);
	}
	/* What a driver writes when it reads is in the overlay now. */
	if (r == 1 && pillion_disk_overlaid(m->disk) != 0)
		r = 0;
	if (r == 1)
		*copied += done;
	else
		progress_add(-done);	/* it is counted again */
	return r;
}
