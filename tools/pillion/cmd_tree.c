/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion tree: a directory and what is below it, drawn. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "dirlist.h"
#include "entry.h"
#include "linkmap.h"
#include "pathbuf.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "term.h"
#include "visit.h"

static bool all;
static uint64_t directories, files;
static struct linkmap *seen;		/* directories of the operand */

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Also names that begin with a dot", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != 'a')
		return ARGP_ERR_UNKNOWN;
	all = true;
	return 0;
}

static void draw(int fd, struct pathbuf *where, struct pathbuf *lines, int depth);

/* The directory name of fd, below lines with one bar more. */
static void draw_below(int fd, const char *name, const char *bar, struct pathbuf *where,
		       struct pathbuf *lines, int depth)
{
	int sub = sys_openat(&donor_side, fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	size_t len = lines->len;

	if (sub < 0) {
		report_call(&donor_side, sub, "%s", where->text);
		return;
	}
	/* a pathbuf serves as a growing string: the slash of push() is cut off again */
	if (visit_open(seen, sub, where->text, depth) && pathbuf_push(lines, bar)) {
		memmove(lines->text + len, bar, strlen(bar) + 1);
		lines->len = len + strlen(bar);
		draw(sub, where, lines, depth + 1);
		lines->len = len;
		lines->text[len] = '\0';
	}
	sys_close(&donor_side, sub);
}

static void draw_entry(int fd, const struct dirlist_entry *e, bool last, struct pathbuf *where,
		       struct pathbuf *lines, int depth)
{
	bool utf8 = term_is_utf8();
	struct statx st = { .stx_mode = 0 };
	int r = sys_statx(&donor_side, fd, e->name, AT_SYMLINK_NOFOLLOW, &st), err;

	fputs(lines->text, stdout);
	if (utf8)
		fputs(last ? "\u2514\u2500\u2500 " : "\u251c\u2500\u2500 ", stdout);
	else
		fputs(last ? "`-- " : "|-- ", stdout);
	term_puts(stdout, e->name);
	if (S_ISLNK(st.stx_mode)) {
		const char *target = entry_target(fd, e->name, &err);

		fputs(" -> ", stdout);
		term_puts(stdout, target ? target : "?");
	}
	putchar('\n');
	if (!pathbuf_push(where, e->name))
		return;
	if (r < 0)
		report_call(&donor_side, r, "%s", where->text);
	if (S_ISDIR(st.stx_mode)) {
		directories++;
		draw_below(fd, e->name, last ? "    " : utf8 ? "\u2502   " : "|   ", where, lines,
			   depth);
	} else {
		files++;
	}
	pathbuf_pop(where);
}

static void draw(int fd, struct pathbuf *where, struct pathbuf *lines, int depth)
{
	struct dirlist dir;
	int r = dirlist_read(&donor_side, fd, &dir);
	size_t last = dir.n;

	for (size_t i = 0; i < dir.n; i++) {
		if (all || dir.entry[i].name[0] != '.')
			last = i;
	}
	for (size_t i = 0; i < dir.n && !stop_requested() && !ferror(stdout); i++) {
		if (all || dir.entry[i].name[0] != '.')
			draw_entry(fd, &dir.entry[i], i == last, where, lines, depth);
	}
	if (r < 0)
		report_call(&donor_side, r, "%s", where->text);
	if (dir.refused)
		report_fail(EXIT_DAMAGED, 0, "%s: %u names that no file may have", where->text,
			    dir.refused);
	dirlist_free(&dir);
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, false, false);

	for (int i = 0; refs && i < args->n && !stop_requested(); i++) {
		struct pathbuf where, lines;
		int fd;

		if (session_mount(refs[i]) != 0)
			continue;
		fd = ref_open(refs[i], O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0) {
			report_call(&donor_side, fd, "%s", refs[i]->operand);
			continue;
		}
		pathbuf_init(&where, refs[i]->operand);
		pathbuf_init(&lines, "");
		term_puts(stdout, refs[i]->operand);
		putchar('\n');
		seen = linkmap_new();
		if (seen && visit_open(seen, fd, where.text, 0))
			draw(fd, &where, &lines, 0);
		linkmap_free(seen);
		sys_close(&donor_side, fd);
		pathbuf_free(&where);
		pathbuf_free(&lines);
	}
	if (refs)
		printf("\n%" PRIu64 " directories, %" PRIu64 " files\n", directories, files);
	free(refs);
}

const struct command cmd_tree = {
	.name = "tree", .args_doc = "IMAGE:/PATH...", .options = options, .option = option,
	.min = 1, .run = run, .doc = "Draw a directory and what is below it",
};
