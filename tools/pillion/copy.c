/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying trees; see copy.h. */
#include "copy.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "dirlist.h"
#include "fstype.h"
#include "linkmap.h"
#include "report.h"
#include "stop.h"
#include "sys.h"

#define BUF_SIZE (1U << 20)	/* copydata.c's chunk */
#define MAX_DEPTH 2048

bool copier_init(struct copier *c)
{
	c->links = linkmap_new();
	c->buf = aligned_alloc(4096, BUF_SIZE);
	if (c->links && c->buf)
		return true;
	report_fail(EXIT_OPERAND, -ENOMEM, "buffers");
	return false;
}

void copier_finish(struct copier *c)
{
	if (c->lost_xattrs > 1)
		report_note("%" PRIu64 " extended attributes were not kept", c->lost_xattrs);
	if (c->skipped > 1)
		report_note("%" PRIu64 " device nodes were skipped", c->skipped);
	linkmap_free(c->links);
	free(c->buf);
}

static void from_failed(struct copier *c, int r)
{
	report_call(c->from, r, "%s", c->source.text);
}

static void to_failed(struct copier *c, int r)
{
	report_call(c->to, r, "%s", c->dest.text);
}

/*
 * What is in the way of a new entry goes: a file or a link, whose target stays as it is. Not a
 * directory, and nothing special: replacing /dev/null is never what was meant.
 */
static int clear_way(struct copier *c, int dir, const char *name)
{
	struct statx st;
	int r = sys_statx(c->to, dir, name, AT_SYMLINK_NOFOLLOW, &st);

	if (r < 0)
		return r;
	if (S_ISDIR(st.stx_mode))
		return -EISDIR;
	if (!S_ISREG(st.stx_mode) && !S_ISLNK(st.stx_mode) && c->to->host)
		return -EEXIST;
	return sys_unlinkat(c->to, dir, name, 0);
}

static int create(struct copier *c, int dir, const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
	int fd = sys_openat(c->to, dir, name, flags, 0600);

	if (fd == -EEXIST) {
		int r = clear_way(c, dir, name);

		fd = r < 0 ? r : sys_openat(c->to, dir, name, flags, 0600);
	}
	return fd;
}

/* The file in is open; its copy is the entry name of dir. false: there is no copy */
static bool copy_regular(struct copier *c, int in, const struct statx *st, int dir,
			 const char *name)
{
	struct meta m = { .from = in, .from_dir = -1, .to_dir = dir, .to_name = name };
	bool read_failed;
	int r;

	if (!size_plausible(c->from, in, st, c->from_type)) {
		report_fail(EXIT_DAMAGED, 0, "%s: claims %" PRIu64 " bytes, more than its file "
			    "system has", c->source.text, (uint64_t)st->stx_size);
		return false;
	}
	m.to = create(c, dir, name);
	if (m.to < 0) {
		to_failed(c, m.to);
		return false;
	}
	r = copy_data(c, in, m.to, st, &read_failed);
	if (r < 0) {
		if (read_failed)
			from_failed(c, r);
		else
			to_failed(c, r);
		sys_close(c->to, m.to);
		sys_unlinkat(c->to, dir, name, 0);
		return false;
	}
	r = copy_meta(c, st, &m);
	if (r < 0)
		to_failed(c, r);
	r = sys_close(c->to, m.to);
	if (r < 0)
		to_failed(c, r);
	return true;
}

void copy_open_file(struct copier *c, int fd, int to_dir, const char *to_name)
{
	struct statx st;
	int r = sys_statx(c->from, fd, "", AT_EMPTY_PATH, &st);

	if (r == 0 && !S_ISREG(st.stx_mode))
		r = -EINVAL;
	if (r < 0)
		from_failed(c, r);
	else
		copy_regular(c, fd, &st, to_dir, to_name);
}

static int copy_symlink(struct copier *c, int from_dir, const char *name, int to_dir,
			const char *to_name)
{
	char target[PATH_MAX];
	ssize_t n = sys_readlinkat(c->from, from_dir, name, target, sizeof(target) - 1);
	int r;

	if (n < 0) {
		from_failed(c, (int)n);
		return 1;
	}
	target[n] = '\0';
	r = sys_symlinkat(c->to, target, to_dir, to_name);
	if (r == -EEXIST) {
		r = clear_way(c, to_dir, to_name);
		if (r == 0)
			r = sys_symlinkat(c->to, target, to_dir, to_name);
	}
	return r;
}

