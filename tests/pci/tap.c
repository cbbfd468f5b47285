// SPDX-License-Identifier: BSD-2-Clause
/* Interface: tap.h. Locking: the count of failures is atomic; a test's threads may all check. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define EXIT_SKIP 77

static unsigned failures;

static void say(const char *prefix, const char *fmt, va_list ap)
{
	flockfile(stdout);
	fputs(prefix, stdout);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("# ", fmt, ap);
	va_end(ap);
}

bool tap_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	char where[64];
	va_list ap;

	if (ok)
		return true;
	if (__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED) > 20)
		return false;
	snprintf(where, sizeof(where), "# %.40s:%d: ", file, line);
	va_start(ap, fmt);
	say(where, fmt, ap);
	va_end(ap);
	return false;
}

void tap_skip(const char *reason)
{
	tap_note("SKIP %s", reason);
	fflush(stdout);
	_exit(EXIT_SKIP);
}

static bool selected(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc <= 1;
}

/* Returns the wait status. */
static int run_one(const struct test *t)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(t->seconds ? t->seconds : 60);
		t->fn();
		fflush(stdout);
		_exit(__atomic_load_n(&failures, __ATOMIC_RELAXED) != 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}

int tap_run(const struct test *tests, int argc, char **argv)
{
	unsigned n = 0, bad = 0;
	const struct test *t;

	for (t = tests; t->name; t++)
		n += selected(t->name, argc, argv);
	printf("1..%u\n", n);
	for (n = 0, t = tests; t->name; t++) {
		int status;

		if (!selected(t->name, argc, argv))
			continue;
		status = run_one(t);
		n++;
		if (WIFSIGNALED(status))
			printf("# ended by signal %d%s\n", WTERMSIG(status),
			    WTERMSIG(status) == SIGALRM ? ": it took too long" : "");
		else if (WIFEXITED(status) && WEXITSTATUS(status) > 1 &&
		    WEXITSTATUS(status) != EXIT_SKIP)
			printf("# exit code %d\n", WEXITSTATUS(status));
		if (status == EXIT_SKIP << 8) {
			printf("ok %u - %s # SKIP\n", n, t->name);
			continue;
		}
		printf("%sok %u - %s\n", status ? "not " : "", n, t->name);
		bad += status != 0;
	}
	return bad != 0;
}
