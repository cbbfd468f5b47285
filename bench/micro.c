/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot, memory, system calls, TCP over lo. Interface: bench.h. Locking: none. */
#include <stdio.h>

#include "bench.h"

/* A sample is what the helper program prints. */
static int figure(void *arg, double *out)
{
	return cmd_figure(arg, out);
}

static void alone(const char *name, const char *unit, const char *what, double bar,
    const char *note)
{
	struct cmd ours = { .argv = { options.work, "pillion", what } };

	measure(&(struct measure){ .name = name, .unit = unit, .ours = figure, .ours_arg = &ours,
	    .on = BAR_VALUE, .bar = bar, .pairs = 15, .note = note });
}

void rows_micro(void)
{
	const char *n = options.quick ? "100000" : "3000000";
	struct cmd ours = { .argv = { options.work, "pillion", "getpid", n } };
	struct cmd theirs = { .argv = { options.work, "host", "getpid", n } };

	alone("boot to first system call", "ms", "boot", 5,
	    "pillion_boot() with the defaults of the default configuration and one getpid, in a "
	    "fresh process each time, without the process's own start");
	alone("memory after boot", "MB", "rss", 8,
	    "VmRSS of /proc/self/status, 1 MB is 1,000,000 bytes, of a statically linked program "
	    "right after pillion_boot(); its C library included");
	measure(&(struct measure){ .name = "getpid", .unit = "ns", .ours = figure, .ours_arg = &ours,
	    .against = "host", .theirs = figure, .theirs_arg = &theirs, .on = BAR_RATIO, .bar = 0.3,
	    .note = "3 million calls in a fresh process; pillion_sys_getpid() and syscall()" });
}

static void lo(const char *name, const char *what, const char *unit, bool pinned, double bar)
{
	const char *seconds = options.quick ? "0.1" : "1";
	struct cmd ours = { .argv = { options.work, "-p", "pillion", what, seconds } };
	struct cmd theirs = { .argv = { options.work, "-p", "host", what, seconds } };
	bool bulk = what[0] == 'b';

	if (!pinned) {
		ours = (struct cmd){ .argv = { options.work, "pillion", what, seconds } };
		theirs = (struct cmd){ .argv = { options.work, "host", what, seconds } };
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