static int copy_special(struct copier *c, const struct statx *st, int to_dir, const char *to_name)
{
	mode_t type = st->stx_mode & S_IFMT;
	uint64_t rdev = S_ISCHR(type) || S_ISBLK(type) ? sys_rdev(st) : 0;
	int r = sys_mknodat(c->to, to_dir, to_name, type | 0600, rdev);

	if (r == -EEXIST) {
		r = clear_way(c, to_dir, to_name);
		if (r == 0)
			r = sys_mknodat(c->to, to_dir, to_name, type | 0600, rdev);
	}
	if (r == -EPERM && c->to->host && (S_ISCHR(type) || S_ISBLK(type))) {
		if (c->skipped++ == 0)
			report_note("%s: device nodes need root, skipped ('pillion tar' keeps "
				    "them)", c->source.text);
		return 1;
	}
	return r;
}

/* A further name of a file that was copied already: true when the link was made. */
static bool copy_link(struct copier *c, const struct statx *st, int to_dir, const char *to_name)
{
	struct file_id id = file_id(c->from, st);
	const char *first = linkmap_find(c->links, &id, c->place.text), *base;
	char *parent;
	int dir, r;

	if (!first)
		return false;
	base = strrchr(first, '/');
	base = base ? base + 1 : first;
	parent = strndup(first, (size_t)(base - first));
	dir = parent ? sys_open_beneath(c->to, c->to_root, parent) : -ENOMEM;
	free(parent);
	r = dir < 0 ? dir : sys_linkat(c->to, dir, base, to_dir, to_name);
	if (r == -EEXIST && clear_way(c, to_dir, to_name) == 0)
		r = sys_linkat(c->to, dir, base, to_dir, to_name);
	if (dir >= 0)
		sys_close(c->to, dir);
	return r == 0;		/* otherwise (FAT, too many links) it becomes a copy */
}

static void copy_other(struct copier *c, const struct statx *st, int from_dir, const char *name,
		       int to_dir, const char *to_name)
{
	struct meta m = { .from = -1, .from_dir = from_dir, .name = name,
			  .to = -1, .to_dir = to_dir, .to_name = to_name };
	int r;

	if (S_ISLNK(st->stx_mode))
		r = copy_symlink(c, from_dir, name, to_dir, to_name);
	else
		r = copy_special(c, st, to_dir, to_name);
	if (r == 0)
		r = copy_meta(c, st, &m);
	if (r == -EPERM && c->to_type && (c->to_type->flags & FS_NO_OWNER))
		report_fail(EXIT_OPERAND, 0, "%s: %s has no such files, skipped", c->dest.text,
			    c->to_type->name);
	else if (r < 0)
		to_failed(c, r);
}

