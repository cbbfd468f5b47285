/* SPDX-License-Identifier: BSD-2-Clause */
/* What several commands share; see cmd.h. */
#include "cmd.h"

#include <stdlib.h>

#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"

struct ref **start_on_images(const struct args *args, bool write, bool whole)
{
	struct ref **refs = calloc((size_t)args->n, sizeof(struct ref *));
	bool ok = refs != NULL;

	for (int i = 0; ok && i < args->n; i++) {
		refs[i] = session_ref(args->op[i].text, args->op[i].part, write, whole);
		ok = refs[i] != NULL;
	}
	if (ok) {
		session_open();
		if (session_start(SANDBOX_STREAMS) == 0)
			return refs;
	}
	free(refs);
	return NULL;
}

void change_images(const struct args *args, int (*change)(struct ref *ref))
{
	struct ref **refs = start_on_images(args, true, false);

	for (int i = 0; refs && i < args->n && !stop_requested(); i++) {
		int r = session_mount(refs[i]) == 0 ? change(refs[i]) : 0;

		if (r < 0)
			report_call(&donor_side, r, "%s", refs[i]->operand);
	}
	free(refs);
}
