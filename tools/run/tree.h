/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's files, before they are written to an archive: a map from paths in the guest to
 * what is there.
 *
 * A sysroot is a directory of the host that plays "/" for the paths looked up in it: no symbolic
 * link and no ".." leads out of it. Invariant: the parent of every entry is an entry, and a
 * directory; paths begin with '/', have no "." or "..", and no component before the last one is a
 * symbolic link.
 */
#ifndef RUN_TREE_H
#define RUN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct sysroot {
	int fd;			/* O_PATH */
	const char *name;	/* for messages: "" for the host's own */
};

struct tree_entry {
	char *path;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t mtime;
	dev_t rdev;
	uint64_t size;
	char *target;			/* of a symbolic link */
	char *data;			/* contents made here, or NULL: */
	const struct sysroot *root;	/* the contents of this file of the host */
	char *from;
	bool implied;			/* a directory made for what is below it */
	int layer;			/* the tree's when it came */
};

struct tree {
	void *nodes;			/* of tsearch(3), by path */
	size_t count;
	uint64_t bytes;
	bool owners;			/* keep them; otherwise all is root's */
	int layer;			/* a file replaces another only of a lower layer */
};

/* All of these: 0, or -1 reported. */
int sysroot_open(struct sysroot *root, const char *dir);
/* The file at path of root, and all symbolic links that lead there. It may be absent: -ENOENT. */
int tree_add_path(struct tree *t, const struct sysroot *root, const char *path);
/* A file or directory of the host, with what is below it, at the guest's path. */
int tree_add_copy(struct tree *t, const struct sysroot *root, const char *from, const char *path);
/* A text, where there is no such file yet; mode with S_IFDIR: a directory. */
int tree_add_text(struct tree *t, const char *path, mode_t mode, const char *text);

/* Follows the tree's own symbolic links. NULL: nothing there. */
const struct tree_entry *tree_find(const struct tree *t, const char *path);
/* In the order of the paths, parents first, until call() returns something but 0. */
int tree_walk(const struct tree *t, int (*call)(const struct tree_entry *e, void *arg), void *arg);

/* Open a regular file for reading: a descriptor, or -errno. */
int sysroot_open_file(const struct sysroot *root, const char *path);

#endif
