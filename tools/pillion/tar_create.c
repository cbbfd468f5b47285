/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion tar -c; see tar.h. */
#include <errno.h>
#include <inttypes.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "copy.h"
#include "dirlist.h"
#include "entry.h"
#include "linkmap.h"
#include "pathbuf.h"
#include "progress.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "tar.h"
#include "taracl.h"
#include "tarlib.h"
#include "term.h"
#include "visit.h"
#include "xattr.h"

#define CHUNK (1U << 20)
#define RECORD 10240		/* tar's customary block */
#define ZEROES (1UL << 30)
#define SPARSE_MAX (1UL << 46)	/* beyond, passing a file's holes takes too long */

struct writer {
	struct archive *archive;
	struct linkmap *links;	/* where in the archive an inode with several names is */
	struct linkmap *seen;	/* directories that were entered */
	struct pathbuf where;	/* for messages */
	struct pathbuf name;	/* in the archive */
	int out;
	int failed;		/* -errno of the output: nothing more can be written */
	char *buf;
	const char *zeroes;	/* ZEROES bytes, never touched */
	const struct fstype *fs;
};

static la_ssize_t put(struct archive *a, void *arg, const void *data, size_t len)
{
	struct writer *w = arg;
	int r = sys_write_all(&host_side, w->out, data, len);

	if (r == 0)
		return (la_ssize_t)len;
	w->failed = r;
	archive_set_error(a, -r, "%s", strerror(-r));
	return ARCHIVE_FATAL;
}

static void add_xattr(void *arg, const char *name, const void *value, size_t len)
{
	if (!acl_to_entry(arg, name, value, len))
		archive_entry_xattr_add_entry(arg, name, value, len);
}

/* Tell libarchive where the data is; the rest is holes. */
static void add_holes(struct archive_entry *e, int fd, const struct statx *st)
{
	off_t off = 0, end, size = (off_t)st->stx_size;

	if (st->stx_blocks * 512 >= st->stx_size)
		return;
	while (off < size) {
		off = sys_lseek(&donor_side, fd, off, SEEK_DATA);
		if (off < 0)
			break;
		end = sys_lseek(&donor_side, fd, off, SEEK_HOLE);
		if (end <= off)
			break;
		archive_entry_sparse_add_entry(e, off, end - off);
		off = end;
	}
	if (archive_entry_sparse_count(e) == 0)		/* nothing but a hole */
		archive_entry_sparse_add_entry(e, size, 0);
}

static void set_stat(struct archive_entry *e, const struct statx *st)
{
	archive_entry_set_mode(e, st->stx_mode);
	archive_entry_set_uid(e, st->stx_uid);
	archive_entry_set_gid(e, st->stx_gid);
	archive_entry_set_nlink(e, st->stx_nlink);
	archive_entry_set_mtime(e, st->stx_mtime.tv_sec, st->stx_mtime.tv_nsec);
	archive_entry_set_atime(e, st->stx_atime.tv_sec, st->stx_atime.tv_nsec);
	archive_entry_set_size(e, S_ISREG(st->stx_mode) ? (la_int64_t)st->stx_size : 0);
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode))
		archive_entry_set_rdev(e, makedev(st->stx_rdev_major, st->stx_rdev_minor));
}

static void read_failed(struct writer *w, int r)
{
	report_call(&donor_side, r, "%s", w->where.text);
}

/* false: the archive cannot go on */
static bool put_header(struct writer *w, struct archive_entry *e)
{
	int r = archive_write_header(w->archive, e);

	if (r == ARCHIVE_OK || w->failed)
		return !w->failed;
	/* names that are not UTF-8 are written as they are, with hdrcharset=BINARY */
	if (r == ARCHIVE_WARN && !utf8_valid(w->name.text, w->name.len))
		return true;
	report_fail(EXIT_OPERAND, 0, "%s: %s", w->where.text, archive_error_string(w->archive));
	return r == ARCHIVE_WARN;
}

/* libarchive wants the holes, too, and drops them without looking: they need not be read. */
static uint64_t put_hole(struct writer *w, int fd, uint64_t off, uint64_t size)
{
	off_t data = sys_lseek(&donor_side, fd, (off_t)off, SEEK_DATA);
	uint64_t end = data == -ENXIO ? size : data < 0 ? off : (uint64_t)data;

	for (uint64_t n; off < end && !stop_requested(); off += n) {
		n = end - off < ZEROES ? end - off : ZEROES;
		if (archive_write_data(w->archive, w->zeroes, n) < 0)
			break;
	}
	return end;
}

static void put_data(struct writer *w, int fd, uint64_t size, bool sparse)
{
	for (uint64_t done = 0; done < size && !stop_requested();) {
		ssize_t n;

		if (sparse)
			done = put_hole(w, fd, done, size);
		if (done >= size)
			break;
		n = sys_pread(&donor_side, fd, w->buf, CHUNK, (off_t)done);
		if (n <= 0) {
			/* the header has promised size bytes: libarchive fills up with zeroes */
			read_failed(w, n < 0 ? (int)n : -EIO);
			return;
		}
		if (archive_write_data(w->archive, w->buf, (size_t)n) < 0)
			return;
		progress_add((uint64_t)n);
		done += (uint64_t)n;
	}
}

static void put_tree(struct writer *w, int fd, int depth);

