/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP for the C tests: ok() for each property, done() at the end. One thread reports.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int check_count, check_failed;

__attribute__((format(printf, 2, 3), unused))
static int ok(int good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++check_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	check_failed += !good;
	return good;
}

/* got is what a call returned; a wrong one is shown. */
__attribute__((unused))
static int is(long got, long want, const char *what)
{
	int good = ok(got == want, "%s", what);

	if (!good)
		printf("# got %ld, wanted %ld\n", got, want);
	return good;
}

__attribute__((noreturn, unused))
static void done(void)
{
	printf("1..%d\n", check_count);
	fflush(stdout);
	exit(check_failed != 0);
}

__attribute__((noreturn, format(printf, 1, 2), unused))
static void bail(const char *fmt, ...)
{
	va_list ap;

	printf("Bail out! ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	exit(1);
}

#endif
