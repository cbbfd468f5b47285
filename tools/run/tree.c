/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of the guest's files; see tree.h. Filling it from the host's files: treefill.c. */
#include "tree.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "treefill.h"

#define MAX_ENTRIES (1U << 20)
#define MAX_LINKS 40
#define RESERVED "/.pillion"		/* the configuration's */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct tree_entry *)a)->path, ((const struct tree_entry *)b)->path);
}

static struct tree_entry *lookup(const struct tree *t, const char *path)
{
	struct tree_entry key = { .path = (char *)path }, **node;

	node = tfind(&key, (void *const *)&t->nodes, by_path);
	return node ? *node : NULL;
}

bool path_push(char path[PATH_MAX], const char *name, size_t len)
{
	size_t at = strlen(path);

	if (len == 0 || (len == 1 && name[0] == '.'))
		return true;
	if (len == 2 && memcmp(name, "..", 2) == 0) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
		return true;
	}
	if (at + 1 + len >= PATH_MAX)
		return false;
	path[at] = '/';
	memcpy(path + at + 1, name, len);
	path[at + 1 + len] = '\0';
	return true;
}

/*
 * path without ".", ".." and links that the tree has; the last component is left a link if !last.
 * false: too many links, or too long.
 */
static bool resolve(const struct tree *t, const char *path, bool last, char out[PATH_MAX])
{
	char rest[2 * PATH_MAX], *p = rest;
	int links = 0;

	out[0] = '\0';
	if ((size_t)snprintf(rest, sizeof(rest), "%s", path) >= PATH_MAX)
		return false;
	while (*p) {
		size_t skip = strspn(p, "/"), len = strcspn(p + skip, "/"), parent = strlen(out);
		const struct tree_entry *e;
		char next[2 * PATH_MAX];

		p += skip;
		if (!path_push(out, p, len))
			return false;
		p += len;
		e = lookup(t, out);
		if (!e || !S_ISLNK(e->mode) || (!last && !p[strspn(p, "/")]))
			continue;
		if (++links > MAX_LINKS || strlen(e->target) + strlen(p) >= PATH_MAX)
			return false;
		snprintf(next, sizeof(next), "%s%s", e->target, p);
		out[e->target[0] == '/' ? 0 : parent] = '\0';
		p = strcpy(rest, next);
	}
	if (!*out)
		strcpy(out, "/");
	return true;
}

static void free_entry(struct tree_entry *e)
{
	free(e->path);
	free(e->target);
	free(e->data);
	free(e->from);
	free(e);
}

/* e is the tree's from now on. */
static int insert(struct tree *t, struct tree_entry *e)
{
	if (t->count >= MAX_ENTRIES) {
		report_fail(EXIT_RUN, 0, "%s: too many files", e->path);
		free_entry(e);
		return -1;
	}
	if (!tsearch(e, &t->nodes, by_path)) {
		report_fail(EXIT_RUN, -ENOMEM, "%s", e->path);
		free_entry(e);
		return -1;
	}
	t->count++;
	t->bytes += S_ISREG(e->mode) ? e->size : 0;
	return 0;
}

static bool same_source(const struct tree_entry *a, const struct tree_entry *b)
{
	if ((a->mode & S_IFMT) != (b->mode & S_IFMT))
		return false;
	if (S_ISDIR(a->mode))
		return true;
	if (S_ISLNK(a->mode))
		return strcmp(a->target, b->target) == 0;
	return a->root == b->root && a->from && b->from && strcmp(a->from, b->from) == 0;
}

/* The directories above path; the root directory, "/", is no entry. */
static int add_parents(struct tree *t, char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct tree_entry *e;

		*slash = '\0';
		e = lookup(t, path);
		if (e && !S_ISDIR(e->mode)) {
			report_fail(EXIT_RUN, 0, "%s: in the guest this is to be a file and a "
				    "directory", path);
			return -1;
		}
		if (!e) {
			e = calloc(1, sizeof(*e));
			if (!e || !(e->path = strdup(path))) {
				report_fail(EXIT_RUN, -ENOMEM, "%s", path);
				free(e);
				return -1;
			}
			e->mode = S_IFDIR | 0755;
			e->implied = true;
			if (insert(t, e) != 0)
				return -1;
		}
		*slash = '/';
	}
	return 0;
}

/* e comes where old is already. */
static int meet(struct tree *t, struct tree_entry *old, struct tree_entry *e)
{
	struct tree_entry swap = *old;
	bool dirs = S_ISDIR(old->mode) || S_ISDIR(e->mode);
	int r = 0;

	if (same_source(old, e) ? old->implied : !dirs && old->layer < e->layer) {
		t->bytes -= S_ISREG(old->mode) ? old->size : 0;
		t->bytes += S_ISREG(e->mode) ? e->size : 0;
		*old = *e;
		*e = swap;
		/* the key stays the node's: they are equal */
	} else if (!same_source(old, e)) {
		report_fail(EXIT_RUN, 0, "%s: in the guest two different files are to be here",
			    old->path);
		r = -1;
	}
	free_entry(e);
	return r;
}

int tree_put(struct tree *t, struct tree_entry *e)
{
	char path[PATH_MAX];
	struct tree_entry *old;

	if (!resolve(t, e->path, S_ISDIR(e->mode), path)) {
		report_fail(EXIT_RUN, -ELOOP, "%s", e->path);
		free_entry(e);
		return -1;
	}
	free(e->path);
	e->path = strdup(path);
	old = e->path ? lookup(t, path) : NULL;
	if (!e->path || strcmp(path, "/") == 0) {
		free_entry(e);
		return 0;
	}
	if (strncmp(path, RESERVED, sizeof(RESERVED) - 1) == 0 &&
	    (!path[sizeof(RESERVED) - 1] || path[sizeof(RESERVED) - 1] == '/')) {
		report_note("%s: left out, the name is reserved", path);
		free_entry(e);
		return 0;
	}
	e->layer = t->layer;
	if (old)
		return meet(t, old, e);
	if (add_parents(t, path) != 0) {
		free_entry(e);
		return -1;
	}
	return insert(t, e);
}

int tree_add_text(struct tree *t, const char *path, mode_t mode, const char *text)
{
	struct tree_entry *e;

	if (tree_find(t, path))
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e) {
		report_fail(EXIT_RUN, -ENOMEM, "%s", path);
		return -1;
	}
	e->path = strdup(path);
	e->mode = mode & S_IFMT ? mode : mode | S_IFREG;
	e->data = text ? strdup(text) : NULL;
	e->size = text ? strlen(text) : 0;
	return tree_put(t, e);
}

const struct tree_entry *tree_find(const struct tree *t, const char *path)
{
	char real[PATH_MAX];

	return resolve(t, path, true, real) ? lookup(t, real) : NULL;
}

struct walk {
	int (*call)(const struct tree_entry *e, void *arg);
	void *arg;
	int result;
};

static void visit(const void *node, VISIT which, void *arg)
{
	struct walk *w = arg;

	if ((which == postorder || which == leaf) && w->result == 0)
		w->result = w->call(*(struct tree_entry *const *)node, w->arg);
}

int tree_walk(const struct tree *t, int (*call)(const struct tree_entry *e, void *arg), void *arg)
{
	struct walk w = { call, arg, 0 };

	twalk_r(t->nodes, visit, &w);
	return w.result;
}
