/* SPDX-License-Identifier: BSD-2-Clause */
/* One file of an image, as text and as JSON; see entry.h. */
#include "entry.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "sys.h"
#include "term.h"

const char *entry_type(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "character device";
	case S_IFBLK:
		return "block device";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "unknown";
	}
}

const char *entry_target(int dfd, const char *name, int *err)
{
	static char target[PATH_MAX + 1];
	ssize_t n = sys_readlinkat(&donor_side, dfd, name, target, PATH_MAX);

	if (n < 0) {
		*err = (int)n;
		return NULL;
	}
	target[n] = '\0';
	return target;
}

void entry_json(int dfd, const char *name, const struct statx *st)
{
	unsigned mode = st->stx_mode;
	char octal[8];
	int err;

	json_string("type", entry_type(mode));
	snprintf(octal, sizeof(octal), "%04o", mode & 07777);
	json_string("mode", octal);
	json_uint("inode", st->stx_ino);
	json_uint("links", st->stx_nlink);
	json_uint("uid", st->stx_uid);
	json_uint("gid", st->stx_gid);
	json_uint("size", st->stx_size);
	json_uint("allocated", st->stx_blocks * 512);
	if (S_ISCHR(mode) || S_ISBLK(mode)) {
		json_uint("major", st->stx_rdev_major);
		json_uint("minor", st->stx_rdev_minor);
	}
	json_time("atime", st->stx_atime.tv_sec, st->stx_atime.tv_nsec);
	json_time("mtime", st->stx_mtime.tv_sec, st->stx_mtime.tv_nsec);
	json_time("ctime", st->stx_ctime.tv_sec, st->stx_ctime.tv_nsec);
	if (st->stx_mask & STATX_BTIME)
		json_time("birth", st->stx_btime.tv_sec, st->stx_btime.tv_nsec);
	if (S_ISLNK(mode))
		json_string("target", entry_target(dfd, name, &err));
}

void entry_long(int dfd, const char *name, const struct statx *st)
{
	char mode[11], time[40], size[32];

	format_mode(mode, st->stx_mode);
	format_time(time, st->stx_mtime.tv_sec);
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode))
		snprintf(size, sizeof(size), "%u, %u", st->stx_rdev_major, st->stx_rdev_minor);
	else
		snprintf(size, sizeof(size), "%" PRIu64, (uint64_t)st->stx_size);
	printf("%s %3u %5u %5u %10s %s ", mode, st->stx_nlink, st->stx_uid, st->stx_gid, size,
	       time);
	term_puts(stdout, name);
	if (S_ISLNK(st->stx_mode)) {
		int err;
		const char *target = entry_target(dfd, name, &err);

		fputs(" -> ", stdout);
		term_puts(stdout, target ? target : "?");
	}
}
