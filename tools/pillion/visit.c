/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories that a walk has entered; see visit.h. */
#include "visit.h"

#include <errno.h>

#include "linkmap.h"
#include "report.h"
#include "sys.h"

#define MAX_DEPTH 2048

bool visit(struct linkmap *seen, const struct side *s, const struct statx *st, const char *where,
	   int depth)
{
	struct file_id id = file_id(s, st);
	const char *before = s->host ? NULL : linkmap_find(seen, &id, where);

	if (before)
		report_fail(EXIT_DAMAGED, 0, "%s: is the directory %s once more, not entered",
			    where, before);
	else if (depth >= MAX_DEPTH)
		report_call(s, -ELOOP, "%s", where);
	return !before && depth < MAX_DEPTH;
}

bool visit_open(struct linkmap *seen, int fd, const char *where, int depth)
{
	struct statx st;
	int r = sys_statx(&donor_side, fd, "", AT_EMPTY_PATH, &st);

	if (r < 0)
		report_call(&donor_side, r, "%s", where);
	return r == 0 && visit(seen, &donor_side, &st, where, depth);
}
