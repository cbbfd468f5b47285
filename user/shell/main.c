/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A shell on the console, to look around with. init gives it the console with its own badge
 * (argument 2), and the machine (argument 3).
 */
#include <nucleus/string.h>

#include "shell.h"

#define NUMBER_MAX	10		/* characters of one; more might be beyond 64 bits */

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
	{ "locks", look_locks, "spin locks, in an image that counts them" },
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

bool shell_number(const char *word, unsigned max, unsigned *value)
{
	const char *end;
	uint64_t v = string_number(word, &end);

	*value = (unsigned)v;
	return end > word && *end == '\0' && end - word <= NUMBER_MAX && v <= max;
}

static void halt(int argc, char **argv)
{
	unsigned status = 0;

	if (argc > 1 || (argc == 1 && !shell_number(argv[0], 255, &status)))
		printf("halt [STATUS], of 0 to 255\n");
	else
		printf("halt: %s\n", error_text(sys_reset(sh_system, (int)status)));
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
	console_use(string_number(argv[2], NULL));
	sh_system = string_number(argv[3], NULL);
	run_listen(false);		/* an earlier shell may have been listening */
	printf("Pillion's nucleus. help says what there is.\n");
	while (edit_line("> ", line)) {
		command(line);
		run_reap();
		print_flush();
	}
	return 1;
}
