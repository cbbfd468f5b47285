/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's parts: lines that are typed, commands that look around, programs that are run. */
#ifndef SHELL_H
#define SHELL_H

#include <user.h>

#define LINE_MAX	256
#define WORDS_MAX	(LINE_MAX / 2)

extern unsigned long sh_system;		/* handle of the machine */

/* main.c: a word that is a number up to max, all of it. */
bool shell_number(const char *word, unsigned max, unsigned *value);

/* edit.c: a line without its end, into a buffer of LINE_MAX. False: there is no input any more. */
bool edit_line(const char *prompt, char *line);

/* look.c */
void look_processes(int argc, char **argv);
void look_memory(int argc, char **argv);
void look_ipc(int argc, char **argv);
void look_cpus(int argc, char **argv);
void look_locks(int argc, char **argv);
void look_files(int argc, char **argv);
void look_devices(int argc, char **argv);

/* run.c */
void run_program(int argc, char **argv);
void run_kill(int argc, char **argv);
void run_restart(int argc, char **argv);
void run_reap(void);			/* says which programs in the background have ended */
void run_listen(bool on);		/* to ^C; off, it is input */

#endif /* SHELL_H */
