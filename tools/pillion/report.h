/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages on standard error, and the exit status that they lead to.
 *
 * Every message is "pillion: COMMAND: text" on one line; control characters, bytes that are not
 * UTF-8 and bidirectional overrides in it are escaped, because names come from images that may be
 * hostile.
 */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include <stddef.h>

struct side;

enum exit_status {
	EXIT_OK = 0,
	EXIT_OPERAND = 1,	/* something failed for at least one operand */
	EXIT_USE = 2,		/* wrong usage */
	EXIT_IMAGE = 3,		/* an image cannot be opened or mounted */
	EXIT_DAMAGED = 4,	/* a file system reported that it is damaged */
	EXIT_BUSY = 5,		/* the image is in use */
	/* of `pillion run`, whose other statuses are the program's */
	EXIT_RUN_TIMEOUT = 124,
	EXIT_RUN = 125,		/* it did not come to run the program */
	EXIT_RUN_NOEXEC = 126,	/* the file is not a program that can be run */
	EXIT_RUN_NOTFOUND = 127,
	/* 70: the donor panicked (PILLION_EXIT_PANIC); 128 + n: stopped by signal n */
};

void report_command(const char *name);		/* the COMMAND of later messages */

/* A failure: print it and note the status. err: -errno or 0 (no reason to append). */
void report_fail(enum exit_status status, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A failed call of one side: EXIT_OPERAND, or EXIT_DAMAGED when the image's file system says so. */
void report_call(const struct side *s, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Something to know that is not a failure. */
void report_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Raise the exit status without a message. */
void report_status(enum exit_status status);
enum exit_status report_get_status(void);

/* The donor's log: kept, and shown with a failure that the kernel can explain. */
void report_kernel_log(void *arg, const char *text, size_t len);
void report_show_kernel_log(void);		/* print what was not printed yet */
void report_drop_kernel_log(void);		/* forget it: what the boot says explains nothing */
void report_verbose(void);			/* print kernel messages as they come */
void report_panic(void *arg, const char *message);

#endif
