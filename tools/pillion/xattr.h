/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended attributes of files of either side. */
#ifndef TOOL_XATTR_H
#define TOOL_XATTR_H

#include <stddef.h>

struct side;

typedef void (*xattr_fn)(void *arg, const char *name, const void *value, size_t len);

/*
 * Call fn for each attribute: of the open file fd (name NULL or ""), or of the entry name of the
 * directory fd, which is not followed and for which the side's working directory changes. 0 or
 * -errno.
 */
int xattr_each(const struct side *s, int fd, const char *name, xattr_fn fn, void *arg);

#endif
