/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running QEMU: its console is our standard input and output, its records lead to our exit
 * status, and it ends when we are asked to.
 *
 * One thread; signals are taken by a descriptor.
 */
#ifndef RUN_RUNNER_H
#define RUN_RUNNER_H

#include <stdbool.h>

struct runner {
	double timeout;		/* seconds; 0: none */
	bool timings;		/* show the guest's phases on standard error */
	bool listens;		/* QEMU has published ports */
	int records[2];		/* a pipe: QEMU's end is [1] */
	const int *keep;	/* descriptors that QEMU inherits, beside the above */
	int nkeep;
};

/* Make the pipe: 0, or -1 reported. */
int runner_init(struct runner *r);
/* Run it to its end: the status to exit with. */
int runner_run(struct runner *r, char *const *argv);

#endif
