/* SPDX-License-Identifier: BSD-2-Clause */
/* Copying trees; see copy.h. */
#include "copy.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "dirlist.h"
#include "fresh.h"
#include "fstype.h"
#include "report.h"
#include "stop.h"
#include "sys.h"
#include "visit.h"

#define BUF_SIZE (1U << 20)	/* copydata.c's chunk */

/*
 * The destination directory in an image and those above it, up to the root, which is above itself.
 * A source on the host is none of them.
 */
static int note_destination(struct copier *c)
{
	struct dirchain **end = &c->into, *last = NULL;
	int r = 0, fd = sys_openat(c->to, c->to_root, ".", O_PATH | O_DIRECTORY, 0), up;

	for (; fd >= 0; fd = up) {
		struct dirchain *d = calloc(1, sizeof(*d));
		struct statx st;

		r = d ? sys_statx(c->to, fd, "", AT_EMPTY_PATH, &st) : -ENOMEM;
		if (r == 0)
			d->id = file_id(c->to, &st);
		up = r < 0 || (last && same_file(&d->id, &last->id)) ? -1 :
		     sys_openat(c->to, fd, "..", O_PATH | O_DIRECTORY, 0);
		sys_close(c->to, fd);
		if (up < 0) {
			free(d);
			return r;
		}
		*end = d;
		end = &d->up;
		last = d;
	}
	return fd;
}

bool copier_init(struct copier *c)
{
	int r = c->to->host ? 0 : note_destination(c);

	c->links = linkmap_new();
	c->buf = aligned_alloc(4096, BUF_SIZE);
	if (!c->links || !c->buf)
		r = -ENOMEM;
	if (r < 0)
		report_fail(EXIT_OPERAND, r, "preparing the copy");
	return r == 0;
}

void copier_finish(struct copier *c)
{
	if (c->lost_xattrs > 1)
		report_note("%" PRIu64 " extended attributes were not kept", c->lost_xattrs);
	if (c->skipped > 1)
		report_note("%" PRIu64 " device nodes were skipped", c->skipped);
	while (c->into) {
		struct dirchain *d = c->into;

		c->into = d->up;
		free(d);
	}
	linkmap_free(c->links);
	linkmap_free(c->seen);
	free(c->buf);
}

static void from_failed(struct copier *c, int r)
{
	report_call(c->from, r, "%s", c->source.text);
}

static void to_failed(struct copier *c, int r)
{
	if (r == -EALREADY)
		report_fail(EXIT_OPERAND, 0, "%s and %s are the same file", c->source.text,
			    c->dest.text);
	else if (r == -ETXTBSY && c->to->host)
		report_fail(EXIT_OPERAND, 0, "%s: is an image that is in use here", c->dest.text);
	else
		report_call(c->to, r, "%s", c->dest.text);
}

/*
 * The new entry is whole. Where it replaces another, that may be one that an earlier operand
 * made: what was to become a link to it must not become a link to this.
 */
static int done(struct copier *c, struct fresh *new, const struct file_id *id, int r)
{
	if (r >= 0 && new->temp[0])
		linkmap_taken(c->links, c->place.text, id);
	return fresh_done(new, r);
}

/* The file in is open; its copy is the entry name of dir. false: there is no copy */
static bool copy_regular(struct copier *c, int in, const struct statx *st, int dir,
			 const char *name)
{
	struct fresh new = { .side = c->to, .dir = dir, .name = name, .type = S_IFREG };
	struct file_id id = file_id(c->from, st);
	struct meta m = { .from = in, .from_dir = -1, .to_dir = dir };
	bool read_failed, whole;
	int r;

	if (!size_plausible(c->from, in, st, c->from_type)) {
		report_fail(EXIT_DAMAGED, 0, "%s: claims %" PRIu64 " bytes, more than its file "
			    "system has", c->source.text, (uint64_t)st->stx_size);
		return false;
	}
	m.to = fresh_make(&new, &id);
	if (m.to < 0) {
		to_failed(c, m.to);
		return false;
	}
	m.to_name = fresh_name(&new);
	r = copy_data(c, in, m.to, st, &read_failed);
	if (r < 0 && read_failed)
		from_failed(c, r);
	else if (r < 0)
		to_failed(c, r);
	whole = r == 0;
	r = whole ? copy_meta(c, st, &m) : 0;
	if (r < 0)
		to_failed(c, r);
	r = sys_close(c->to, m.to);
	if (r < 0)
		to_failed(c, r);
	r = done(c, &new, &id, whole ? 0 : -ECANCELED);
	if (whole && r < 0)
		to_failed(c, r);
	return r == 0;
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

/* What is to be made for a link or a special file. 1: it cannot be read, reported */
static int describe_other(struct copier *c, const struct statx *st, int from_dir, const char *name,
			  char target[PATH_MAX], struct fresh *new)
{
	new->type = st->stx_mode & S_IFMT;
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode))
		new->rdev = sys_rdev(st);
	if (S_ISLNK(st->stx_mode)) {
		ssize_t n = sys_readlinkat(c->from, from_dir, name, target, PATH_MAX - 1);

		if (n < 0) {
			from_failed(c, (int)n);
			return 1;
		}
		target[n] = '\0';
		new->target = target;
	}
	return 0;
}

