/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion mkdir: make directories in an image. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "session.h"
#include "sys.h"

static struct {
	bool parents;
	mode_t mode;
} opt = { .mode = 0755 };

static const struct argp_option options[] = {
	{ "parents", 'p' + 256, NULL, 0, "Also the directories above; existing is fine", 0 },
	{ "mode", 'm', "MODE", 0, "Permissions, octal (0755)", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	char *end;

	switch (key) {
	case 'p' + 256:
		opt.parents = true;
		return 0;
	case 'm':
		opt.mode = (mode_t)strtoul(arg, &end, 8);
		if (*end || end == arg || opt.mode > 07777)
			argp_error(state, "'%s' is not an octal mode", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Exactly mode: the donor's umask and set-group-ID inheritance do not decide. */
static int make(int dir, const char *name, mode_t mode)
{
	int r = sys_mkdirat(&donor_side, dir, name, mode & 0777);

	if (r == 0 && (mode & 07000))
		r = sys_fchmodat(&donor_side, dir, name, mode);
	return r;
}

/* Each component above the last; links are followed inside the image. */
static int make_parents(struct ref *ref)
{
	char *full = ref->path;
	int r = 0;

	for (char *p = full + 1; (p = strchr(p, '/')) && r >= 0; p++) {
		const char *name;
		int dir;

		*p = '\0';
		dir = ref_open_parent(ref, &name);
		r = dir < 0 ? dir : make(dir, name, 0755);
		if (dir >= 0)
			sys_close(&donor_side, dir);
		if (r == -EEXIST || !*name)
			r = 0;
		*p = '/';
	}
	return r;
}

static int mkdir_operand(struct ref *ref)
{
	const char *name;
	int dir, r = opt.parents ? make_parents(ref) : 0;

	if (r < 0)
		return r;
	dir = ref_open_parent(ref, &name);
	if (dir < 0)
		return dir;
	r = *name ? make(dir, name, opt.mode) : -EEXIST;
	sys_close(&donor_side, dir);
	if (r == -EEXIST && opt.parents) {
		dir = ref_open(ref, O_PATH | O_DIRECTORY, 0);
		if (dir >= 0) {
			sys_close(&donor_side, dir);
			r = 0;
		}
	}
	return r;
}

static void run(struct args *args)
{
	change_images(args, mkdir_operand);
}

const struct command cmd_mkdir = {
	.name = "mkdir", .args_doc = "IMAGE:/PATH...", .options = options, .option = option,
	.min = 1, .run = run, .doc = "Make directories",
};
