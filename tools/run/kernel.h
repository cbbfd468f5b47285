/* SPDX-License-Identifier: BSD-2-Clause */
/* The nucleus image: found, and written out with the archive inside or beside it. */
#ifndef RUN_KERNEL_H
#define RUN_KERNEL_H

#include <limits.h>
#include <stdint.h>

/*
 * The file of a configuration's image, or name itself if it has a slash or ends in ".elf". 0, or
 * -1 reported.
 */
int kernel_find(const char *name, char path[PATH_MAX]);

/* Where in memory the image ends, without an archive. 0, or -1 reported. */
int kernel_end(const char *kernel, uint64_t *end);

/* Both write to the file out, complete or not at all. 0, or -1 reported. */
int kernel_write_elf(const char *kernel, int archive, const char *out);
int kernel_write_iso(const char *kernel, int archive, const char *out);

/* A temporary file beside out, open for writing; its name in temp. -1: reported. */
int output_begin(const char *out, char temp[PATH_MAX]);
/* Give it out's name if ok, remove it otherwise; closes fd. 0, or -1 reported. */
int output_end(int fd, const char *out, const char *temp, int ok);
/* All of the file open as from, from its beginning, to the end of fd. 0 or -errno. */
int copy_file(int from, int to);

#endif
