/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories that a walk of a tree has entered. In a damaged image one can have two names; with a
 * few of these above each other there are more paths than can be walked.
 */
#ifndef TOOL_VISIT_H
#define TOOL_VISIT_H

#include <stdbool.h>

struct linkmap;
struct side;
struct statx;

/*
 * May the walk enter the directory st, whose path is where? false: it was there already, or is
 * deeper than any sane tree; reported. On the host, where mounts may show a directory twice, only
 * the depth counts.
 */
bool visit(struct linkmap *seen, const struct side *s, const struct statx *st, const char *where,
	   int depth);
/* The same of an open directory of an image, about which nothing else is to be known. */
bool visit_open(struct linkmap *seen, int fd, const char *where, int depth);

#endif
