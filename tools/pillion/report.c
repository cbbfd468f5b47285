/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages and the exit status; see report.h. Locking: `lock` guards the kept kernel messages. */
#include "report.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "progress.h"
#include "sys.h"
#include "term.h"

#define LOG_LINES 8
#define LOG_WIDTH 200

static const char *command;
static enum exit_status status;
static bool verbose;

static struct {
	pthread_mutex_t lock;
	char line[LOG_LINES][LOG_WIDTH];
	unsigned count;			/* lines kept, never more than LOG_LINES */
	unsigned dropped;
	bool medium;			/* the image itself could not be read or written */
} kernel_log = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What the user can do about an error that has a common cure. */
static const struct {
	int err;
	bool host;
	const char *text;
} remedies[] = {
	{ ENOSPC, false, "the image's file system is full: see 'pillion df IMAGE'" },
	{ EFBIG, false, "the file is larger than this file system can hold (4 GiB on FAT)" },
	{ EROFS, false, "this file system cannot be written, or went read-only after an error" },
	{ EUCLEAN, false, "the file system is damaged: repair it with its fsck" },
	{ EBADMSG, false, "the file system is damaged: repair it with its fsck" },
	{ EMFILE, true, "the directories are nested deeper than 'ulimit -n' allows" },
	{ EPERM, true, "only root may do this on the host: see --owner, or use 'pillion tar'" },
};

void report_command(const char *name)
{
	command = name;
}

static void print(const char *text, int err)
{
	char *clean = term_escape(text, strlen(text));

	progress_clear();
	fprintf(stderr, "pillion: %s%s%s", command ? command : "", command ? ": " : "",
		clean ? clean : "(out of memory)");
	if (err)
		fprintf(stderr, ": %s", strerror(-err));
	fputc('\n', stderr);
	free(clean);
}

static void vprint(int err, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	print(text ? text : fmt, err);
	free(text);
}

void report_status(enum exit_status s)
{
	/*
	 * damage is the news that must not get lost; otherwise the first failure names the status
	 */
	if (status == EXIT_OK || s == EXIT_DAMAGED)
		status = s;
}

enum exit_status report_get_status(void)
{
	return status;
}

void report_fail(enum exit_status s, int err, const char *fmt, ...)
{
	va_list ap;

	report_status(s);
	va_start(ap, fmt);
	vprint(err, fmt, ap);
	va_end(ap);
}

/* Did the file system report damage, or did the host fail it? */
static bool medium_failed(void)
{
	bool failed;

	pthread_mutex_lock(&kernel_log.lock);
	failed = kernel_log.medium;
	pthread_mutex_unlock(&kernel_log.lock);
	return failed;
}

static void remedy(int err, bool host)
{
	static unsigned shown;

	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (remedies[i].err != -err || remedies[i].host != host || (shown & 1U << i))
			continue;
		shown |= 1U << i;	/* once is enough */
		fprintf(stderr, "  (%s)\n", remedies[i].text);
	}
}

void report_call(const struct side *s, int err, const char *fmt, ...)
{
	bool medium = !s->host && medium_failed();
	bool damaged = !s->host &&
		(err == -EUCLEAN || err == -EBADMSG || (err == -EIO && !medium));
	va_list ap;

	if (err == -EINTR)		/* the user knows */
		return report_status(EXIT_OPERAND);
	report_status(damaged ? EXIT_DAMAGED : EXIT_OPERAND);
	va_start(ap, fmt);
	vprint(err, fmt, ap);
	va_end(ap);
	if (err == -EIO && medium)
		fputs("  (the host failed to read or write the image: is its disk full?)\n",
		      stderr);
	else
		remedy(err, s->host);
	if (!s->host)
		report_show_kernel_log();
}

void report_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint(0, fmt, ap);
	va_end(ap);
}

void report_verbose(void)
{
	verbose = true;
}

static void show_line(const char *line)
{
	char *clean = term_escape(line, strlen(line));

	progress_clear();
	fprintf(stderr, "  kernel: %s\n", clean ? clean : "");
	free(clean);
}

static const char medium_error[] = "I/O error, dev ";

static void keep_line(const char *text, size_t len)
{
	if (len == 0)
		return;
	if (memmem(text, len, medium_error, sizeof(medium_error) - 1))
		kernel_log.medium = true;
	if (kernel_log.count == LOG_LINES) {
		kernel_log.dropped++;
		return;		/* the first messages name the cause */
	}
	if (len >= LOG_WIDTH)
		len = LOG_WIDTH - 1;
	memcpy(kernel_log.line[kernel_log.count], text, len);
	kernel_log.line[kernel_log.count++][len] = '\0';
}

void report_kernel_log(void *arg, const char *text, size_t len)
{
	(void)arg;
	pthread_mutex_lock(&kernel_log.lock);
	while (len > 0) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl ? (size_t)(nl - text) : len;

		keep_line(text, n);
		if (nl)
			n++;
		text += n;
		len -= n;
	}
	pthread_mutex_unlock(&kernel_log.lock);
	if (verbose)
		report_show_kernel_log();
}

void report_show_kernel_log(void)
{
	pthread_mutex_lock(&kernel_log.lock);
	for (unsigned i = 0; i < kernel_log.count; i++)
		show_line(kernel_log.line[i]);
	if (kernel_log.dropped)
		fprintf(stderr, "  kernel: (%u more lines)\n", kernel_log.dropped);
	kernel_log.count = 0;
	kernel_log.dropped = 0;
	pthread_mutex_unlock(&kernel_log.lock);
}

void report_drop_kernel_log(void)
{
	pthread_mutex_lock(&kernel_log.lock);
	kernel_log.count = 0;
	kernel_log.dropped = 0;
	pthread_mutex_unlock(&kernel_log.lock);
}

void report_panic(void *arg, const char *message)
{
	(void)arg;
	progress_clear();
	fprintf(stderr, "pillion: %s%sthe library kernel panicked: ", command ? command : "",
		command ? ": " : "");
	/* no allocation here: the process is about to end in an unknown state */
	for (const char *p = message ? message : "no message"; *p; p++)
		fputc((unsigned char)*p >= ' ' && *p != 0x7f ? *p : '?', stderr);
	fputs("\n  (the image is probably damaged; what was not yet written is lost)\n", stderr);
}
