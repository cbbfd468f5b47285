/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of faults share: images made and checked by the host's tools, and donors that
 * are booted in child processes, one each, so that a test can have many.
 *
 * Locking: none; one thread.
 */
#ifndef TESTS_FAULTS_IMAGE_H
#define TESTS_FAULTS_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

/* A new file below $TMPDIR with an ext4 of so many MiB; path is filled in. options: of mkfs. */
void image_make(char path[64], int mib, const char *options);

/* A sparse copy in memory: a descriptor. */
int image_load(const char *path);

/* The command's exit status; its output is kept and shown if that is not wanted. */
int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* e2fsck -fn: 0 is clean. */
int image_check(const char *path);
int image_check_fd(int fd);

/* Call fn(arg) in a child process; its wait status. */
int in_child(int (*fn)(void *arg), void *arg);

/* In a child: boot, attach the file or descriptor, mount on /mnt. 0 or -errno. */
int mount_path(const char *path, const char *options);
int mount_fd(int fd, const char *options);
int unmount(void);	/* and shut down */

#endif
