/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot, memory, system calls, TCP over lo. Interface: posix.h. Locking: none. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "posix.h"

/* A sample is what the helper program prints. */
static int figure(void *arg, double *out)
{
	return cmd_figure(arg, out);
}

/*
 * How much of a program's file counts as resident depends on how it came into the page cache: a
 * page fault maps what is around it, by the host's large folios, which are larger in a file just
 * written than in one read from disk.
 */
static int figure_read(void *arg, double *out)
{
	const struct cmd *c = arg;
	int fd = open(c->argv[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail("%s: cannot be opened", c->argv[0]);
	fsync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
	return cmd_figure(c, out);
}

void rows_micro(void)
{
	const char *n = options.quick ? "100000" : "3000000";
	struct cmd boot = { .argv = { WORK, "pillion", "boot" } };
	struct cmd rss = { .argv = { WORK, "pillion", "rss" } };
	struct cmd ours = { .argv = { WORK, "pillion", "getpid", n } };
	struct cmd theirs = { .argv = { WORK, "host", "getpid", n } };

	measure(&(struct measure){ .name = "boot to first system call", .unit = "ms",
	    .ours = figure, .ours_arg = &boot, .on = BAR_VALUE, .bar = 5, .pairs = 31,
	    .note = "pillion_boot() with the defaults of the default configuration and one getpid, in "
	    "a fresh process each time, statically linked, without the process's own start" });
	measure(&(struct measure){ .name = "memory after boot", .unit = "MB", .ours = figure_read,
	    .ours_arg = &rss, .on = BAR_VALUE, .bar = 8,
	    .note = "VmRSS of /proc/self/status (1 MB is 1,000,000 bytes) of a statically linked "
	    "program right after pillion_boot(), its C library included; the program's file is "
	    "dropped from the host's page cache before, to be in it as read from disk" });
	measure(&(struct measure){ .name = "getpid", .unit = "ns", .ours = figure, .ours_arg = &ours,
	    .against = "host", .theirs = figure, .theirs_arg = &theirs, .on = BAR_RATIO, .bar = 0.3,
	    .note = "3 million calls in a fresh process; pillion_sys_getpid() and syscall()" });
}

static void lo(const char *name, const char *what, const char *unit, bool pinned, double bar)
{
	const char *seconds = options.quick ? "0.1" : "1";
	struct cmd ours = { .argv = { WORK, "-p", "pillion", what, seconds } };
	struct cmd theirs = { .argv = { WORK, "-p", "host", what, seconds } };
	bool bulk = what[0] == 'b';

	if (!pinned) {
		ours = (struct cmd){ .argv = { WORK, "pillion", what, seconds } };
		theirs = (struct cmd){ .argv = { WORK, "host", what, seconds } };
	}
	measure(&(struct measure){ .name = name, .unit = unit, .ours = figure, .ours_arg = &ours,
	    .against = "host", .theirs = figure, .theirs_arg = &theirs, .on = BAR_RATIO, .bar = bar,
	    .at_least = bulk, .pairs = 11,
	    .note = bulk ? "one thread writes 128 KiB at a time, another reads; for a second; a fresh "
	    "process each time; pinned: all threads on one processor" :
	    "two threads of a process, TCP_NODELAY, 1 byte there and back, for a second; a fresh "
	    "process each time; pinned: all threads on one processor" });
}

void rows_lo(void)
{
	lo("TCP over lo, round trip, pinned", "rr", "us", true, 1.0);
	lo("TCP over lo, round trip, free", "rr", "us", false, 1.0);
	lo("TCP over lo, bulk, pinned", "bulk", "GB/s", true, 0.8);
	lo("TCP over lo, bulk, free", "bulk", "GB/s", false, 0.8);
}
