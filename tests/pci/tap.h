/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests that boot a donor: each in a process of its own, because one process boots once, and so
 * that a crash or a hang is one failed test. Results are TAP.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

struct test {
	const char *name;
	void (*fn)(void);
	unsigned seconds; /* it has hung after these; 0: 60 */
};

/* Run all, or those whose names are given; the exit code for main(). */
int tap_run(const struct test *tests, int argc, char **argv);

/* In a test: record a failure and go on; print a line of explanation. */
bool tap_check(bool ok, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* End the test here, as skipped. */
void tap_skip(const char *reason) __attribute__((noreturn));

#define CHECK(cond, ...) tap_check(cond, __FILE__, __LINE__, __VA_ARGS__)
/* A failure that leaves nothing to go on with. */
#define REQUIRE(cond, ...)                                                                         \
	do {                                                                                       \
		if (!CHECK(cond, __VA_ARGS__))                                                     \
			return;                                                                    \
	} while (0)

#endif
