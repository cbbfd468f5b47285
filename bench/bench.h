/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Side-by-side measurements.
 *
 * A row compares one figure of Pillion with the same figure of a counterpart, or with a fixed bar
 * only. Samples are taken in pairs, one of each, the first of a pair alternating; the row's ratio
 * is the median of the pairs' ratios, its value the median of Pillion's samples. What the rest of
 * the machine did meanwhile is told from the processors' busy time less that of the benchmark's
 * own processes; a row measured beside too much of it is measured again, a bounded number of
 * times, and the quietest attempt counts.
 *
 * Locking: none; one thread. Functions return 0 or -1 where they say so, and fail() keeps why.
 */
#ifndef BENCH_H
#define BENCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MAX_PAIRS 31

/* What the command line chose. */
struct options {
	bool quick;		/* a smoke test: few and short samples; figures mean nothing */
	unsigned pairs;		/* of an ordinary row */
	unsigned attempts;	/* at a row beside which others were busy */
	double patience;	/* seconds: a row is not begun again after that */
	char **operand;		/* the suite's */
	const char *json;
	const char *only;	/* rows whose measure contains this; NULL: all */
	const char *dir;	/* where images go; the benchmark's own directory is made in it */
};
extern struct options options;

/* A program of rows: main.c and this. */
struct suite {
	const char *name, *operands;
	int noperands;
	void (*rows)(void);
};
extern const struct suite suite;
extern volatile sig_atomic_t stopped;	/* a signal asks to end: no more samples */

/* Why the last function failed. */
__attribute__((format(printf, 1, 2))) int fail(const char *fmt, ...);	/* returns -1 */
const char *failure(void);

/* ---- rows: row.c ---- */

enum bar_on { BAR_NONE, BAR_VALUE, BAR_RATIO };

/* One sample into *out. Fails with -1. */
typedef int (*sample_fn)(void *arg, double *out);

struct measure {
	const char *name, *unit;
	sample_fn ours;
	void *ours_arg;
	const char *against;	/* NULL: no counterpart */
	sample_fn theirs;
	void *theirs_arg;
	enum bar_on on;
	double bar;
	bool at_least;		/* else at most */
	unsigned pairs;		/* 0: options.pairs */
	const char *note;	/* what exactly is done, on both sides alike */
	const char *skip;	/* not measured, and why */
	const char *broken;	/* could not be prepared, and why */
};

struct figures {
	double value, against, ratio;	/* medians */
	double low, high;		/* of the ratios, of the values where there are none */
	unsigned pairs, attempts;
	double load_before, load_after;	/* load average of a minute */
	double others;			/* processors that others kept busy */
};

struct row {
	struct row *next;
	char *name, *unit, *against, *note, *skip;
	enum bar_on on;
	double bar;
	bool at_least, failed;		/* failed: could not be measured; skip says why */
	struct figures f;
};

/* Measure, print a line, remember the row. */
void measure(const struct measure *m);
/* -1: no bar or not measured, 0: falls short, 1: holds */
int row_holds(const struct row *r);
const struct row *rows(void);
bool row_wanted(const char *name);

/* ---- report.c ---- */

void report_start(void);			/* the machine, the head of the table */
void report_row(const struct row *r);
int report_end(void);				/* notes, rows that fall short, JSON; exit status */
const char *report_bar(const struct row *r, char buf[64]);

/* ---- machine.c ---- */

const char *machine_name(void);			/* processor, memory, kernel */
double machine_load(void);
struct usage {
	double busy, own, at;
};
void usage_begin(struct usage *u);
double usage_others(const struct usage *u);	/* since, in processors */
void machine_calm(void);			/* wait for others to be quiet, a bounded time */
double median(double *v, unsigned n);		/* sorts v */

/* ---- proc.c: child processes ---- */

struct cmd {
	const char *argv[64];
	int netns;		/* descriptor of a network namespace to run in, 0: this one */
	int *out;		/* where to put the reading end of its standard output; NULL: /dev/null */
	bool quiet;		/* standard error to /dev/null */
};
pid_t cmd_start(const struct cmd *c);		/* -1: failed */
int cmd_wait(pid_t pid, const char *name);	/* -1: ended in any way but exit status 0 */
int cmd_run(const struct cmd *c);
/* Run, and read one number from its output. */
int cmd_figure(const struct cmd *c, double *out);
int read_figure(int fd, double *out);
/* Programs that other programs left behind become children of this one: wait for them all. */
int reap_left(void);
bool have_program(const char *name);
double now(void);

#endif
