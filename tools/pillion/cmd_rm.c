/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion rm: remove files, and with -r directories, from an image. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "dirlist.h"
#include "linkmap.h"
#include "pathbuf.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "visit.h"

static bool force, recursive;
static struct linkmap *seen;		/* directories of the operand */

static const struct argp_option options[] = {
	{ "force", 'f', NULL, 0, "It is fine when a file is not there", 0 },
	{ "recursive", 'r', NULL, 0, "Remove directories and what is in them", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key == 'f')
		force = true;
	else if (key == 'r')
		recursive = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static int remove_tree(int dir, const char *name, struct pathbuf *where, int depth)
{
	struct dirlist list;
	int fd, r;

	if (stop_requested())
		return -EINTR;
	fd = sys_openat(&donor_side, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	if (!visit_open(seen, fd, where->text, depth)) {
		sys_close(&donor_side, fd);
		return -ENOTEMPTY;
	}
	r = dirlist_read(&donor_side, fd, &list);
	if (r < 0)
		report_call(&donor_side, r, "%s", where->text);
	for (size_t i = 0; i < list.n && r != -EINTR; i++) {
		const char *entry = list.entry[i].name;

		if (!pathbuf_push(where, entry))
			break;
		r = sys_unlinkat(&donor_side, fd, entry, 0);
		if (r == -EISDIR)
			r = remove_tree(fd, entry, where, depth + 1);
		if (r < 0 && r != -ENOTEMPTY)
			report_call(&donor_side, r, "%s", where->text);
		pathbuf_pop(where);
	}
	dirlist_free(&list);
	sys_close(&donor_side, fd);
	return r == -EINTR ? r : sys_unlinkat(&donor_side, dir, name, AT_REMOVEDIR);
}

static int remove_operand(struct ref *ref)
{
	struct pathbuf where;
	const char *name;
	int dir = ref_open_parent(ref, &name), r;

	if (dir < 0)
		return dir == -ENOENT && force ? 0 : dir;
	if (!*name) {
		sys_close(&donor_side, dir);
		return -EINVAL;		/* the root, or a name that depends on where one stands */
	}
	r = sys_unlinkat(&donor_side, dir, name, 0);
	if (r == -EISDIR && recursive) {
		pathbuf_init(&where, ref->operand);
		seen = linkmap_new();
		r = seen ? remove_tree(dir, name, &where, 0) : -ENOMEM;
		linkmap_free(seen);
		pathbuf_free(&where);
	}
	sys_close(&donor_side, dir);
	if (r == -EISDIR) {
		report_fail(EXIT_OPERAND, 0, "%s: is a directory (use -r)", ref->operand);
		r = 0;
	}
	return r == -ENOENT && force ? 0 : r;
}

static void run(struct args *args)
{
	change_images(args, remove_operand);
}

const struct command cmd_rm = {
	.name = "rm", .args_doc = "IMAGE:/PATH...", .options = options, .option = option,
	.min = 1, .run = run, .doc = "Remove files and directories",
};
