/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion mv: rename and move inside one file system of an image. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"

/* Into the directory `into`, or (into < 0) to the name that the destination operand gives. */
static void move(const struct ref *src, const struct ref *dst, int into)
{
	const char *name, *newname;
	int from = ref_open_parent(src, &name), to = into, r = from;

	if (from >= 0 && into < 0) {
		to = ref_open_parent(dst, &newname);
		r = to;
	} else {
		newname = name;
	}
	if (r >= 0 && (!*name || !*newname))
		r = -EBUSY;		/* no name to change: "/", ".", ".." */
	else if (r >= 0)
		r = sys_renameat(&donor_side, from, name, to, newname);
	if (r < 0)
		report_call(&donor_side, r, "%s to %s", src->operand, dst->operand);
	if (into < 0 && to >= 0)
		sys_close(&donor_side, to);
	if (from >= 0)
		sys_close(&donor_side, from);
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, true, false);
	const struct ref *dst;
	int into;

	if (!refs)
		return;
	dst = refs[args->n - 1];
	for (int i = 0; i < args->n; i++) {
		if (session_mount(refs[i]) != 0)
			goto out;
		if (refs[i]->mnt != refs[0]->mnt) {
			report_fail(EXIT_USE, 0, "the operands are in different file systems: use "
				    "'pillion cp -r' and 'pillion rm -r'");
			goto out;
		}
	}
	into = ref_open(dst, O_PATH | O_DIRECTORY, 0);
	if (into < 0 && args->n > 2) {
		report_call(&donor_side, into, "%s", dst->operand);
		goto out;
	}
	for (int i = 0; i < args->n - 1 && !stop_requested(); i++)
		move(refs[i], dst, into);
	if (into >= 0)
		sys_close(&donor_side, into);
out:
	free(refs);
}

const struct command cmd_mv = {
	.name = "mv", .args_doc = "IMAGE:/OLD... IMAGE:/NEW", .min = 2, .run = run,
	.doc = "Rename or move files inside one file system",
};
