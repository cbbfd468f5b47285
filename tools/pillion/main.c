/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pillion: read and write disk images with Linux's own file systems, without root and without a
 * mount on the host; and run programs on the nucleus.
 *
 * This file: the command line. `pillion COMMAND [OPTION...] OPERAND...`; every command takes the
 * common options, and parses with glibc's argp.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pillion/pillion.h>

#include "cmd.h"
#include "progress.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "term.h"

#define MAX_OPTIONS 24
#define MAX_PARTS 64

static const struct command *const commands[] = {
	&cmd_info, &cmd_ls, &cmd_tree, &cmd_stat, &cmd_cat, &cmd_cp, &cmd_mkdir, &cmd_rm, &cmd_mv,
	&cmd_ln, &cmd_df, &cmd_tar, &cmd_run,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

enum { KEY_JSON = 0x1000, KEY_NO_SANDBOX, KEY_BACKING };

static const struct argp_option json_option[] = {
	{ "json", KEY_JSON, NULL, 0, "Write JSON", 0 },
	{ 0 },
};

static const struct argp_option common_options[] = {
	{ "partition", 'p', "N", 0, "Partition N (0: the whole disk) of the operands after it, or "
	  "of all when given once", 90 },
	{ "type", 't', "TYPE", 0, "The file system is of this type (ext4, vfat, ufs1, ...)", 90 },
	{ "verbose", 'v', NULL, 0, "Show the library kernel's messages, and how "
	  "data was copied", 90 },
	{ "backing", KEY_BACKING, NULL, 0, "Let an image refer to other host files", 90 },
	{ "no-sandbox", KEY_NO_SANDBOX, NULL, 0, "Do not confine the process (for debugging)", 90 },
	{ 0 },
};

struct parse {
	const struct command *cmd;
	struct args args;
	int part;		/* the latest -p, or -1 */
	int parts;		/* how many were given */
};

static void add_operand(struct parse *p, const char *text, struct argp_state *state)
{
	struct operand *op = realloc(p->args.op, (size_t)(p->args.n + 1) * sizeof(*op));

	if (!op) {
		argp_failure(state, EXIT_OPERAND, 0, "out of memory");
		return;
	}
	p->args.op = op;
	op[p->args.n++] = (struct operand){ text, p->part };
}

static void parse_part(struct parse *p, const char *arg, struct argp_state *state)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (*end || end == arg || n < 0 || n > 255)
		argp_error(state, "'%s' is not a partition number", arg);
	p->part = (int)n;
	p->parts++;
}

static void check_operands(struct parse *p, struct argp_state *state)
{
	if (p->args.n < p->cmd->min)
		argp_error(state, "too few operands");
	if (p->cmd->max && p->args.n > p->cmd->max)
		argp_error(state, "too many operands");
	for (int i = 0; p->parts == 1 && i < p->args.n; i++)
		p->args.op[i].part = p->part;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;

	switch (key) {
	case 'p':
		parse_part(p, arg, state);
		return 0;
	case 't':
		session_options.type = arg;
		return 0;
	case 'v':
		session_options.verbose = true;
		report_verbose();
		return 0;
	case KEY_JSON:
		p->args.json = true;
		return 0;
	case KEY_BACKING:
		session_options.backing = true;
		return 0;
	case KEY_NO_SANDBOX:
		session_options.no_sandbox = true;
		return 0;
	case ARGP_KEY_ARG:
		add_operand(p, arg, state);
		return 0;
	case ARGP_KEY_END:
		check_operands(p, state);
		return 0;
	default:
		return p->cmd->option ? p->cmd->option(key, arg, state) : ARGP_ERR_UNKNOWN;
	}
}

/* The command's own options, --json where it has that, and the common ones. */
static void gather_options(const struct command *cmd, struct argp_option out[MAX_OPTIONS])
{
	const struct argp_option *list[] = { cmd->options, cmd->json ? json_option : NULL,
					     common_options };
	int n = 0;

	for (int i = 0; i < 3; i++) {
		const struct argp_option *o = list[i];

		for (; o && o->name && n < MAX_OPTIONS - 1; o++)
			out[n++] = *o;
	}
	memset(&out[n], 0, sizeof(out[n]));
}

static int run_command(const struct command *cmd, int argc, char **argv)
{
	struct argp_option options[MAX_OPTIONS];
	struct argp argp = { .options = options, .parser = parse_option,
			     .args_doc = cmd->args_doc, .doc = cmd->doc };
	struct parse parse = { .cmd = cmd, .part = -1 };
	static char name[32];
	int sig;

	gather_options(cmd, options);
	snprintf(name, sizeof(name), "pillion %s", cmd->name);
	argv[0] = name;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &parse) != 0)
		return EXIT_USE;
	report_command(cmd->name);
	cmd->run(&parse.args);
	session_end();
	progress_clear();
	finish_output();
	free(parse.args.op);
	sig = stop_signal();
	return sig ? 128 + sig : (int)report_get_status();
}

static void help(FILE *out)
{
	fputs("Usage: pillion COMMAND [OPTION...] OPERAND...\n"
	      "Read and write disk images with the Linux kernel's own file systems, and run\n"
	      "programs on a machine of their own.\n\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-6s %s\n", commands[i]->name, commands[i]->doc);
	fputs("\nOPERAND is a host file, or IMAGE:/PATH for a file in an image.\n"
	      "'pillion COMMAND --help' lists a command's options; pillion(1) tells more.\n", out);
}

/*
 * An image that got a standard descriptor's number would be read as input, or have messages written
 * into it. What was closed stays useless: /dev/null, open the wrong way round.
 */
static bool fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	if (!fill_standard_descriptors())
		return EXIT_OPERAND;
	argp_err_exit_status = EXIT_USE;
	if (argc < 2) {
		help(stderr);
		return EXIT_USE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		help(stdout);
		return finish_output() ? EXIT_OK : EXIT_OPERAND;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(pillion_version());
		return finish_output() ? EXIT_OK : EXIT_OPERAND;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i]->name) != 0)
			continue;
		return commands[i]->main ? commands[i]->main(argc - 1, argv + 1) :
		       run_command(commands[i], argc - 1, argv + 1);
	}
	report_fail(EXIT_USE, 0, "no command '%s'; 'pillion --help' lists them", argv[1]);
	return EXIT_USE;
}
