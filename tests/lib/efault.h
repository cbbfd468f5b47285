/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of the test of bad pointers: which calls do what with a pointer, and which are not made.
 */
#ifndef TESTS_LIB_EFAULT_H
#define TESTS_LIB_EFAULT_H

#include <stdbool.h>

/* Descriptors, the same in each process of the test. */
enum {
	FD_FILE = 100, FD_PIPE_IN, FD_PIPE_OUT, FD_SOCKET, FD_UDP, FD_EPOLL, FD_TIMER, FD_EVENT, FD_DIR,
	FD_INOTIFY,
};

/* In the place of an argument: the bad pointer, zeroed memory, the path of a file. */
#define BAD	0x0badbadbadl
#define GOOD	0x600d600d600dl
#define PATH	0x9a789a789a78l

#define OUT	1	/* the call writes there: read-only memory is bad */
#define WHOLE	2	/* it needs at least 8 bytes there: fewer are bad */
#define MAYBE	4	/* another error may come first */

struct call {
	const char *name;
	long nr;
	long args[6];
	int flags;
};
extern const struct call efault_calls[];

#define MAX_NR	460

bool efault_skip(long nr);

#endif
