/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion ln: make hard links and symbolic links in an image. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "report.h"
#include "session.h"
#include "sys.h"

static bool symbolic;

static const struct argp_option options[] = {
	{ "symbolic", 's', NULL, 0, "A symbolic link: TARGET is its text", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != 's')
		return ARGP_ERR_UNKNOWN;
	symbolic = true;
	return 0;
}

/*
 * The directory for the new link and its name there: an existing directory takes the target's
 * name.
 */
static int open_place(const struct ref *link, const char *target, const char **name)
{
	const char *slash = strrchr(target, '/');
	int dir = ref_open(link, O_PATH | O_DIRECTORY, 0);

	*name = slash ? slash + 1 : target;
	return dir >= 0 ? dir : ref_open_parent(link, name);
}

static int make_link(const struct ref *target, const char *text, const struct ref *link)
{
	const char *name, *oldname;
	int dir = open_place(link, target ? target->path : text, &name), old, r;

	if (dir < 0)
		return dir;
	if (target) {
		old = ref_open_parent(target, &oldname);
		r = old < 0 ? old : !*oldname ? -EPERM : sys_linkat(&donor_side, old, oldname, dir, name);
		if (old >= 0)
			sys_close(&donor_side, old);
	} else {
		r = sys_symlinkat(&donor_side, text, dir, name);
	}
	sys_close(&donor_side, dir);
	return r;
}

static void run(struct args *args)
{
	const char *text = args->op[0].text;
	struct ref *target = NULL, *link;
	int r;

	if (!symbolic) {
		target = session_ref(text, args->op[0].part, true, false);
		if (!target)
			return;
	}
	link = session_ref(args->op[1].text, args->op[1].part, true, false);
	if (!link || session_open() != 0 || session_start(SANDBOX_STREAMS) != 0)
		return;
	if (session_mount(link) != 0 || (target && session_mount(target) != 0))
		return;
	if (target && target->mnt != link->mnt) {
		report_fail(EXIT_USE, 0, "a hard link stays inside one file system");
		return;
	}
	r = make_link(target, text, link);
	if (r < 0)
		report_call(&donor_side, r, "%s", link->operand);
}

const struct command cmd_ln = {
	.name = "ln", .args_doc = "IMAGE:/TARGET IMAGE:/LINK\n-s TARGET IMAGE:/LINK",
	.options = options, .option = option, .min = 2, .max = 2, .run = run,
	.doc = "Make hard and symbolic links",
};