/* Device nodes that only root may make on the host are left out with a note. */
static bool skips_device(struct copier *c, const struct statx *st, int r)
{
	if (r != -EPERM || !c->to->host || (!S_ISCHR(st->stx_mode) && !S_ISBLK(st->stx_mode)))
		return false;
	if (c->skipped++ == 0)
		report_note("%s: device nodes need root, skipped ('pillion tar' keeps them)",
			    c->source.text);
	return true;
}

/* A further name of a file that was copied already: true when the link was made. */
static bool copy_link(struct copier *c, const struct statx *st, int to_dir, const char *to_name)
{
	struct file_id id = file_id(c->from, st), old_id;
	const char *first = linkmap_find(c->links, &id, c->place.text), *base;
	struct fresh new = { .side = c->to, .dir = to_dir, .name = to_name };
	struct statx old;
	char *parent;
	int r;

	if (!first)
		return false;
	base = strrchr(first, '/');
	base = base ? base + 1 : first;
	parent = strndup(first, (size_t)(base - first));
	new.old_dir = parent ? sys_open_beneath(c->to, c->to_root, parent) : -ENOMEM;
	new.old_name = base;
	free(parent);
	if (new.old_dir < 0)
		return false;
	r = sys_statx(c->to, new.old_dir, base, AT_SYMLINK_NOFOLLOW, &old);
	if (r == 0) {
		old_id = file_id(c->to, &old);
		r = fresh_make(&new, &old_id);
		if (r == 0)
			r = done(c, &new, &id, 0);
	}
	sys_close(c->to, new.old_dir);
	/* it is that link already; otherwise (FAT, too many links) it becomes a copy */
	return r == 0 || r == -EALREADY;
}

static void copy_other(struct copier *c, const struct statx *st, int from_dir, const char *name,
		       int to_dir, const char *to_name)
{
	struct fresh new = { .side = c->to, .dir = to_dir, .name = to_name };
	struct file_id id = file_id(c->from, st);
	struct meta m = { .from = -1, .from_dir = from_dir, .name = name, .to = -1,
			  .to_dir = to_dir };
	char target[PATH_MAX];
	int r = describe_other(c, st, from_dir, name, target, &new);

	if (r)
		return;
	r = fresh_make(&new, &id);
	if (r == -EPERM && c->to_type && (c->to_type->flags & FS_NO_OWNER)) {
		report_fail(EXIT_OPERAND, 0, "%s: %s has no such files, skipped", c->dest.text,
			    c->to_type->name);
	} else if (r < 0 && !skips_device(c, st, r)) {
		to_failed(c, r);
	} else if (r == 0) {
		m.to_name = fresh_name(&new);
		r = copy_meta(c, st, &m);
		if (r < 0)
			to_failed(c, r);
		r = done(c, &new, &id, 0);
		if (r < 0)
			to_failed(c, r);
	}
}

/* Is it the directory that is copied into, or one that this is in? */
static bool is_destination(const struct copier *c, const struct file_id *id)
{
	for (const struct dirchain *d = c->into; d; d = d->up) {
		if (same_file(&d->id, id))
			return true;
	}
	return false;
}

