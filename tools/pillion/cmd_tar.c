/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion tar: a tree of an image out to a tar stream, and one in. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "copy.h"
#include "report.h"
#include "session.h"
#include "tar.h"
#include "tarlib.h"

static struct {
	char action;		/* 'c' or 'x' */
	const char *file;
	struct owner owner;
} opt = { .owner = { .keep = true } };

static const struct argp_option options[] = {
	{ "create", 'c', NULL, 0, "Write what is at IMAGE:/PATH to standard output", 0 },
	{ "extract", 'x', NULL, 0, "Read standard input into the directory IMAGE:/PATH", 0 },
	{ "file", 'f', "FILE", 0, "This host file instead", 0 },
	{ "owner", 'o', "WHO", 0, "With -x, owner of the files: keep, or USER:GROUP", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'c':
	case 'x':
		if (opt.action && opt.action != key)
			argp_error(state, "-c and -x exclude each other");
		opt.action = (char)key;
		return 0;
	case 'f':
		opt.file = strcmp(arg, "-") == 0 ? NULL : arg;
		return 0;
	case 'o':
		if (!owner_parse(arg, &opt.owner))
			argp_error(state, "--owner: '%s' is not keep, none or USER:GROUP", arg);
		return 0;
	case ARGP_KEY_SUCCESS:
		if (!opt.action)
			argp_error(state, "one of -c and -x is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Not truncated yet: the archive may come to nothing. */
static int open_file(bool create)
{
	int fd = open(opt.file, create ? O_WRONLY | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC,
		      0666);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		report_fail(EXIT_OPERAND, -errno, "%s", opt.file);
	} else if (create && session_has_image(st.st_dev, st.st_ino)) {
		report_fail(EXIT_OPERAND, 0, "%s: is an image that is in use here", opt.file);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static int open_stream(void)
{
	bool create = opt.action == 'c';
	int fd;

	if (opt.file)
		return open_file(create);
	fd = create ? STDOUT_FILENO : STDIN_FILENO;
	if (isatty(fd)) {
		report_fail(EXIT_USE, 0, "an archive is not for a terminal: use -f FILE");
		return -1;
	}
	return fd;
}

/* An archive that was there is replaced now. A pipe or a device has no size to change. */
static bool empty_file(int fd)
{
	if (!opt.file || opt.action != 'c' || ftruncate(fd, 0) == 0 || errno == EINVAL)
		return true;
	report_fail(EXIT_OPERAND, -errno, "%s", opt.file);
	return false;
}

static void run(struct args *args)
{
	struct ref *ref = session_ref(args->op[0].text, args->op[0].part, opt.action == 'x', false);
	int fd;

	if (!ref || !tar_library() || session_open() != 0)
		return;
	/* so that libarchive takes names for UTF-8, as pax headers do, instead of refusing them */
	setlocale(LC_CTYPE, "C.UTF-8");
	fd = open_stream();
	if (fd < 0 || session_start(SANDBOX_STREAMS) != 0 || session_mount(ref) != 0 ||
	    !empty_file(fd))
		return;
	if (opt.action == 'c')
		tar_create(ref, fd);
	else
		tar_extract(ref, fd, &opt.owner);
	if (opt.file && close(fd) != 0)
		report_fail(EXIT_OPERAND, -errno, "%s", opt.file);
}

const struct command cmd_tar = {
	.name = "tar", .args_doc = "-c IMAGE:/PATH\n-x IMAGE:/PATH", .options = options,
	.option = option, .min = 1, .max = 1, .run = run,
	.doc = "Write a tree as a tar stream, or read one",
};
