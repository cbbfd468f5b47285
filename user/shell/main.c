/* SPDX-License-Identifier: BSD-2-Clause */
/* A shell on the console, to look around with. init gives it the machine (argument 3). */
#include <nucleus/string.h>

#include "shell.h"

unsigned long sh_system;

static void help(int argc, char **argv);
static void halt(int argc, char **argv);

static const struct {
	const char	*name;
	void		(*fn)(int argc, char **argv);	/* what follows the name */
	const char	*text;
} commands[] = {
	{ "help", help, "this" },
	{ "ps", look_processes, "processes, their memory, time and IPC calls" },
	{ "free", look_memory, "memory" },
	{ "ipc", look_ipc, "what messages there have been" },
	{ "cpus", look_cpus, "the CPUs" },
	{ "files", look_files, "the boot archive: programs to run" },
	{ "devices", look_devices, "devices with drivers in user mode" },
	{ "run", run_program, "PROGRAM [ARGUMENT...] [&]: until it ends or ^C, or beside the shell" },
	{ "kill", run_kill, "ID | NAME" },
	{ "restart", run_restart, "kill the console's server, and see how long there is none" },
	{ "halt", halt, "[STATUS]: end the machine" },
};

static void help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].text);
	printf("A program's name does without run.\n");
}

static void halt(int argc, char **argv)
{
	long error = sys_reset(sh_system, argc > 0 ? (int)string_number(argv[0], NULL) : 0);

	printf("halt: %s\n", error_text(error));
}

static int split(char *line, char **words)
{
	int n = 0;

	for (char *s = line; *s != '\0' && n < WORDS_MAX; ) {
		while (*s == ' ')
			*s++ = '\0';
		if (*s != '\0')
			words[n++] = s;
		while (*s != ' ' && *s != '\0')
			s++;
	}
	words[n] = NULL;
	return n;
}

static void command(char *line)
{
	char *words[WORDS_MAX + 1];
	int n = split(line, words);

	if (n == 0)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, words[0]) == 0) {
			commands[i].fn(n - 1, words + 1);
			return;
		}
	}
	run_program(n, words);
}

int main(int argc, char **argv)
{
	char line[LINE_MAX];

	if (argc < 4)
		return 1;
	sh_system = string_number(argv[3], NULL);
	printf("Pillion's nucleus. help says what there is.\n");
	while (edit_line("> ", line)) {
		command(line);
		run_reap();
		print_flush();
	}
	return 1;
}
