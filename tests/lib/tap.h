/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP for the C tests of the library: ok() for each property, tap_done() at the end; what does
 * not come to its end within TEST_TIMEOUT seconds (120) says so and fails.
 *
 * Locking: one thread reports at a time; ok() may be called from any thread.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tap_count, tap_failed;
static char tap_last[128];	/* what was reported last, for the one who looks for a hang */

/* Sizes and seeds come from the environment, so that a longer run is the same test. */
__attribute__((unused))
static long env_long(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtol(text, NULL, 0) : otherwise;
}

/* A reproducible source of numbers: splitmix64. */
__attribute__((unused))
static uint64_t rng_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void tap_timeout(int sig)
{
	static const char text[] = "Bail out! timed out after: ";

	(void)sig;
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ||
	    write(STDOUT_FILENO, tap_last, strlen(tap_last)) < 0 ||
	    write(STDOUT_FILENO, "\n", 1) < 0)
		_exit(3);
	_exit(2);
}

__attribute__((unused))
static void tap_begin(void)
{
	signal(SIGALRM, tap_timeout);
	alarm((unsigned)env_long("TEST_TIMEOUT", 120));
}

__attribute__((format(printf, 2, 3), unused))
static int ok(int good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(tap_last, sizeof(tap_last), fmt, ap);
	va_end(ap);
	printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, tap_last);
	fflush(stdout);
	tap_failed += !good;
	return good;
}

__attribute__((format(printf, 1, 2), unused))
static void diag(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

/* got is what a call returned; a wrong one is shown. */
__attribute__((format(printf, 3, 4), unused))
static int is(long got, long want, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (ok(got == want, "%s", text))
		return 1;
	diag("got %ld, wanted %ld", got, want);
	return 0;
}

__attribute__((unused))
static void skip(const char *what, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
	fflush(stdout);
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
	_exit(1);
}

__attribute__((unused))
static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout);
	return tap_failed != 0;
}

#endif
