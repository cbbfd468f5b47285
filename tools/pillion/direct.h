/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large files out of an image without reading them through the donor: it says where the bytes are
 * (FIEMAP), and the host copies them from the image's file, sharing blocks where it can.
 *
 * That is right only while image and donor agree: nothing was written to the image's overlay, and
 * the file system keeps plain bytes at addresses of its device (FS_MAPS). Locking: none.
 */
#ifndef TOOL_DIRECT_H
#define TOOL_DIRECT_H

#include <stdint.h>

/* Where a file system lies in a host file. */
struct medium {
	int fd;			/* -1: in none, or not to be used */
	int disk;		/* pillion_disk_*'s id */
	uint64_t start, size;	/* bytes */
};

/*
 * Copy the data of the donor's file in, size bytes, to the host's file out, which is new. Leaves
 * holes. 1: done, and added to *copied; 0: not in this way, out may have some of the data; -errno:
 * not at all.
 */
int direct_copy(const struct medium *m, int in, int out, uint64_t size, uint64_t *copied);

#endif
