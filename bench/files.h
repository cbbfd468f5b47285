/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files, trees and ext4 images for the benchmarks, and a look at what came out. Files are made
 * from a fixed seed. Functions return 0, or -1 with the reason in failure(). Locking: none.
 */
#ifndef BENCH_FILES_H
#define BENCH_FILES_H

#include <stdbool.h>
#include <stddef.h>

int dir_make(void);			/* the benchmark's own, in options.dir */
void dir_remove(void);
const char *dir_path(const char *name, char *out, size_t size);	/* of a file in it; returns out */

int file_random(const char *path, size_t bytes);
/* Directories of 100 files of 100 to 4000 bytes each. */
int tree_random(const char *path, unsigned files);
/* An ext4 file system with what is in a directory, or nothing in it; mkfs.ext4's defaults. */
int image_make(const char *path, const char *from, unsigned megabytes);
int file_warm(const char *path);	/* into the host's page cache */
int file_sync(const char *path);
int files_same(const char *a, const char *b);
int image_clean(const char *path, long files);	/* e2fsck finds nothing, and as many files */

#endif
