/* SPDX-License-Identifier: BSD-2-Clause */
/* The archive: newc cpio, written by libarchive; see <pillion/image.h> for what is in it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pillion/image.h>

#include "pack.h"
#include "report.h"
#include "sys.h"
#include "tarlib.h"
#include "tree.h"

#define CHUNK (1U << 18)
#define MAX_FILE 0xffffffffULL		/* the format's */

struct writer {
	struct archive *archive;
	char *buf;
	int fd;
	int failed;			/* of writing: -errno */
	int64_t ino;
};

static ssize_t put(struct archive *a, void *arg, const void *buf, size_t len)
{
	struct writer *w = arg;
	int r = sys_write_all(&host_side, w->fd, buf, len);

	if (r == 0)
		return (ssize_t)len;
	w->failed = r;
	archive_set_error(a, -r, "%s", strerror(-r));
	return -1;
}

static int write_failed(const struct writer *w, const char *path)
{
	if (w->failed)
		report_fail(EXIT_RUN, w->failed, "writing the archive");
	else
		report_fail(EXIT_RUN, 0, "%s: %s", path, archive_error_string(w->archive));
	return -1;
}

static int put_header(struct writer *w, const char *path, const struct tree_entry *e)
{
	struct archive_entry *h = archive_entry_new();
	int r;

	if (!h) {
		report_fail(EXIT_RUN, -ENOMEM, "%s", path);
		return -1;
	}
	archive_entry_set_pathname(h, path);
	archive_entry_set_mode(h, e->mode);
	archive_entry_set_uid(h, e->uid);
	archive_entry_set_gid(h, e->gid);
	/* the format has 32 bits for a time */
	archive_entry_set_mtime(h, e->mtime < 0 || e->mtime > UINT32_MAX ? 0 : e->mtime, 0);
	archive_entry_set_nlink(h, 1);
	archive_entry_set_ino64(h, ++w->ino);
	archive_entry_set_size(h, S_ISREG(e->mode) ? (int64_t)e->size : 0);
	if (S_ISLNK(e->mode))
		archive_entry_set_symlink(h, e->target);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode))
		archive_entry_set_rdev(h, e->rdev);
	r = archive_write_header(w->archive, h);
	archive_entry_free(h);
	/* a warning is about a name that is not in the locale's character set; it is kept */
	return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : write_failed(w, path);
}

static int put_file(struct writer *w, const struct tree_entry *e)
{
	int fd = sysroot_open_file(e->root, e->from);
	uint64_t left = e->size;
	ssize_t n = fd;

	while (left > 0 && n >= 0) {
		n = sys_read(&host_side, fd, w->buf, left < CHUNK ? left : CHUNK);
		if (n <= 0)
			break;
		if (archive_write_data(w->archive, w->buf, (size_t)n) < 0) {
			close(fd);
			return write_failed(w, e->path);
		}
		left -= (uint64_t)n;
	}
	if (fd >= 0)
		close(fd);
	if (n < 0)
		report_fail(EXIT_RUN, (int)n, "%s%s", e->root->name, e->from);
	else if (left > 0)
		report_fail(EXIT_RUN, 0, "%s%s: it became shorter while it was read", e->root->name,
			    e->from);
	return n < 0 || left > 0 ? -1 : 0;
}

static int put_entry(const struct tree_entry *e, void *arg)
{
	struct writer *w = arg;

	if (S_ISREG(e->mode) && e->size > MAX_FILE) {
		report_fail(EXIT_RUN, 0, "%s%s: larger than 4 GiB, too large to be packed: put it "
			    "on a --disk", e->root ? e->root->name : "", e->path);
		return -1;
	}
	if (put_header(w, e->path + 1, e) != 0)
		return -1;
	if (!S_ISREG(e->mode))
		return 0;
	if (!e->data)
		return e->from ? put_file(w, e) : 0;
	return archive_write_data(w->archive, e->data, e->size) < 0 ? write_failed(w, e->path) : 0;
}

static int put_config(struct writer *w, const char *config)
{
	struct tree_entry dir = { .mode = S_IFDIR | 0700 };
	struct tree_entry file = { .mode = S_IFREG | 0600, .size = strlen(config) };

	if (put_header(w, ".pillion", &dir) != 0 ||
	    put_header(w, PILLION_CONFIG_NAME, &file) != 0)
		return -1;
	if (archive_write_data(w->archive, config, file.size) < 0)
		return write_failed(w, PILLION_CONFIG_NAME);
	return 0;
}

int archive_write_tree(int fd, const struct tree *tree, const char *config)
{
	struct writer w = { .fd = fd };
	int r = -1;

	if (!tar_library())
		return -1;
	w.archive = archive_write_new();
	w.buf = malloc(CHUNK);
	if (w.archive && w.buf && archive_write_set_format_cpio_newc(w.archive) == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(w.archive, 1) == ARCHIVE_OK &&
	    archive_write_open(w.archive, &w, NULL, put, NULL) == ARCHIVE_OK) {
		r = put_config(&w, config);
		if (r == 0)
			r = tree_walk(tree, put_entry, &w);
		if (r == 0 && archive_write_close(w.archive) != ARCHIVE_OK)
			r = write_failed(&w, "archive");
	} else {
		report_fail(EXIT_RUN, -ENOMEM, "archive");
	}
	if (w.archive) {
		if (r != 0)
			archive_write_fail(w.archive);
		archive_write_free(w.archive);
	}
	free(w.buf);
	return r;
}
