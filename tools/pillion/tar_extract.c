/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pillion tar -x; see tar.h.
 *
 * Names are looked up inside the image from its root, so that links, absolute or with "..", stay
 * in the image; names with a ".." of their own are refused, a leading slash is dropped.
 * Directories get their times and default access control lists at the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "copy.h"
#include "fresh.h"
#include "progress.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "tar.h"
#include "taracl.h"
#include "tarlib.h"

#define CHUNK (1U << 20)
#define ACL_MAX 1024		/* some 120 users and groups */

/* A directory, for the end: its times, and the default list that what is put in would inherit. */
struct later {
	struct later *next;
	struct statx st;
	size_t acl_len;
	char acl[ACL_MAX];
	char path[];
};

struct reader {
	struct archive *archive;
	struct copier c;	/* owner policy and notes */
	const struct ref *ref;
	struct later *later;
	int in;
	int failed;		/* -errno of reading the stream */
	char *buf;
};

static la_ssize_t get(struct archive *a, void *arg, const void **data)
{
	struct reader *r = arg;
	ssize_t n = sys_read(&host_side, r->in, r->buf, CHUNK);

	*data = r->buf;
	if (n >= 0)
		return n;
	r->failed = (int)n;
	archive_set_error(a, (int)-n, "%s", strerror((int)-n));
	return ARCHIVE_FATAL;
}

/* The path in the image of a name in the archive; NULL: refused (*err) */
static char *image_path(const struct reader *r, const char *name, int *err)
{
	size_t room = strlen(r->ref->path) + strlen(name) + 3;
	char *path = malloc(room), *copy = strdup(name), *save = NULL;

	*err = -ENOMEM;
	if (path && copy) {
		char *end = stpcpy(path, r->ref->path);

		*err = 0;
		for (char *p = strtok_r(copy, "/", &save); p; p = strtok_r(NULL, "/", &save)) {
			if (strcmp(p, ".") == 0)
				continue;
			if (strcmp(p, "..") == 0)
				*err = -EXDEV;
			if (end[-1] != '/')
				*end++ = '/';
			end = stpcpy(end, p);
		}
	}
	free(copy);
	if (*err == 0)
		return path;
	free(path);
	return NULL;
}

static int open_dir(const struct reader *r, const char *path)
{
	return sys_open_in_root(&donor_side, r->ref->root, *path ? path : "/",
				O_PATH | O_DIRECTORY, 0);
}

/* The directory above path, made if need be; *name is path's last component. */
static int open_parent(const struct reader *r, char *path, const char **name)
{
	char *slash = strrchr(path, '/');
	int dir, up;
	const char *up_name;

	*name = slash + 1;
	*slash = '\0';
	dir = open_dir(r, path);
	if (dir == -ENOENT && *path) {
		up = open_parent(r, path, &up_name);
		if (up >= 0) {
			dir = sys_mkdirat(&donor_side, up, up_name, 0755);
			sys_close(&donor_side, up);
			if (dir == 0 || dir == -EEXIST)
				dir = open_dir(r, path);
		}
	}
	*slash = '/';
	return dir;
}

static void fill_stat(struct archive_entry *e, struct statx *st)
{
	memset(st, 0, sizeof(*st));
	st->stx_mode = (uint16_t)archive_entry_mode(e);
	st->stx_uid = (uint32_t)archive_entry_uid(e);
	st->stx_gid = (uint32_t)archive_entry_gid(e);
	st->stx_size = (uint64_t)archive_entry_size(e);
	st->stx_mtime.tv_sec = archive_entry_mtime(e);
	st->stx_mtime.tv_nsec = (uint32_t)archive_entry_mtime_nsec(e);
	st->stx_atime = st->stx_mtime;
	if (archive_entry_atime_is_set(e)) {
		st->stx_atime.tv_sec = archive_entry_atime(e);
		st->stx_atime.tv_nsec = (uint32_t)archive_entry_atime_nsec(e);
	}
}

static int set_acl(struct reader *r, struct archive_entry *e, const struct statx *st,
		   const struct meta *m)
{
	char value[ACL_MAX];
	size_t len = acl_from_entry(e, ACL_ATTR_ACCESS, value, sizeof(value));

	return len ? meta_xattr(&r->c, st, m, ACL_ATTR_ACCESS, value, len) : 0;
}

static int set_attributes(struct reader *r, struct archive_entry *e, const struct statx *st,
			  const struct meta *m, bool times)
{
	const char *name;
	const void *value;
	size_t len;
	int err = meta_owner_mode(&r->c, st, m);

	archive_entry_xattr_reset(e);
	while (err == 0 && archive_entry_xattr_next(e, &name, &value, &len) == ARCHIVE_OK) {
		if (strcmp(name, ACL_ATTR_DEFAULT) != 0)
			err = meta_xattr(&r->c, st, m, name, value, len);
	}
	if (err == 0 && !S_ISLNK(st->stx_mode))
		err = set_acl(r, e, st, m);
	return err == 0 && times ? meta_times(&r->c, st, m) : err;
}