static void put_opened(struct writer *w, struct archive_entry *e, const struct statx *st, int dir,
		       const char *name, int depth)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | (S_ISDIR(st->stx_mode) ? O_DIRECTORY : 0);
	int fd = sys_openat(&donor_side, dir, name, flags, 0), r;

	if (fd < 0) {
		read_failed(w, fd);
		return;
	}
	if (S_ISREG(st->stx_mode) &&
	    (st->stx_size > SPARSE_MAX || !size_plausible(&donor_side, fd, st, w->fs))) {
		report_fail(EXIT_DAMAGED, 0, "%s: claims %" PRIu64 " bytes, skipped", w->where.text,
			    (uint64_t)st->stx_size);
		sys_close(&donor_side, fd);
		return;
	}
	r = xattr_each(&donor_side, fd, NULL, add_xattr, e);
	if (r < 0 && r != -EOPNOTSUPP)
		read_failed(w, r);
	if (S_ISREG(st->stx_mode))
		add_holes(e, fd, st);
	if (put_header(w, e)) {
		if (S_ISREG(st->stx_mode))
			put_data(w, fd, st->stx_size, st->stx_blocks * 512 < st->stx_size);
		else if (visit(w->seen, &donor_side, st, w->where.text, depth))
			put_tree(w, fd, depth + 1);
	}
	sys_close(&donor_side, fd);
}

static void put_entry(struct writer *w, int dir, const char *name, int depth)
{
	struct archive_entry *e = archive_entry_new();
	const char *first = NULL, *target;
	struct file_id id;
	struct statx st;
	int r = sys_statx(&donor_side, dir, name, AT_SYMLINK_NOFOLLOW, &st);

	if (r < 0) {
		read_failed(w, r);
	} else if (S_ISSOCK(st.stx_mode)) {
		report_note("%s: tar has no sockets, skipped", w->where.text);
	} else {
		archive_entry_set_pathname(e, w->name.text);
		set_stat(e, &st);
		id = file_id(&donor_side, &st);
		if (!S_ISDIR(st.stx_mode) && st.stx_nlink > 1)
			first = linkmap_find(w->links, &id, w->name.text);
		if (first) {
			archive_entry_set_hardlink(e, first);
			archive_entry_set_size(e, 0);
			put_header(w, e);
		} else if (S_ISREG(st.stx_mode) || S_ISDIR(st.stx_mode)) {
			put_opened(w, e, &st, dir, name, depth);
		} else {
			target = S_ISLNK(st.stx_mode) ? entry_target(dir, name, &r) : "";
			if (S_ISLNK(st.stx_mode) && target)
				archive_entry_set_symlink(e, target);
			r = target ? xattr_each(&donor_side, dir, name, add_xattr, e) : r;
			if (r < 0 && r != -EOPNOTSUPP)
				read_failed(w, r);
			if (target)
				put_header(w, e);
		}
	}
	archive_entry_free(e);
}

static void put_tree(struct writer *w, int fd, int depth)
{
	struct dirlist list;
	int r = dirlist_read(&donor_side, fd, &list);

	if (r < 0)
		read_failed(w, r);
	if (list.refused)
		report_fail(EXIT_DAMAGED, 0, "%s: %u names that no file may have", w->where.text,
			    list.refused);
	for (size_t i = 0; i < list.n && !w->failed && !stop_requested(); i++) {
		const char *name = list.entry[i].name;

		if (!pathbuf_push(&w->where, name) || !pathbuf_push(&w->name, name)) {
			report_fail(EXIT_OPERAND, -ENOMEM, "%s", name);
			break;
		}
		put_entry(w, fd, name, depth);
		pathbuf_pop(&w->where);
		pathbuf_pop(&w->name);
	}
	dirlist_free(&list);
}

static void create(struct writer *w, const struct ref *ref)
{
	int dir = ref_open(ref, O_PATH | O_DIRECTORY, 0);
	const char *name = ".";

	if (dir == -ENOTDIR)
		dir = ref_open_parent(ref, &name);
	if (dir < 0) {
		report_call(&donor_side, dir, "%s", ref->operand);
		return;
	}
	pathbuf_init(&w->name, name);
	if (progress_wanted())
		progress_total(copy_measure(&donor_side, dir, name));
	put_entry(w, dir, name, 0);
	pathbuf_free(&w->name);
	sys_close(&donor_side, dir);
}

static void finish(struct writer *w)
{
	/* An archive that was broken off must not look complete: no end-of-archive mark. */
	if (stop_requested() || w->failed)
		archive_write_fail(w->archive);
	else if (archive_write_close(w->archive) != ARCHIVE_OK && !w->failed)
		report_fail(EXIT_OPERAND, 0, "archive: %s", archive_error_string(w->archive));
	if (w->failed == -EPIPE)
		report_status(EXIT_OPERAND);
	else if (w->failed)
		report_call(&host_side, w->failed, "archive");
	archive_write_free(w->archive);
}

void tar_create(const struct ref *ref, int out)
{
	struct writer w = { .archive = archive_write_new(), .links = linkmap_new(),
			    .seen = linkmap_new(), .out = out,
			    .buf = aligned_alloc(4096, CHUNK), .fs = ref_fstype(ref),
			    .zeroes = mmap(NULL, ZEROES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
					   MAP_NORESERVE, -1, 0) };

	if (!w.archive || !w.links || !w.seen || !w.buf || w.zeroes == MAP_FAILED) {
		report_fail(EXIT_OPERAND, -ENOMEM, "archive");
		return;
	}
	pathbuf_init(&w.where, ref->operand);
	archive_write_set_format_pax(w.archive);
	archive_write_set_options(w.archive, "pax:xattrheader=SCHILY");
	archive_write_set_bytes_per_block(w.archive, 100 * RECORD);
	archive_write_set_bytes_in_last_block(w.archive, RECORD);
	if (archive_write_open(w.archive, &w, NULL, put, NULL) == ARCHIVE_OK)
		create(&w, ref);
	finish(&w);
	pathbuf_free(&w.where);
	linkmap_free(w.links);
	linkmap_free(w.seen);
	free(w.buf);
}
