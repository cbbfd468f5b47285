/* SPDX-License-Identifier: BSD-2-Clause */
/* New entries of directories; see fresh.h. */
#include "fresh.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "linkmap.h"
#include "session.h"
#include "sys.h"

#define TRIES 4096U		/* temporary names: of other processes, and left by killed ones */

static int make(const struct fresh *f, const char *name)
{
	switch (f->type & S_IFMT) {
	case 0:
		return sys_linkat(f->side, f->old_dir, f->old_name, f->dir, name);
	case S_IFREG:
		return sys_openat(f->side, f->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
				  0600);
	case S_IFLNK:
		return sys_symlinkat(f->side, f->target, f->dir, name);
	default:
		return sys_mknodat(f->side, f->dir, name, (f->type & S_IFMT) | 0600, f->rdev);
	}
}

static int may_replace(const struct fresh *f, const struct file_id *same)
{
	struct file_id id;
	struct statx st;
	int r = sys_statx(f->side, f->dir, f->name, AT_SYMLINK_NOFOLLOW, &st);

	if (r < 0)
		return r;
	id = file_id(f->side, &st);
	if (same && same_file(&id, same))
		return -EALREADY;
	if (S_ISDIR(st.stx_mode))
		return -EISDIR;
	if (f->side->host && !S_ISREG(st.stx_mode) && !S_ISLNK(st.stx_mode))
		return -EEXIST;
	return f->side->host && session_has_image((dev_t)id.dev, id.ino) ? -ETXTBSY : 0;
}

int fresh_make(struct fresh *f, const struct file_id *same)
{
	int r;

	f->temp[0] = '\0';
	r = make(f, f->name);
	if (r != -EEXIST)
		return r;
	r = may_replace(f, same);
	if (r < 0)
		return r;
	r = -EEXIST;
	/* short enough for every file system */
	for (unsigned n = 0; n < TRIES && r == -EEXIST; n++) {
		snprintf(f->temp, sizeof(f->temp), ".pillion.%04x", n);
		r = make(f, f->temp);
	}
	return r;
}

const char *fresh_name(const struct fresh *f)
{
	return f->temp[0] ? f->temp : f->name;
}

int fresh_done(struct fresh *f, int r)
{
	if (r >= 0 && f->temp[0]) {
		int moved = sys_renameat(f->side, f->dir, f->temp, f->dir, f->name);

		if (moved < 0)
			r = moved;
	}
	if (r < 0)
		sys_unlinkat(f->side, f->dir, fresh_name(f), 0);
	return r;
}