static uint64_t device(const struct statx *st)
{
	return (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
}

/* The directory name of to_dir, made or found; *made says which. */
static int make_dir(struct copier *c, int to_dir, const char *name, bool *made)
{
	struct statx st;
	int r = sys_mkdirat(c->to, to_dir, name, 0700), fd;

	*made = r == 0;
	if (r < 0 && r != -EEXIST)
		return r;
	fd = sys_openat(c->to, to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd >= 0 && c->top_ino == 0 && sys_statx(c->to, fd, "", AT_EMPTY_PATH, &st) == 0) {
		c->top_dev = device(&st);
		c->top_ino = st.stx_ino;
	}
	return fd;
}

static void copy_directory(struct copier *c, const struct statx *st, int from_dir, const char *name,
			   int to_dir, const char *to_name, int depth)
{
	struct meta m = { .from_dir = from_dir, .to_dir = to_dir, .to_name = to_name };
	bool made;

	if (!c->recursive) {
		report_fail(EXIT_OPERAND, 0, "%s: is a directory (use -r)", c->source.text);
		return;
	}
	if (depth >= MAX_DEPTH) {
		from_failed(c, -ELOOP);
		return;
	}
	m.from = sys_openat(c->from, from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (m.from < 0) {
		from_failed(c, m.from);
		return;
	}
	if (c->from == c->to && c->top_ino == st->stx_ino && c->top_dev == device(st)) {
		report_fail(EXIT_OPERAND, 0, "%s: not copied into itself", c->source.text);
		sys_close(c->from, m.from);
		return;
	}
	m.to = make_dir(c, to_dir, to_name, &made);
	if (m.to < 0) {
		to_failed(c, m.to);
	} else {
		copy_contents(c, m.from, m.to, depth + 1);
		if (made) {
			int r = copy_meta(c, st, &m);

			if (r < 0)
				to_failed(c, r);
		}
		sys_close(c->to, m.to);
	}
	sys_close(c->from, m.from);
}

/* There is no copy that further names of the file could be links to. */
static void forget(struct copier *c, const struct statx *st)
{
	struct file_id id = file_id(c->from, st);

	linkmap_forget(c->links, &id);
}

static void copy_file(struct copier *c, int from_dir, const char *name, int to_dir,
		      const char *to_name)
{
	struct statx st;
	int fd = sys_openat(c->from, from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0), r;

	if (fd < 0) {
		from_failed(c, fd);
		return;
	}
	/* of the open file: the name may mean another by now */
	r = sys_statx(c->from, fd, "", AT_EMPTY_PATH, &st);
	if (r == 0 && !S_ISREG(st.stx_mode))
		r = -EBUSY;
	if (r < 0)
		from_failed(c, r);
	else if (st.stx_nlink > 1 && copy_link(c, &st, to_dir, to_name))
		;
	else if (!copy_regular(c, fd, &st, to_dir, to_name) && st.stx_nlink > 1)
		forget(c, &st);
	sys_close(c->from, fd);
}

static void copy_any(struct copier *c, int from_dir, const char *name, int to_dir,
		     const char *to_name, int depth)
{
	struct statx st;
	int r = sys_statx(c->from, from_dir, name, AT_SYMLINK_NOFOLLOW, &st);

	if (r < 0)
		from_failed(c, r);
	else if (S_ISDIR(st.stx_mode))
		copy_directory(c, &st, from_dir, name, to_dir, to_name, depth);
	else if (S_ISREG(st.stx_mode))
		copy_file(c, from_dir, name, to_dir, to_name);
	else if (st.stx_nlink <= 1 || !copy_link(c, &st, to_dir, to_name))
		copy_other(c, &st, from_dir, name, to_dir, to_name);
}

void copy_entry(struct copier *c, int from_dir, const char *name, int to_dir, const char *to_name)
{
	copy_any(c, from_dir, name, to_dir, to_name, 0);
}

void copy_contents(struct copier *c, int from, int to, int depth)
{
	struct dirlist list;
	int r = dirlist_read(c->from, from, &list);

	if (r < 0)
		from_failed(c, r);
	if (list.refused)
		report_fail(c->from->host ? EXIT_OPERAND : EXIT_DAMAGED, 0,
			    "%s: %u names that no file may have", c->source.text, list.refused);
	for (size_t i = 0; i < list.n && !stop_requested(); i++) {
		const char *name = list.entry[i].name;

		if (!pathbuf_push(&c->source, name) || !pathbuf_push(&c->dest, name) ||
		    !pathbuf_push(&c->place, name)) {
			report_fail(EXIT_OPERAND, -ENOMEM, "%s", name);
			break;
		}
		copy_any(c, from, name, to, name, depth);
		pathbuf_pop(&c->source);
		pathbuf_pop(&c->dest);
		pathbuf_pop(&c->place);
	}
	dirlist_free(&list);
}

static uint64_t measure(const struct side *s, int dir, const char *name, int depth)
{
	struct statx st;
	struct dirlist list;
	uint64_t sum = 0;
	int fd;

	if (sys_statx(s, dir, name, AT_SYMLINK_NOFOLLOW, &st) < 0 || stop_requested())
		return 0;
	if (!S_ISDIR(st.stx_mode)) {
		uint64_t held = st.stx_blocks * 512;

		return !S_ISREG(st.stx_mode) ? 0 : held < st.stx_size ? held : st.stx_size;
	}
	fd = depth >= MAX_DEPTH ? -ELOOP :
	     sys_openat(s, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return 0;
	dirlist_read(s, fd, &list);
	for (size_t i = 0; i < list.n; i++)
		sum += measure(s, fd, list.entry[i].name, depth + 1);
	dirlist_free(&list);
	sys_close(s, fd);
	return sum;
}

uint64_t copy_measure(const struct side *s, int dir, const char *name)
{
	return measure(s, dir, name, 0);
}
