/* SPDX-License-Identifier: BSD-2-Clause */
/* The QEMU command for a run. */
#ifndef RUN_QEMU_H
#define RUN_QEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct options;

#define QEMU_PROGRAM "qemu-system-x86_64"

/* What the command refers to beside the options. */
struct qemu_boot {
	const char *kernel;	/* NULL: boot from the CD */
	const char *archive;	/* NULL: none, or inside */
	const char *cd;
	const char *gdb;	/* path of the socket for --gdb without one */
	/*
	 * The command is for us to execute, not to be printed: images by the descriptors that
	 * disks_open() opened, records to the descriptor `records`.
	 */
	bool execute;
	int records;
};

/* A list for execvp(), or NULL without memory. Never freed: the process is about to change. */
char **qemu_command(const struct options *o, const struct qemu_boot *boot);
/* As the shell would take it. */
void qemu_print(FILE *out, char *const *argv);

#endif
