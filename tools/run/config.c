/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of --config: "name = value" lines, parsed by libinih. The names are those of the long
 * options; program and arg stand for the operands. An option without a value is "yes" or "no".
 */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "report.h"

#define MAX_FILE (1U << 20)
/* inih cuts longer lines in two, without a word. */
#define MAX_LINE 198

struct reader {
	struct options *o;
	bool failed;			/* why tells of the first failure only */
	bool has_program;
	char why[WHY_SIZE];
};

static bool fail(struct reader *r, const char *text)
{
	snprintf(r->why, sizeof(r->why), "%s", text);
	return false;
}

static bool set_operand(struct reader *r, bool program, const char *value)
{
	const char **arg;

	if (program && r->has_program)
		return fail(r, "program: there is one already");
	if (!program && !r->has_program)
		return fail(r, "arg: comes after program");
	if (program && !*value)
		return fail(r, "program: its name is missing");
	r->has_program = true;
	arg = array_add(&r->o->arg, &r->o->narg, sizeof(*arg));
	if (!arg)
		return fail(r, "out of memory");
	*arg = value;
	return true;
}

static bool set_flag(struct reader *r, int key, const char *name, const char *value)
{
	if (strcmp(value, "yes") == 0)
		return option_set(r->o, key, NULL, r->why);
	if (strcmp(value, "no") == 0)
		return true;
	snprintf(r->why, sizeof(r->why), "%s: yes or no", name);
	return false;
}

static bool set(struct reader *r, const char *name, const char *value)
{
	const struct argp_option *opt = run_options;
	char why[WHY_SIZE] = "";

	if (strcmp(name, "program") == 0 || strcmp(name, "arg") == 0)
		return set_operand(r, name[0] == 'p', value);
	while (opt->name || opt->doc) {
		if (opt->name && strcmp(opt->name, name) == 0 && opt->key != OPT_CONFIG)
			break;
		opt++;
	}
	if (!opt->name) {
		snprintf(r->why, sizeof(r->why), "there is no option '%.60s'", name);
		return false;
	}
	if (!opt->arg)
		return set_flag(r, opt->key, name, value);
	if ((opt->flags & OPTION_ARG_OPTIONAL) && (!*value || strcmp(value, "yes") == 0))
		return option_set(r->o, opt->key, NULL, r->why);
	if (option_set(r->o, opt->key, value, why))
		return true;
	snprintf(r->why, sizeof(r->why), "%s: %.300s", name, why);
	return false;
}

/* Of libinih: 0 makes it remember the line. It goes on, and so do we, without a look. */
static int handle(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *r = arg;
	char *copy;

	if (r->failed)
		return 1;
	copy = strdup(value ? value : "");
	if (*section)
		fail(r, "there are no sections here");
	else if (!copy)
		fail(r, "out of memory");
	else if (set(r, name, copy))
		return 1;
	r->failed = true;
	return 0;
}

/* What inih would pass over in silence: the number of the line, or 0. */
static int bad_line(const char *text, size_t len, const char **why)
{
	int line = 1;
	size_t start = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0') {
			*why = "a NUL byte: this is not a text file";
			return line;
		}
		if (text[i] == '\n') {
			start = i + 1;
			line++;
		} else if (i - start >= MAX_LINE) {
			*why = "longer than 198 bytes: give this option on the command line";
			return line;
		}
	}
	return 0;
}

static char *read_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = malloc(MAX_FILE + 2);
	ssize_t n = -1;

	*len = 0;
	while (fd >= 0 && text && *len <= MAX_FILE) {
		n = read(fd, text + *len, MAX_FILE + 1 - *len);
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	if (n != 0) {
		if (n > 0)
			report_fail(EXIT_RUN, 0, "%s: longer than 1 MiB", path);
		else
			report_fail(EXIT_RUN, -errno, "%s", path);
		free(text);
		text = NULL;
	} else {
		text[*len] = '\0';
	}
	if (fd >= 0)
		close(fd);
	return text;
}

bool config_read(struct options *o, const char *path)
{
	struct reader r = { .o = o };
	const char *why = NULL;
	size_t len;
	char *text = read_file(path, &len);
	int line;

	if (!text)
		return false;
	line = bad_line(text, len, &why);
	if (!line)
		line = ini_parse_string(text, handle, &r);
	free(text);
	if (line == 0)
		return true;
	if (!why)
		why = r.failed ? r.why : "not 'name = value', nor a comment";
	if (line < 0)
		report_fail(EXIT_RUN, -ENOMEM, "%s", path);
	else
		report_fail(EXIT_RUN, 0, "%s: line %d: %s", path, line, why);
	return false;
}