static int take_data(struct reader *r, int fd, uint64_t size)
{
	const void *data;
	size_t len;
	la_int64_t off;
	int err = 0;

	while (err == 0) {
		int got = archive_read_data_block(r->archive, &data, &len, &off);

		if (got == ARCHIVE_EOF)
			return sys_ftruncate(&donor_side, fd, (off_t)size);
		if (got < ARCHIVE_WARN) {
			report_fail(EXIT_OPERAND, 0, "archive: %s",
				    archive_error_string(r->archive));
			return -ECANCELED;
		}
		err = stop_requested() ? -EINTR :
		      sys_pwrite_all(&donor_side, fd, data, len, (off_t)off);
		progress_add(len);
	}
	return err;
}

static int take_file(struct reader *r, struct archive_entry *e, const struct statx *st, int dir,
		     const char *name)
{
	struct fresh new = { .side = &donor_side, .dir = dir, .name = name, .type = S_IFREG };
	struct meta m = { .from = -1, .from_dir = -1, .to_dir = dir };
	int err, done;

	m.to = fresh_make(&new, NULL);
	if (m.to < 0)
		return m.to;
	m.to_name = fresh_name(&new);
	err = take_data(r, m.to, st->stx_size);
	done = err;
	if (err == 0)
		err = set_attributes(r, e, st, &m, true);
	sys_close(&donor_side, m.to);
	done = fresh_done(&new, done);
	return err < 0 ? err : done;
}

/* The default list: GNU tar writes it as one or as an attribute, or both. */
static size_t default_acl(struct archive_entry *e, char buf[ACL_MAX])
{
	size_t len = acl_from_entry(e, ACL_ATTR_DEFAULT, buf, ACL_MAX), n;
	const char *name;
	const void *value;

	archive_entry_xattr_reset(e);
	while (len == 0 && archive_entry_xattr_next(e, &name, &value, &n) == ARCHIVE_OK) {
		if (strcmp(name, ACL_ATTR_DEFAULT) == 0 && n <= ACL_MAX) {
			memcpy(buf, value, n);
			len = n;
		}
	}
	return len;
}

/*
 * Where there is a link to a directory of the image (as /lib in many), that is the one. Anything
 * else that has the name, such as a link that leads nowhere in the image, gives way.
 */
static int open_directory(struct reader *r, int dir, const char *name, const char *path)
{
	int fd, err = *name ? sys_mkdirat(&donor_side, dir, name, 0700) : -EEXIST;

	if (err < 0 && err != -EEXIST)
		return err;
	fd = sys_open_in_root(&donor_side, r->ref->root, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd != -ENOENT && fd != -ENOTDIR && fd != -ELOOP)
		return fd;
	err = sys_unlinkat(&donor_side, dir, name, 0);
	if (err == 0)
		err = sys_mkdirat(&donor_side, dir, name, 0700);
	return err < 0 ? err : sys_open_in_root(&donor_side, r->ref->root, path,
						O_RDONLY | O_DIRECTORY, 0);
}

static int take_directory(struct reader *r, struct archive_entry *e, const struct statx *st,
			  int dir, const char *name, const char *path)
{
	struct meta m = { .from = -1, .from_dir = -1, .to_dir = dir, .to_name = name };
	struct later *l;
	int err;

	m.to = open_directory(r, dir, name, path);
	if (m.to < 0)
		return m.to;
	err = set_attributes(r, e, st, &m, false);
	sys_close(&donor_side, m.to);
	l = malloc(sizeof(*l) + strlen(path) + 1);
	if (!l)
		return -ENOMEM;
	l->st = *st;
	l->acl_len = default_acl(e, l->acl);
	strcpy(l->path, path);
	l->next = r->later;
	r->later = l;
	return err;
}

static int take_other(struct reader *r, struct archive_entry *e, const struct statx *st, int dir,
		      const char *name)
{
	struct fresh new = { .side = &donor_side, .dir = dir, .name = name,
			     .type = st->stx_mode & S_IFMT };
	struct meta m = { .from = -1, .from_dir = -1, .to = -1, .to_dir = dir };
	int err, done;

	new.target = archive_entry_symlink(e);
	if (!new.type || (S_ISLNK(st->stx_mode) && !new.target))
		return -EINVAL;
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode))
		new.rdev = makedev((unsigned)archive_entry_rdevmajor(e),
				   (unsigned)archive_entry_rdevminor(e));
	err = fresh_make(&new, NULL);
	if (err < 0)
		return err;
	m.to_name = fresh_name(&new);
	err = set_attributes(r, e, st, &m, true);
	done = fresh_done(&new, 0);
	return err < 0 ? err : done;
}

