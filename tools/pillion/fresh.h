/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A new entry of a directory, on either side. Where its name is taken, it is made under another
 * one beside it and renamed when it is whole: a copy that fails or is interrupted leaves what was
 * there.
 *
 * Replaced are files and links (whose target stays as it is); not a directory, nothing special on
 * the host (replacing /dev/null is never what was meant), and no image that this process has open.
 */
#ifndef TOOL_FRESH_H
#define TOOL_FRESH_H

#include <stdint.h>
#include <sys/types.h>

struct file_id;
struct side;

struct fresh {
	const struct side *side;
	int dir;
	const char *name;
	mode_t type;		/* S_IFREG, S_IFLNK, ...; 0: a further name of old_name in old_dir */
	const char *target;	/* of S_IFLNK */
	uint64_t rdev;		/* of a device node */
	int old_dir;
	const char *old_name;
	char temp[16];		/* what it is called until fresh_done(); "": name */
};

/*
 * Make it; of a regular file, the result is a descriptor to write to. -errno; -EALREADY: the name
 * is one of `same` (NULL: of no file) already; -ETXTBSY: of an open image.
 */
int fresh_make(struct fresh *f, const struct file_id *same);
const char *fresh_name(const struct fresh *f);	/* what it is called now */
/* r >= 0: it is whole and takes its place; otherwise it goes. r, or what failed. */
int fresh_done(struct fresh *f, int r);

#endif
