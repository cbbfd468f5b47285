/* SPDX-License-Identifier: BSD-2-Clause */
/* One file of an image as ls, tree and stat show it. */
#ifndef TOOL_ENTRY_H
#define TOOL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

struct statx;

const char *entry_type(unsigned mode);		/* "file", "directory", "symlink", ... */
/* The target of a symbolic link, NUL-terminated, in static storage; NULL: *err is set. */
const char *entry_target(int dfd, const char *name, int *err);
/* The members of an open JSON object that ls and stat share. */
void entry_json(int dfd, const char *name, const struct statx *st);
/* One line of ls -l without the name's line end. */
void entry_long(int dfd, const char *name, const struct statx *st);

#endif
