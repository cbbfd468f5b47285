/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measure Pillion beside its counterparts: rows of bench.h, a table on standard output, and JSON.
 *
 *	SUITE [-q] [-n PAIRS] [-a ATTEMPTS] [-o ROWS] [-j FILE] [-d DIR] OPERANDS
 *
 * The suite says what its operands are. -q, --quick: a smoke test.
 * -n: pairs of a row that asks for no more. -a: how often a row is measured at most, when others
 * were busy beside it. -o: only rows whose measure contains ROWS. -d: where images of some GiB may
 * be made (default TMPDIR, or /tmp). Exit status 0, unless something could not be measured; rows
 * that are skipped because a program or a right is missing say so and are none of these.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench.h"

struct options options = { .pairs = 7, .attempts = 3, .patience = 150 };
volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = sig;
}

static int usage(void)
{
	fprintf(stderr, "usage: %s [-q] [-n PAIRS] [-a ATTEMPTS] [-o ROWS] "
	    "[-j FILE] [-d DIR] %s\n", suite.name, suite.operands);
	return 2;
}

static int parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ NULL, 0, NULL, 0 },
	};
	const char *tmp = getenv("TMPDIR");
	int opt;

	options.dir = tmp && *tmp ? tmp : "/tmp";
	while ((opt = getopt_long(argc, argv, "qn:a:o:j:d:", longs, NULL)) != -1) {
		if (opt == 'q') {
			options.quick = true;
			options.pairs = 1;
			options.attempts = 1;
		} else if (opt == 'n') {
			options.pairs = (unsigned)atoi(optarg);
		} else if (opt == 'a') {
			options.attempts = (unsigned)atoi(optarg);
		} else if (opt == 'o') {
			options.only = optarg;
		} else if (opt == 'j') {
			options.json = optarg;
		} else if (opt == 'd') {
			options.dir = optarg;
		} else {
			return -1;
		}
	}
	if (argc - optind != suite.noperands || options.pairs < 1 || options.pairs > MAX_PAIRS ||
	    options.attempts < 1)
		return -1;
	options.operand = argv + optind;
	return 0;
}

int main(int argc, char **argv)
{
	const char *path = getenv("PATH");
	char *more;

	if (parse(argc, argv))
		return usage();
	if (asprintf(&more, "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin") < 0)
		abort();
	setenv("PATH", more, 1);
	free(more);
	setenv("LC_ALL", "C", 1);
	/* What a counterpart leaves behind (fuse2fs, say) is waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = stop }, NULL);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = stop }, NULL);
	sigaction(SIGHUP, &(struct sigaction){ .sa_handler = stop }, NULL);
	report_start();
	suite.rows();
	return report_end();
}
