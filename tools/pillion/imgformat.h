/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The container format of an image file, by its first bytes, and whether it makes qemu open other
 * files.
 */
#ifndef TOOL_IMGFORMAT_H
#define TOOL_IMGFORMAT_H

#include <stdbool.h>

const char *imgformat_detect(int fd);	/* "qcow2", "vmdk", "vdi", or "raw" */
/*
 * Does the image name another host file (a backing file, a data file, extents)? A hostile image
 * could name any file that the user may read. *what (static storage) is the name as far as known.
 */
bool imgformat_refers(int fd, const char *format, const char **what);

#endif