static int take_link(struct reader *r, const char *target, int dir, const char *name)
{
	struct fresh new = { .side = &donor_side, .dir = dir, .name = name };
	struct file_id id;
	struct statx st;
	int err;
	char *path = image_path(r, target, &err);

	if (!path)
		return err;
	new.old_dir = open_parent(r, path, &new.old_name);
	err = new.old_dir < 0 ? new.old_dir :
	      sys_statx(&donor_side, new.old_dir, new.old_name, AT_SYMLINK_NOFOLLOW, &st);
	if (err == 0) {
		id = file_id(&donor_side, &st);
		err = fresh_make(&new, &id);
		if (err == 0)
			err = fresh_done(&new, 0);
	}
	if (new.old_dir >= 0)
		sys_close(&donor_side, new.old_dir);
	free(path);
	return err == -EALREADY ? 0 : err;
}

static int take_at(struct reader *r, struct archive_entry *e, char *path)
{
	const char *name;
	struct statx st;
	int dir = open_parent(r, path, &name), err;

	if (dir < 0)
		return dir;
	fill_stat(e, &st);
	if (archive_entry_hardlink(e))
		err = take_link(r, archive_entry_hardlink(e), dir, name);
	else if (S_ISDIR(st.stx_mode))
		err = take_directory(r, e, &st, dir, name, path);
	else if (!*name)
		err = -EISDIR;
	else if (S_ISREG(st.stx_mode))
		err = take_file(r, e, &st, dir, name);
	else
		err = take_other(r, e, &st, dir, name);
	sys_close(&donor_side, dir);
	return err;
}

static void take(struct reader *r, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);
	int err = -EINVAL;
	char *path = name ? image_path(r, name, &err) : NULL;

	pathbuf_init(&r->c.dest, r->ref->operand);
	pathbuf_push(&r->c.dest, name ? name : "(no name)");
	if (path)
		err = take_at(r, e, path);
	if (err == -EXDEV)
		report_fail(EXIT_OPERAND, 0, "%s: refused, a name with \"..\"", r->c.dest.text);
	else if (err < 0 && err != -ECANCELED)
		report_call(&donor_side, err, "%s", r->c.dest.text);
	pathbuf_free(&r->c.dest);
	free(path);
}

/*
 * The list is in reverse order of the archive: what is deepest comes first, as its times would be
 * changed otherwise.
 */
static void finish_directories(struct reader *r)
{
	while (r->later) {
		struct later *l = r->later;
		struct meta m = { .from = -1, .from_dir = -1, .to_dir = -1 };
		int err;

		m.to = sys_open_in_root(&donor_side, r->ref->root, l->path,
					O_RDONLY | O_DIRECTORY, 0);
		err = m.to < 0 ? m.to : 0;
		if (err == 0 && l->acl_len)
			err = meta_xattr(&r->c, &l->st, &m, ACL_ATTR_DEFAULT, l->acl, l->acl_len);
		if (err == 0)
			err = meta_times(&r->c, &l->st, &m);
		if (err < 0)
			report_call(&donor_side, err, "%s: its attributes", l->path);
		if (m.to >= 0)
			sys_close(&donor_side, m.to);
		r->later = l->next;
		free(l);
	}
}

static void extract(struct reader *r)
{
	struct archive_entry *e;
	int got = archive_read_open(r->archive, r, NULL, get, NULL);

	while (got >= ARCHIVE_WARN && !stop_requested()) {
		got = archive_read_next_header(r->archive, &e);
		if (got == ARCHIVE_EOF)
			break;
		if (got >= ARCHIVE_WARN)
			take(r, e);
	}
	if (got < ARCHIVE_WARN && r->failed)
		report_call(&host_side, r->failed, "reading the archive");
	else if (got < ARCHIVE_WARN)
		report_fail(EXIT_OPERAND, 0, "archive: %s (a compressed one: unpack it in a pipe, "
			    "as with 'zcat FILE | pillion tar -x ...')",
			    archive_error_string(r->archive));
	finish_directories(r);
}

void tar_extract(struct ref *ref, int in, const struct owner *owner)
{
	struct reader r = { .archive = archive_read_new(), .ref = ref, .in = in,
			    .buf = aligned_alloc(4096, CHUNK) };
	int dir = ref_open(ref, O_PATH | O_DIRECTORY, 0);

	if (dir < 0) {
		report_call(&donor_side, dir, "%s", ref->operand);
	} else if (r.archive && r.buf) {
		sys_close(&donor_side, dir);
		r.c = (struct copier){ .from = &host_side, .to = &donor_side, .medium.fd = -1,
				       .owner = *owner, .to_type = ref_fstype(ref) };
		archive_read_support_format_tar(r.archive);
		extract(&r);
		copier_finish(&r.c);
	}
	if (r.archive)
		archive_read_free(r.archive);
	free(r.buf);
}
