/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion ls: list files and directories of images. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "dirlist.h"
#include "entry.h"
#include "json.h"
#include "linkmap.h"
#include "pathbuf.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "term.h"
#include "visit.h"

static struct {
	bool all, lines, directory, recursive;
	bool json, headings, some;
} opt;
static struct linkmap *seen;		/* directories of the operand */

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Also names that begin with a dot", 0 },
	{ "long", 'l', NULL, 0, "Mode, links, owner, group, size and time (UTC)", 0 },
	{ "directory", 'd', NULL, 0, "The directory itself, not what is in it", 0 },
	{ "recursive", 'R', NULL, 0, "Directories in directories, too", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	switch (key) {
	case 'a':
		opt.all = true;
		return 0;
	case 'l':
		opt.lines = true;
		return 0;
	case 'd':
		opt.directory = true;
		return 0;
	case 'R':
		opt.recursive = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void show(int dfd, const char *name, const char *label, struct pathbuf *where)
{
	struct statx st;
	int r = 0;

	memset(&st, 0, sizeof(st));
	if (opt.lines || opt.json)
		r = sys_statx(&donor_side, dfd, name, AT_SYMLINK_NOFOLLOW, &st);
	if (r < 0) {
		if (pathbuf_push(where, label)) {
			report_call(&donor_side, r, "%s", where->text);
			pathbuf_pop(where);
		}
		return;
	}
	if (opt.json) {
		json_open(NULL, '{');
		json_string("directory", where->text);
		json_string("name", label);
		entry_json(dfd, name, &st);
		json_close();
		return;
	}
	if (opt.lines)
		entry_long(dfd, name, &st);
	else
		term_puts(stdout, label);
	putchar('\n');
}

static void list(int fd, struct pathbuf *where, int depth);

static void descend(int fd, const struct dirlist *dir, struct pathbuf *where, int depth)
{
	for (size_t i = 0; i < dir->n && !stop_requested(); i++) {
		const char *name = dir->entry[i].name;
		unsigned char type = dir->entry[i].type;
		int sub;

		if ((!opt.all && name[0] == '.') || (type != 4 && type != 0))
			continue;
		sub = sys_openat(&donor_side, fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
		if (type == 0 && (sub == -ENOTDIR || sub == -ELOOP))
			continue;
		if (!pathbuf_push(where, name)) {
			if (sub >= 0)
				sys_close(&donor_side, sub);
			continue;
		}
		if (sub < 0)
			report_call(&donor_side, sub, "%s", where->text);
		else if (visit_open(seen, sub, where->text, depth))
			list(sub, where, depth + 1);
		if (sub >= 0)
			sys_close(&donor_side, sub);
		pathbuf_pop(where);
	}
}

/* The contents of the directory fd. */
static void list(int fd, struct pathbuf *where, int depth)
{
	struct dirlist dir;
	int r = dirlist_read(&donor_side, fd, &dir);

	if (opt.headings && !opt.json) {
		if (opt.some)
			putchar('\n');
		term_puts(stdout, where->text);
		puts(":");
	}
	opt.some = true;
	for (size_t i = 0; i < dir.n && !stop_requested() && !ferror(stdout); i++) {
		if (opt.all || dir.entry[i].name[0] != '.')
			show(fd, dir.entry[i].name, dir.entry[i].name, where);
	}
	if (r < 0)
		report_call(&donor_side, r, "%s", where->text);
	if (dir.refused)
		report_fail(EXIT_DAMAGED, 0, "%s: %u names that no file may have", where->text,
			    dir.refused);
	if (opt.recursive)
		descend(fd, &dir, where, depth);
	dirlist_free(&dir);
}

static void list_operand(const struct ref *ref)
{
	struct pathbuf where;
	int fd = -1;

	if (!opt.directory) {
		fd = ref_open(ref, O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0 && fd != -ENOTDIR) {
			/* perhaps a link that leads nowhere: then the link itself is shown */
			if (fd != -ENOENT && fd != -ELOOP) {
				report_call(&donor_side, fd, "%s", ref->operand);
				return;
			}
		}
	}
	pathbuf_init(&where, ref->operand);
	if (fd >= 0) {
		seen = linkmap_new();
		if (seen && visit_open(seen, fd, where.text, 0))
			list(fd, &where, 0);
		linkmap_free(seen);
		sys_close(&donor_side, fd);
	} else {
		const char *name;
		struct statx st;
		int dir = ref_open_parent(ref, &name), r = dir;

		if (dir >= 0) {
			if (!*name)
				name = ".";
			r = sys_statx(&donor_side, dir, name, AT_SYMLINK_NOFOLLOW, &st);
			if (r == 0)
				show(dir, name, *ref->path && ref->path[1] ? name : "/", &where);
			sys_close(&donor_side, dir);
		}
		if (r < 0)
			report_call(&donor_side, r, "%s", ref->operand);
	}
	pathbuf_free(&where);
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, false, false);

	opt.json = args->json;
	opt.headings = args->n > 1 || opt.recursive;
	if (opt.json)
		json_open(NULL, '[');
	for (int i = 0; refs && i < args->n && !stop_requested(); i++) {
		if (session_mount(refs[i]) == 0)
			list_operand(refs[i]);
	}
	if (opt.json)
		json_close();
	free(refs);
}

const struct command cmd_ls = {
	.name = "ls", .args_doc = "IMAGE:/PATH...", .options = options, .option = option,
	.json = true, .min = 1, .run = run, .doc = "List directories",
};
