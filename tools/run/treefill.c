/* SPDX-License-Identifier: BSD-2-Clause */
/* Filling the tree from directories of the host; see tree.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dirlist.h"
#include "report.h"
#include "sys.h"
#include "tree.h"
#include "treefill.h"

#define MAX_DEPTH 256
#define MAX_LINKS 40

int sysroot_open(struct sysroot *root, const char *dir)
{
	root->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	root->name = strcmp(dir, "/") == 0 ? "" : dir;
	if (root->fd >= 0)
		return 0;
	report_fail(EXIT_RUN, -errno, "%s", dir);
	return -1;
}

int sysroot_open_file(const struct sysroot *root, const char *path)
{
	/* not blocking: it might be a FIFO by now */
	int fd = sys_open_in_root(&host_side, root->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
}

static char *read_link(int fd)
{
	char buf[PATH_MAX];
	ssize_t n = readlinkat(fd, "", buf, sizeof(buf) - 1);

	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	return strdup(buf);
}

/*
 * An entry like the file open in fd (O_PATH), which is from in root: NULL: reported. *st is told.
 */
static struct tree_entry *entry_like(const struct tree *t, const struct sysroot *root, int fd,
				     const char *from, const char *path, struct stat *st)
{
	struct tree_entry *e = calloc(1, sizeof(*e));

	if (!e || fstat(fd, st) != 0)
		goto fail;
	e->path = strdup(path);
	e->from = strdup(from);
	e->mode = st->st_mode;
	e->uid = t->owners ? st->st_uid : 0;
	e->gid = t->owners ? st->st_gid : 0;
	/* a file that changes its owner gives nobody that owner's rights */
	if (e->uid != st->st_uid || e->gid != st->st_gid)
		e->mode &= ~(mode_t)(S_ISUID | S_ISGID);
	e->mtime = st->st_mtime;
	e->rdev = st->st_rdev;
	e->root = root;
	if (S_ISREG(st->st_mode))
		e->size = (uint64_t)st->st_size;
	if (S_ISLNK(st->st_mode))
		e->target = read_link(fd);
	if (e->path && e->from && (e->target || !S_ISLNK(st->st_mode)))
		return e;
fail:
	report_fail(EXIT_RUN, -errno, "%s%s", root->name, from);
	if (e) {
		free(e->path);
		free(e->from);
	}
	free(e);
	return NULL;
}

int tree_add_path(struct tree *t, const struct sysroot *root, const char *path)
{
	char at[PATH_MAX] = "", rest[2 * PATH_MAX], next[2 * PATH_MAX], *p = rest;
	int links = 0;

	if ((size_t)snprintf(rest, sizeof(rest), "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	while (p += strspn(p, "/"), *p) {
		size_t len = strcspn(p, "/"), parent = strlen(at);
		struct tree_entry *e;
		struct stat st = { 0 };
		int fd;

		if (!path_push(at, p, len))
			return -ENAMETOOLONG;
		p += len;
		if (!*at)
			continue;
		fd = sys_open_in_root(&host_side, root->fd, at, O_PATH | O_NOFOLLOW, 0);
		if (fd < 0)
			return fd;
		e = entry_like(t, root, fd, at, at, &st);
		close(fd);
		if (!e)
			return -1;
		if (S_ISDIR(st.st_mode))
			e->mtime = 0;	/* what else is in it is not packed: nor when that came */
		if (S_ISLNK(st.st_mode)) {
			if (++links > MAX_LINKS || strlen(e->target) + strlen(p) >= PATH_MAX)
				return -ELOOP;
			snprintf(next, sizeof(next), "%s%s", e->target, p);
			at[e->target[0] == '/' ? 0 : parent] = '\0';
			p = strcpy(rest, next);
		} else if (p[strspn(p, "/")] && !S_ISDIR(st.st_mode)) {
			return -ENOTDIR;
		}
		if (tree_put(t, e) != 0)
			return -1;
	}
	return 0;
}

static int add_tree(struct tree *t, const struct sysroot *root, const char *from, const char *path,
		    int depth);

static int add_children(struct tree *t, const struct sysroot *root, const char *from,
			const char *path, int depth)
{
	int fd = sys_open_in_root(&host_side, root->fd, *from ? from : "/",
				  O_RDONLY | O_DIRECTORY, 0);
	struct dirlist list;
	int r = fd < 0 ? fd : dirlist_read(&host_side, fd, &list);

	if (fd >= 0)
		close(fd);
	if (r < 0) {
		report_fail(EXIT_RUN, r, "%s%s", root->name, from);
		return -1;
	}
	for (size_t i = 0; i < list.n && r == 0; i++) {
		char inner[PATH_MAX], target[PATH_MAX];

		if (snprintf(inner, PATH_MAX, "%s/%s", from, list.entry[i].name) >= PATH_MAX ||
		    snprintf(target, PATH_MAX, "%s/%s", path, list.entry[i].name) >= PATH_MAX) {
			report_fail(EXIT_RUN, -ENAMETOOLONG, "%s%s", root->name, from);
			r = -1;
		} else {
			r = add_tree(t, root, inner, target, depth + 1);
		}
	}
	dirlist_free(&list);
	return r;
}

static int add_tree(struct tree *t, const struct sysroot *root, const char *from, const char *path,
		    int depth)
{
	int flags = O_PATH | (depth ? O_NOFOLLOW : 0);
	int fd = sys_open_in_root(&host_side, root->fd, *from ? from : "/", flags, 0);
	struct tree_entry *e;
	struct stat st = { 0 };

	if (fd < 0 || depth > MAX_DEPTH) {
		report_fail(EXIT_RUN, fd < 0 ? fd : -ELOOP, "%s%s", root->name, from);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	e = entry_like(t, root, fd, from, *path ? path : "/", &st);
	close(fd);
	if (!e)
		return -1;
	if (S_ISSOCK(st.st_mode)) {
		report_note("%s%s: a socket, left out", root->name, from);
		free(e->path);
		free(e->from);
		free(e);
		return 0;
	}
	if (tree_put(t, e) != 0)
		return -1;
	return S_ISDIR(st.st_mode) ? add_children(t, root, from, path, depth) : 0;
}

int tree_add_copy(struct tree *t, const struct sysroot *root, const char *from, const char *path)
{
	char clean[PATH_MAX], source[PATH_MAX];
	size_t n = (size_t)snprintf(clean, sizeof(clean), "%s", path);
	size_t m = (size_t)snprintf(source, sizeof(source), "%s", from);

	if (n >= sizeof(clean) || m >= sizeof(source)) {
		report_fail(EXIT_RUN, -ENAMETOOLONG, "%s", from);
		return -1;
	}
	while (n > 0 && clean[n - 1] == '/')
		clean[--n] = '\0';
	while (m > 0 && source[m - 1] == '/')
		source[--m] = '\0';
	return add_tree(t, root, source, clean, 0);
}
