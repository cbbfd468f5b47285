/* SPDX-License-Identifier: BSD-2-Clause */
/* Child processes. Interface: bench.h. Locking: none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

__attribute__((noreturn))
static void child(const struct cmd *c, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out >= 0 ? out : null, 1) < 0 ||
	    (c->quiet && dup2(null, 2) < 0) || (c->netns && setns(c->netns, CLONE_NEWNET)))
		_exit(126);
	execvp(c->argv[0], (char *const *)c->argv);
	_exit(127);
}

pid_t cmd_start(const struct cmd *c)
{
	int p[2] = { -1, -1 };
	pid_t pid;

	if (c->out && pipe2(p, O_CLOEXEC))
		return fail("pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child(c, p[1]);
	if (c->out) {
		close(p[1]);
		*c->out = p[0];
	}
	if (pid < 0)
		return fail("fork: %s", strerror(errno));
	return pid;
}

int cmd_wait(pid_t pid, const char *name)
{
	int status;

	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail("%s: waitpid: %s", name, strerror(errno));
	if (WIFSIGNALED(status))
		return fail("%s: ended by signal %d", name, WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return fail("%s: cannot be run", name);
	if (WEXITSTATUS(status))
		return fail("%s: exit status %d", name, WEXITSTATUS(status));
	return 0;
}

int cmd_run(const struct cmd *c)
{
	return cmd_wait(cmd_start(c), c->argv[0]);
}

int read_figure(int fd, double *out)
{
	char buf[128], *end;
	size_t n = 0;
	ssize_t r;

	while (n < sizeof(buf) - 1 && (r = read(fd, buf + n, sizeof(buf) - 1 - n)) != 0) {
		if (r < 0 && errno != EINTR)
			break;
		n += r > 0 ? (size_t)r : 0;
	}
	buf[n] = '\0';
	*out = strtod(buf, &end);
	return end == buf ? fail("no figure, but \"%.*s\"", (int)strcspn(buf, "\n"), buf) : 0;
}

int cmd_figure(const struct cmd *c, double *out)
{
	struct cmd with = *c;
	int fd = -1, r;
	pid_t pid;

	with.out = &fd;
	pid = cmd_start(&with);
	if (pid < 0)
		return -1;
	r = read_figure(fd, out);
	close(fd);
	if (cmd_wait(pid, c->argv[0]))
		return -1;
	return r;
}

int reap_left(void)
{
	int status;

	for (;;) {
		if (waitpid(-1, &status, 0) >= 0)
			continue;
		if (errno == ECHILD)
			return 0;
		if (errno != EINTR)
			return fail("waitpid: %s", strerror(errno));
	}
}

bool have_program(const char *name)
{
	const char *path = getenv("PATH");
	char *dirs, *dir, *at = NULL, file[512];
	bool found = false;

	if (strchr(name, '/'))
		return access(name, X_OK) == 0;
	if (asprintf(&dirs, "%s", path ? path : "/usr/bin:/bin") < 0)
		abort();
	for (dir = strtok_r(dirs, ":", &at); dir && !found; dir = strtok_r(NULL, ":", &at)) {
		snprintf(file, sizeof(file), "%s/%s", dir, name);
		found = access(file, X_OK) == 0;
	}
	free(dirs);
	return found;
}
