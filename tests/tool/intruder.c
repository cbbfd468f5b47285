/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody who has taken over the command: preloaded, it waits until the command makes the host's
 * system call INTRUDE_ON for the first time, or the INTRUDE_AT-th, when it has confined itself.
 * Then it opens each file of INTRUDE (names with a colon between) for writing, and says on standard
 * error how that went; or, without INTRUDE, it stops the process, for a test to signal it there.
 *
 * Locking: none; the command makes these calls in one thread.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long trigger(void)
{
	const char *on = getenv("INTRUDE_ON");

	if (!on)
		return -1;
	if (strcmp(on, "mkdirat") == 0)
		return SYS_mkdirat;
	if (strcmp(on, "openat") == 0)
		return SYS_openat;
	return strcmp(on, "getdents64") == 0 ? SYS_getdents64 : SYS_write;
}

static void intrude(void)
{
	char *files = getenv("INTRUDE"), *save = NULL;

	if (!files) {
		raise(SIGSTOP);
		return;
	}
	files = strdup(files);
	for (char *f = strtok_r(files, ":", &save); f; f = strtok_r(NULL, ":", &save)) {
		int fd = open(f, O_WRONLY | O_CREAT, 0600);

		dprintf(STDERR_FILENO, "intruder: %s: %s\n", f, fd < 0 ? strerror(errno) : "open");
		if (fd >= 0)
			close(fd);
	}
	free(files);
}

long syscall(long nr, ...)
{
	static long (*real)(long, ...), on, left;
	long a[6];
	va_list ap;

	if (!real) {
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
		on = trigger();
		left = getenv("INTRUDE_AT") ? atol(getenv("INTRUDE_AT")) : 1;
	}
	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == on && --left == 0)
		intrude();
	return real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
