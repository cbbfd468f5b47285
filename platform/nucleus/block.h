/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Named devices in memory, and the handles that are open on them. block.c has transfers and
 * requests, disk.c the table.
 */
#ifndef NUCLEUS_BLOCK_H
#define NUCLEUS_BLOCK_H

#include <nucleus/types.h>

#define DISK_SECTOR	512

struct disk {
	struct disk	*next;
	const char	*name;
	uint8_t		*base;
	uint64_t	size;
	bool		rdonly;
	unsigned	writers;	/* handles open for writing with BIO */
};

struct handle {
	struct disk	*disk;		/* NULL: not open */
	bool		read, write, bio;
	uint64_t	pos;
};

struct rumpuser_iovec;

/* The open handle of fd; NULL: there is none. */
struct handle *handle_find(int fd);

/*
 * Between the pieces of iov and the disk at off, as many bytes as there are on the disk: *movedp.
 * RUMP_EFAULT: a piece is no memory.
 */
int disk_move(struct disk *d, bool write, const struct rumpuser_iovec *iov, size_t iovcnt,
    uint64_t off, size_t *movedp);

#endif /* NUCLEUS_BLOCK_H */
