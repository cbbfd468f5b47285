/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table and the JSON. Interface: bench.h. Locking: none.
 *
 * The JSON is a list of rows {measure, value, unit, against, ratio, bar, holds}; beside these a
 * row has against_value, bar_on (what the bar is for: "value <=" and the like), low and high (of
 * the ratios), pairs, attempts, load_before, load_after, others, machine, note, and skipped (the
 * reason). holds is null where there is no bar or no figure.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

void report_start(void)
{
	printf("%s\n", machine_name());
	if (options.quick)
		printf("A smoke test of the benchmarks: these figures mean nothing.\n");
	printf("%-38s %12s  %-15s %10s %8s %15s %8s %5s %6s\n", "measure", "value", "against", "its",
	    "ratio", "low .. high", "bar", "", "others");
	fflush(stdout);
}

const char *report_bar(const struct row *r, char buf[64])
{
	if (r->on == BAR_NONE)
		return "-";
	snprintf(buf, 64, "%s%g%s", r->at_least ? ">=" : "<=", r->bar, r->on == BAR_RATIO ? "x" : "");
	return buf;
}

void report_row(const struct row *r)
{
	static const char *const verdict[] = { "", "SHORT", "holds" };
	char value[48], its[24] = "-", ratio[24] = "-", spread[40], bar[64];

	if (r->skip) {
		printf("%-38s %s%s%s: %s: %s\n", r->name, r->against ? "against " : "",
		    r->against ? r->against : "", r->against ? " " : "",
		    r->failed ? "could not be measured" : "skipped", r->skip);
		fflush(stdout);
		return;
	}
	snprintf(value, sizeof(value), "%.4g %s", r->f.value, r->unit);
	snprintf(spread, sizeof(spread), "%.3g .. %.3g", r->f.low, r->f.high);
	if (r->against) {
		snprintf(its, sizeof(its), "%.4g", r->f.against);
		snprintf(ratio, sizeof(ratio), "%.3f", r->f.ratio);
	}
	printf("%-38s %12s  %-15s %10s %8s %15s %8s %5s %6.2f\n", r->name, value,
	    r->against ? r->against : "-", its, ratio, spread, report_bar(r, bar),
	    verdict[row_holds(r) + 1], r->f.others);
	fflush(stdout);
}

static void json_text(FILE *f, const char *key, const char *s)
{
	fprintf(f, ", \"%s\": ", key);
	if (!s) {
		fprintf(f, "null");
		return;
	}
	putc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(f, "\\u%04x", *s);
		else
			putc(*s, f);
	}
	putc('"', f);
}

static void json_number(FILE *f, const char *key, bool known, double v)
{
	if (known)
		fprintf(f, ", \"%s\": %.6g", key, v);
	else
		fprintf(f, ", \"%s\": null", key);
}

static void json_row(FILE *f, const struct row *r)
{
	static const char *const truth[] = { "null", "false", "true" };
	bool measured = !r->skip, pairs = measured && r->against;
	char on[16];

	snprintf(on, sizeof(on), "%s %s", r->on == BAR_RATIO ? "ratio" : "value",
	    r->at_least ? ">=" : "<=");
	fprintf(f, "  {\"measure\": \"%s\"", r->name);
	json_number(f, "value", measured, r->f.value);
	json_text(f, "unit", r->unit);
	json_text(f, "against", r->against);
	json_number(f, "ratio", pairs, r->f.ratio);
	json_number(f, "bar", r->on != BAR_NONE, r->bar);
	fprintf(f, ", \"holds\": %s", truth[row_holds(r) + 1]);
	json_number(f, "against_value", pairs, r->f.against);
	json_text(f, "bar_on", r->on == BAR_NONE ? NULL : on);
	json_number(f, "low", measured, r->f.low);
	json_number(f, "high", measured, r->f.high);
	json_number(f, "pairs", measured, r->f.pairs);
	json_number(f, "attempts", measured, r->f.attempts);
	json_number(f, "load_before", measured, r->f.load_before);
	json_number(f, "load_after", measured, r->f.load_after);
	json_number(f, "others", measured, r->f.others);
	json_text(f, "note", r->note);
	json_text(f, "skipped", r->skip);
	json_text(f, "machine", machine_name());
	fprintf(f, ", \"quick\": %s}%s\n", options.quick ? "true" : "false", r->next ? "," : "");
}

static int json(void)
{
	FILE *f = fopen(options.json, "we");
	int bad;

	if (!f) {
		perror(options.json);
		return -1;
	}
	fprintf(f, "[\n");
	for (const struct row *r = rows(); r; r = r->next)
		json_row(f, r);
	fprintf(f, "]\n");
	bad = ferror(f);
	if (fclose(f) || bad) {
		perror(options.json);
		return -1;
	}
	return 0;
}

/* Each note once, with the rows in their order. */
static void notes(void)
{
	const char *before = "";

	printf("\nWhat was done, on both sides alike:\n");
	for (const struct row *r = rows(); r; r = r->next) {
		if (r->note && strcmp(r->note, before))
			printf("- %s: %s\n", r->name, r->note);
		before = r->note ? r->note : "";
	}
	printf("Ratios are medians of pairs, Pillion's figure by the counterpart's. others: the\n"
	    "processors that programs other than the benchmark's kept busy beside the row.\n");
}

int report_end(void)
{
	unsigned failed = 0, shorts = 0, holds = 0;
	char bar[64];

	notes();
	printf("\n");
	for (const struct row *r = rows(); r; r = r->next) {
		failed += r->failed;
		holds += row_holds(r) == 1;
		shorts += row_holds(r) == 0;
	}
	printf("%u bars hold, %u fall short%s\n", holds, shorts, shorts ? ":" : ".");
	for (const struct row *r = rows(); r; r = r->next)
		if (row_holds(r) == 0)
			printf("  %s: %.4g %s%s, bar %s\n", r->name,
			    r->on == BAR_RATIO ? r->f.ratio : r->f.value,
			    r->on == BAR_RATIO ? "of " : r->unit,
			    r->on == BAR_RATIO ? r->against : "", report_bar(r, bar));
	for (const struct row *r = rows(); r; r = r->next)
		if (r->failed)
			printf("  could not be measured: %s: %s\n", r->name, r->skip);
	if (options.json && json())
		return 1;
	return failed ? 1 : 0;
}
