/* SPDX-License-Identifier: BSD-2-Clause */
/* The program: a child of process 1, whose part the image's thread plays. See image.h. */
#include <sys/wait.h>

#include <rump/rumpext_user.h>

#include "image.h"

/* A donor that is not configured for programs has none. */
long rump_ext_spawn(const char *, char *const[], char *const[], const char *)
    __attribute__((__weak__));

int image_run(const struct config *c)
{
	long pid, who;
	int status;

	if (rump_ext_spawn == NULL)
		return -ENOSYS;
	if (c->program == NULL) {
		log_error("nothing to run: no archive, or no program= in " PILLION_CONFIG_NAME);
		return 127;
	}
	pid = rump_ext_spawn(c->program, c->argv, c->envp, TERMINAL);
	if (pid < 0)
		return (int)pid;
	record_phase("program");
	terminal_input();
	/* Process 1 also gets those that nobody else waits for. */
	while ((who = pillion_sys_wait4(-1, &status, 0, NULL)) != pid)
		if (who < 0 && who != -EINTR)
			return (int)who;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
