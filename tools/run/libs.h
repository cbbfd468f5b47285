/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The libraries of dynamic programs, found as glibc's and musl's dynamic linkers would find them,
 * without running either: DT_RPATH, LD_LIBRARY_PATH of the guest, DT_RUNPATH, ld.so.cache, the
 * usual directories.
 */
#ifndef RUN_LIBS_H
#define RUN_LIBS_H

#include <stdbool.h>

#include "tree.h"

struct libs;

/*
 * Libraries are looked for in root and, if they are to be packed, put into tree. library_path:
 * LD_LIBRARY_PATH, or NULL. NULL: no memory.
 */
struct libs *libs_new(struct tree *tree, const struct sysroot *root, bool pack,
		      const char *library_path);
/* What a file is for: */
enum libs_use {
	LIBS_PROGRAM,	/* it is to be executed: whatever is wrong with it is reported */
	LIBS_HELPER,	/* something else may execute it, if it is there */
	LIBS_COPY,	/* it is packed already, in another place; what it needs is wished for */
};

/* path of root, and what it needs to be executed. 0, or -1 reported. */
int libs_add(struct libs *l, const char *path, enum libs_use use);
void libs_free(struct libs *l);

#endif
