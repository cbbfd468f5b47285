/* SPDX-License-Identifier: BSD-2-Clause */
/* Pairs of samples, and rows made of them. Interface: bench.h. Locking: none. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define OTHERS_MAX	0.15	/* processors that others may use beside a row */

static struct row *first, **last = &first;
static char why[256];

int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return -1;
}

const char *failure(void)
{
	return why;
}

const struct row *rows(void)
{
	return first;
}

bool row_wanted(const char *name)
{
	return !options.only || strstr(name, options.only);
}

static char *copy(const char *s)
{
	char *c = s ? strdup(s) : NULL;

	if (s && !c)
		abort();
	return c;
}

static struct row *row_new(const struct measure *m)
{
	struct row *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->name = copy(m->name);
	r->unit = copy(m->unit);
	r->against = copy(m->against);
	r->note = copy(m->note);
	r->skip = copy(m->skip ? m->skip : m->broken);
	r->failed = !m->skip && m->broken;
	r->on = m->on;
	r->bar = m->bar;
	r->at_least = m->at_least;
	*last = r;
	last = &r->next;
	return r;
}

static int one_pair(const struct measure *m, bool theirs_first, double *ours, double *theirs)
{
	if (stopped)
		return fail("interrupted");
	if (m->theirs && theirs_first && m->theirs(m->theirs_arg, theirs))
		return -1;
	if (m->ours(m->ours_arg, ours))
		return -1;
	if (m->theirs && !theirs_first && m->theirs(m->theirs_arg, theirs))
		return -1;
	if (*ours <= 0 || (m->theirs && *theirs <= 0))
		return fail("a figure that is not above zero");
	return 0;
}

static int attempt(const struct measure *m, unsigned pairs, struct figures *f)
{
	double ours[MAX_PAIRS], theirs[MAX_PAIRS], ratio[MAX_PAIRS], *spread;
	struct usage u;

	memset(f, 0, sizeof(*f));
	machine_calm();
	f->load_before = machine_load();
	usage_begin(&u);
	for (unsigned i = 0; i < pairs; i++) {
		if (one_pair(m, i % 2, &ours[i], &theirs[i]))
			return -1;
		ratio[i] = m->theirs ? ours[i] / theirs[i] : 0;
	}
	f->others = usage_others(&u);
	f->load_after = machine_load();
	f->pairs = pairs;
	f->value = median(ours, pairs);
	spread = ours;
	if (m->theirs) {
		f->against = median(theirs, pairs);
		f->ratio = median(ratio, pairs);
		spread = ratio;
	}
	f->low = spread[0];
	f->high = spread[pairs - 1];
	return 0;
}

void measure(const struct measure *m)
{
	unsigned pairs = m->pairs && !options.quick ? m->pairs : options.pairs;
	unsigned n;
	double begin = now();
	struct figures f;
	struct row *r;

	if (!row_wanted(m->name))
		return;
	r = row_new(m);
	for (n = 1; !r->skip && n <= options.attempts; n++) {
		if (attempt(m, pairs, &f)) {
			r->failed = true;
			r->skip = copy(failure());
			break;
		}
		if (n == 1 || f.others < r->f.others)
			r->f = f;
		r->f.attempts = n;
		if (r->f.others <= OTHERS_MAX || now() - begin > options.patience)
			break;
	}
	report_row(r);
}

int row_holds(const struct row *r)
{
	double v = r->on == BAR_RATIO ? r->f.ratio : r->f.value;

	if (r->on == BAR_NONE || r->skip)
		return -1;
	return r->at_least ? v >= r->bar : v <= r->bar;
}
