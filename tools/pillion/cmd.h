/* SPDX-License-Identifier: BSD-2-Clause */
/* The sub-commands, and what the command line leaves to them. */
#ifndef TOOL_CMD_H
#define TOOL_CMD_H

#include <argp.h>
#include <stdbool.h>

struct operand {
	const char *text;
	int part;		/* the -p that holds for it, or -1 */
};

struct args {
	struct operand *op;
	int n;
	bool json;
};

struct command {
	const char *name, *args_doc, *doc;
	const struct argp_option *options;	/* beside the common ones; NULL: none */
	error_t (*option)(int key, char *arg, struct argp_state *state);
	bool json;				/* has --json */
	int min, max;				/* operands */
	void (*run)(struct args *args);		/* failures go to report_*() */
	/* Instead of all the above: it parses its own command line, and returns the exit status. */
	int (*main)(int argc, char **argv);
};

extern const struct command cmd_info, cmd_ls, cmd_tree, cmd_stat, cmd_cat, cmd_cp, cmd_mkdir,
	cmd_rm, cmd_mv, cmd_ln, cmd_df, cmd_tar, cmd_run;

struct ref;

/*
 * For commands whose operands are all in images: refs, open, start; NULL when that failed. An image
 * that cannot be opened does not stop the others: its operands are refs that cannot be mounted.
 */
struct ref **start_on_images(const struct args *args, bool write, bool whole);
/* Change the image of each operand: 0, or -errno, which is reported; the others go on. */
void change_images(const struct args *args, int (*change)(struct ref *ref));

#endif
