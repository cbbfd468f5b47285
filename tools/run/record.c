/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the guest; see record.h. */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console.h"
#include "options.h"
#include "report.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void records_init(struct records *r, bool show)
{
	memset(r, 0, sizeof(*r));
	r->show = show;
	r->status = -1;
	r->begin = now();
}

static void add_phase(struct records *r, char *text)
{
	char *space = strchr(text, ' ');
	struct phase *p = &r->phase[r->nphases];
	uint64_t ns;

	if (!space || r->nphases == MAX_PHASES)
		return;
	*space = '\0';
	if (!parse_number(space + 1, UINT64_MAX, &ns))
		return;
	/* its length is checked: a longer one is no phase */
	if ((size_t)(space - text) >= sizeof(p->name))
		return;
	memcpy(p->name, text, (size_t)(space - text) + 1);
	p->ns = ns;
	p->at = now() - r->begin;
	r->nphases++;
}

static void end_with(struct records *r, int status, const char *what, const char *text)
{
	r->status = status;
	if (!what)
		return;
	console_restore();		/* lines end as they should again */
	report_fail((enum exit_status)status, 0, "%s: %s", what, text);
}

static void take_line(struct records *r)
{
	uint64_t status;

	r->line[r->len] = '\0';
	if (strcmp(r->line, "input") == 0)
		r->input = true;
	else if (strncmp(r->line, "phase ", 6) == 0)
		add_phase(r, r->line + 6);
	else if (r->status >= 0)
		return;			/* the first word holds */
	else if (strncmp(r->line, "exit ", 5) == 0 && parse_number(r->line + 5, 255, &status))
		end_with(r, (int)status, NULL, NULL);
	else if (strncmp(r->line, "panic ", 6) == 0)
		end_with(r, PILLION_STATUS_PANIC, "panic", r->line + 6);
	else if (strncmp(r->line, "oom ", 4) == 0)
		end_with(r, PILLION_STATUS_NOMEM, "out of memory (give it more with --mem)",
			 r->line + 4);
	else if (strncmp(r->line, "mount ", 6) == 0)
		end_with(r, PILLION_STATUS_MOUNT, "cannot mount", r->line + 6);
}

void records_take(struct records *r, const char *text, size_t len)
{
	for (; len > 0; text++, len--) {
		if (*text == '\n') {
			take_line(r);
			r->len = 0;
		} else if (r->len < sizeof(r->line) - 1) {
			r->line[r->len++] = *text;
		}
	}
}

bool records_status(const struct records *r, int *status)
{
	*status = r->status;
	return r->status >= 0;
}

void records_end(struct records *r)
{
	unsigned long long before = 0;

	for (size_t i = 0; r->show && i < r->nphases; i++) {
		const struct phase *p = &r->phase[i];

		report_note("%-20s %10.3f ms  (+%.3f; %.3f s after QEMU's start)", p->name,
			    (double)p->ns / 1e6, ((double)p->ns - (double)before) / 1e6, p->at);
		before = p->ns;
	}
}