/* The directory name of to_dir, made or found; *made says which, *id which directory it is. */
static int make_dir(struct copier *c, int to_dir, const char *name, bool *made, struct file_id *id)
{
	struct statx st;
	int r = sys_mkdirat(c->to, to_dir, name, 0700), fd;

	*made = r == 0;
	if (r < 0 && r != -EEXIST)
		return r;
	fd = sys_openat(c->to, to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	r = fd < 0 ? fd : sys_statx(c->to, fd, "", AT_EMPTY_PATH, &st);
	if (r == 0)
		*id = file_id(c->to, &st);
	else if (fd >= 0)
		sys_close(c->to, fd);
	return r < 0 ? r : fd;
}

static void copy_contents(struct copier *c, int from, int to, int depth);

/* The directory m->from, open, to the entry m->to_name of m->to_dir. */
static void copy_opened_directory(struct copier *c, const struct statx *st, struct meta *m,
				  int depth)
{
	const struct file_id id = file_id(c->from, st);
	struct dirchain link = { .up = c->into };
	bool made;
	int r;

	m->to = make_dir(c, m->to_dir, m->to_name, &made, &link.id);
	if (m->to < 0) {
		to_failed(c, m->to);
		return;
	}
	if (same_file(&id, &link.id)) {
		to_failed(c, -EALREADY);
	} else {
		c->into = &link;
		copy_contents(c, m->from, m->to, depth + 1);
		c->into = link.up;
		r = made ? copy_meta(c, st, m) : 0;
		if (r < 0)
			to_failed(c, r);
	}
	sys_close(c->to, m->to);
}

static void copy_directory(struct copier *c, const struct statx *st, int from_dir, const char *name,
			   int to_dir, const char *to_name, int depth)
{
	const struct file_id id = file_id(c->from, st);
	struct meta m = { .from_dir = from_dir, .to_dir = to_dir, .to_name = to_name };

	if (!c->recursive) {
		report_fail(EXIT_OPERAND, 0, "%s: is a directory (use -r)", c->source.text);
		return;
	}
	if (is_destination(c, &id)) {
		report_fail(EXIT_OPERAND, 0, "%s: not copied into itself", c->source.text);
		return;
	}
	if (!visit(c->seen, c->from, st, c->source.text, depth))
		return;
	m.from = sys_openat(c->from, from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (m.from < 0) {
		from_failed(c, m.from);
		return;
	}
	copy_opened_directory(c, st, &m, depth);
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

static void copy_contents(struct copier *c, int from, int to, int depth)
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

/* An operand is a tree of its own: the next one may have directories of it once more. */
static bool begin_operand(struct copier *c)
{
	linkmap_free(c->seen);
	c->seen = linkmap_new();
	if (!c->seen)
		report_fail(EXIT_OPERAND, -ENOMEM, "%s", c->source.text);
	return c->seen != NULL;
}

void copy_entry(struct copier *c, int from_dir, const char *name, int to_dir, const char *to_name)
{
	if (begin_operand(c))
		copy_any(c, from_dir, name, to_dir, to_name, 0);
}

void copy_into(struct copier *c, int from, int to)
{
	struct statx st;
	int r = sys_statx(c->from, from, "", AT_EMPTY_PATH, &st);

	if (r < 0)
		from_failed(c, r);
	else if (begin_operand(c) && visit(c->seen, c->from, &st, c->source.text, 0))
		copy_contents(c, from, to, 1);
}

static uint64_t measure(const struct side *s, struct linkmap *seen, int dir, const char *name)
{
	struct statx st;
	struct file_id id;
	struct dirlist list;
	uint64_t sum = 0;
	int fd;

	if (sys_statx(s, dir, name, AT_SYMLINK_NOFOLLOW, &st) < 0 || stop_requested())
		return 0;
	if (!S_ISDIR(st.stx_mode)) {
		uint64_t held = st.stx_blocks * 512;

		return !S_ISREG(st.stx_mode) ? 0 : held < st.stx_size ? held : st.stx_size;
	}
	id = file_id(s, &st);
	if (linkmap_find(seen, &id, "measured"))
		return 0;
	fd = sys_openat(s, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return 0;
	dirlist_read(s, fd, &list);
	for (size_t i = 0; i < list.n; i++)
		sum += measure(s, seen, fd, list.entry[i].name);
	dirlist_free(&list);
	sys_close(s, fd);
	return sum;
}

uint64_t copy_measure(const struct side *s, int dir, const char *name)
{
	struct linkmap *seen = linkmap_new();
	uint64_t sum = seen ? measure(s, seen, dir, name) : 0;

	linkmap_free(seen);
	return sum;
}
