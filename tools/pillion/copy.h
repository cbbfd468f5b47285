/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying files and trees between two sides: host and image in either direction, or image and
 * image.
 *
 * The destination is reached by descriptors only, one name at a time and without following links,
 * so nothing in the source (a link and then a file of the same name, "..", a name with a slash)
 * leads out of the directory that the user named. A file that could not be copied whole is
 * removed again, and what it was to replace stays. A failure is reported and the rest is copied.
 */
#ifndef TOOL_COPY_H
#define TOOL_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "direct.h"
#include "linkmap.h"
#include "pathbuf.h"

struct fstype;
struct side;
struct statx;

struct owner {
	bool keep;		/* give the copies the owners of the originals */
	bool set;		/* or these */
	uid_t uid;
	gid_t gid;
};

/* A directory that is copied into, then the one above it. */
struct dirchain {
	struct dirchain *up;
	struct file_id id;
};

struct copier {
	const struct side *from, *to;
	const struct fstype *from_type, *to_type;	/* an image's file system; NULL: the host */
	struct medium medium;		/* what from is on; fd -1: not known */
	struct owner owner;
	bool recursive;
	int to_root;			/* what hard links are looked up from */
	struct pathbuf source, dest;	/* for messages */
	struct pathbuf place;		/* of dest, relative to to_root */
	struct linkmap *links;		/* where an inode with several names was copied to */
	struct linkmap *seen;		/* directories of the operand that were entered */
	struct dirchain *into;		/* not to be copied: they would go into themselves */
	uint64_t lost_xattrs, skipped;	/* told at the end */
	uint64_t direct;		/* bytes copied by the host */
	char *buf;
};

/*
 * keep|none|UID:GID|USER:GROUP; false: not understood. Reads the user database: before the
 * confinement.
 */
bool owner_parse(const char *text, struct owner *owner);

bool copier_init(struct copier *c);
void copier_finish(struct copier *c);	/* the notes, and the memory */
/*
 * Copy the entry name of the directory from_dir to the name to_name of to_dir. c->source, c->dest
 * and c->place are the paths of the two entries.
 */
void copy_entry(struct copier *c, int from_dir, const char *name, int to_dir, const char *to_name);
/* The same for a regular file that is open. */
void copy_open_file(struct copier *c, int fd, int to_dir, const char *to_name);
/* What is in the directory from into the directory to, both open. */
void copy_into(struct copier *c, int from, int to);
/* Bytes to be copied, for the progress line; a whole tree. */
uint64_t copy_measure(const struct side *s, int dir, const char *name);

/*
 * copydata.c: the bytes of a file, holes left out. 0 or -errno; *read_failed: it was the source's
 * fault
 */
int copy_data(struct copier *c, int in, int out, const struct statx *st, bool *read_failed);

/*
 * Could the open file be as large as it says? A damaged inode may claim exabytes, and where the
 * driver does not know about holes, all of them would be read as zeroes.
 */
bool size_plausible(const struct side *s, int fd, const struct statx *st, const struct fstype *fs);

/*
 * copymeta.c: owner, mode, attributes and times of an open file, or (to < 0) of the entry to_name
 * of to_dir. Without from and name, no attributes are read. 0 or -errno; the three steps can be
 * taken one by one, in this order.
 */
struct meta {
	int from, from_dir;
	const char *name;
	int to, to_dir;
	const char *to_name;
};
int copy_meta(struct copier *c, const struct statx *st, const struct meta *m);
int meta_owner_mode(struct copier *c, const struct statx *st, const struct meta *m);
int meta_xattr(struct copier *c, const struct statx *st, const struct meta *m, const char *attr,
	       const void *value, size_t len);
int meta_times(struct copier *c, const struct statx *st, const struct meta *m);

#endif
