/* SPDX-License-Identifier: BSD-2-Clause */
/* From the options to the archive: the program's files, and the configuration for the guest. */
#ifndef RUN_PACK_H
#define RUN_PACK_H

#include <stdbool.h>

struct options;
struct tree;

/*
 * Fill the tree. *program: its path in the guest (static storage). 0, or -1 reported.
 */
int pack_program(const struct options *o, struct tree *tree, const char **program);

/* The text of .pillion/config, to be freed; NULL without memory. */
char *guest_config(const struct options *o, const char *program);

/* Write the archive to fd; 0, or -1 reported. */
int archive_write_tree(int fd, const struct tree *tree, const char *config);

#endif
