/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs: run, kill, restart. Each is run in a group of its own, with limits that leave the
 * machine to others whatever it does.
 *
 * Locking: foreground_lock for foreground, the handle that the second thread kills when ^C is
 * typed, and for typed. All else is the first thread's.
 */
#include <nucleus/string.h>

#include "shell.h"

#define JOBS		16
#define INIT		1		/* the first process */
#define END_BY_SHELL	2		/* reason of a kill */
#define LISTEN_AGAIN	(NSEC_PER_SEC / 4)

static const unsigned long limits[LIMITS] = {
	[LIMIT_PAGES] = 4096, [LIMIT_OBJECTS] = 1024, [LIMIT_THREADS] = 64, [LIMIT_PROCESSES] = 32,
};

static struct job {
	unsigned long	process;	/* handle; 0: free */
	char		name[NAME_MAX];
} jobs[JOBS];

static uint32_t foreground_lock;
static unsigned long foreground;	/* 0: none */
static bool typed;			/* ^C, since a program was to be run */
static unsigned long interrupt;		/* notification; 0: not made yet */

/* ---- ends ---- */

static void say_end(const char *name, const struct wait_info *w)
{
	switch (w->reason) {
	case END_EXIT:
		if (w->status != 0)
			printf("%s: status %d\n", name, w->status);
		break;
	case END_KILL:
		printf("%s: killed\n", name);
		break;
	case END_FAULT:
		printf("%s: ended by a fault at %#lx\n", name, w->address);
		break;
	case END_EXCEPTION:
		printf("%s: ended by an exception\n", name);
		break;
	default:
		printf("%s: ended, out of memory\n", name);
	}
}

void run_reap(void)
{
	struct wait_info w;

	for (struct job *j = jobs; j < jobs + JOBS; j++) {
		if (j->process == 0 || sys_wait(j->process, 0, &w) < 0)
			continue;
		printf("[%ld] ended\n", j - jobs + 1);
		say_end(j->name, &w);
		(void)sys_cap_close(j->process);
		j->process = 0;
	}
}

/* ---- run ---- */

static void watch(void *arg)
{
	uint64_t bits;

	(void)arg;
	while (sys_notify_wait(interrupt, DEADLINE_NEVER, &bits) == 0) {
		lock(&foreground_lock);
		typed = true;
		if (foreground != 0)
			(void)sys_kill(foreground, END_BY_SHELL);
		unlock(&foreground_lock);
	}
}

static void set_foreground(unsigned long process)
{
	lock(&foreground_lock);
	foreground = process;
	if (process != 0 && typed)
		(void)sys_kill(process, END_BY_SHELL);
	unlock(&foreground_lock);
}

void run_listen(bool on)
{
	struct message m = { .tag = CONSOLE_INTERRUPT | (on ? TAG_CAP : 0) };
	long made;

	if (on && interrupt == 0) {
		made = sys_notification();
		if (made < 0)
			return;
		interrupt = (unsigned long)made;
		(void)thread_create(watch, NULL, 0);
	}
	m.word[3] = interrupt;
	(void)console_call(&m);
}

/* In the child: a group with limits; the machine is not the program's. */
static long confine(void *arg)
{
	long error = sys_group(sh_system, limits);

	(void)arg;
	(void)sys_cap_close(sh_system);
	return error;
}

static void run_to_end(const char *name, unsigned long process)
{
	struct wait_info w;
	long ended;

	set_foreground(process);
	/* Again and again: a console's server that is new would not know of it. */
	while ((ended = sys_wait(process, sys_clock() + LISTEN_AGAIN, &w)) == -E_TIMEDOUT)
		run_listen(true);
	set_foreground(0);
	if (ended > 0)
		say_end(name, &w);
	(void)sys_cap_close(process);
}

void run_program(int argc, char **argv)
{
	bool back = argc > 0 && strcmp(argv[argc - 1], "&") == 0;
	struct job *j = jobs;
	long process;

	if (back)
		argv[--argc] = NULL;
	while (back && j < jobs + JOBS && j->process != 0)
		j++;
	if (argc == 0 || j == jobs + JOBS) {
		printf("run PROGRAM [ARGUMENT...] [&], with at most %d in the background\n", JOBS);
		return;
	}
	lock(&foreground_lock);
	typed = false;
	unlock(&foreground_lock);
	if (!back)
		run_listen(true);	/* also to what is typed while it begins */
	(void)sys_cap_inherit(sh_system, true);
	process = spawn(argv, confine, NULL);
	(void)sys_cap_inherit(sh_system, false);
	if (process < 0) {
		printf("%s: %s\n", argv[0], error_text(process));
	} else if (back) {
		j->process = (unsigned long)process;
		strlcpy(j->name, argv[0], sizeof(j->name));
		printf("[%ld] %s\n", j - jobs + 1, j->name);
	} else {
		run_to_end(argv[0], (unsigned long)process);
	}
	if (!back)
		run_listen(false);
}

/* ---- kill, restart ---- */

/* Of a name, all, again as long as there are some: they may make more meanwhile. How many. */
static unsigned kill_all(const char *name)
{
	unsigned killed = 0, some;

	do {
		struct info_process p;

		some = 0;
		for (unsigned id = 0; sys_info(sh_system, INFO_PROCESS, id, &p, sizeof(p)) > 0;
		    id = p.id + 1) {
			long process = strcmp(p.name, name) == 0 && strcmp(p.state, "ended") != 0 ?
			    sys_process(sh_system, p.id) : 0;

			if (process > 0 && sys_kill((unsigned long)process, END_BY_SHELL) == 0)
				some++;
			if (process > 0)
				(void)sys_cap_close((unsigned long)process);
		}
		killed += some;
	} while (some > 0);
	return killed;
}

void run_kill(int argc, char **argv)
{
	unsigned id;
	bool number;
	long process;

	if (argc != 1) {
		printf("kill ID | NAME\n");
		return;
	}
	number = shell_number(argv[0], ~0u, &id);
	if ((number && id == INIT) || strcmp(argv[0], "init") == 0) {
		printf("init is needed: halt ends the machine\n");
		return;
	}
	if (!number) {
		if (kill_all(argv[0]) == 0)
			printf("%s: no process of that name\n", argv[0]);
		return;
	}
	process = sys_process(sh_system, id);
	if (process > 0) {
		long error = sys_kill((unsigned long)process, END_BY_SHELL);

		(void)sys_cap_close((unsigned long)process);
		process = error;
	}
	if (process < 0)
		printf("%u: %s\n", id, process == -E_NOENT ? "no such process" : error_text(process));
}

/* Kill the console's server, and see how long it takes until another one answers. */
void run_restart(int argc, char **argv)
{
	struct message m = { .tag = LABEL(CONSOLE_WRITE, 0) };
	struct info_process p = { 0 };
	unsigned long start, end;
	long process = 0, error;

	(void)argv;
	if (argc != 0) {
		printf("restart: of the console's server\n");
		return;
	}
	while (sys_info(sh_system, INFO_PROCESS, p.id + 1, &p, sizeof(p)) > 0 && process <= 0) {
		if (strcmp(p.name, "console") == 0)
			process = sys_process(sh_system, p.id);
	}
	start = sys_clock();
	error = process > 0 ? sys_kill((unsigned long)process, END_BY_SHELL) : -E_NOENT;
	if (error == 0)
		error = console_call(&m);
	end = sys_clock();
	if (process > 0)
		(void)sys_cap_close((unsigned long)process);
	if (error != 0)
		printf("restart: %s\n", error_text(error));
	else
		printf("console: another server answered after %lu us\n", (end - start) / 1000);
}
