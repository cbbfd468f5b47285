/* SPDX-License-Identifier: BSD-2-Clause */
/* Between tree.c and treefill.c. */
#ifndef RUN_TREEFILL_H
#define RUN_TREEFILL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct tree;
struct tree_entry;

/*
 * One more component of a path without links ("" is the root); "." and ".." are obeyed. false: too
 * long.
 */
bool path_push(char path[PATH_MAX], const char *name, size_t len);
/*
 * Takes e over: 0, or -1 reported. What is there already stays if it is the same; a file of a
 * lower layer is replaced.
 */
int tree_put(struct tree *t, struct tree_entry *e);

#endif
