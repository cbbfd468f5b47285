/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Going to the background: fork, and let the parent wait for the verdict on a pipe.
 *
 * Interface: rumpuser_daemonize_begin, _done. Locking: none; called before and after there are
 * threads.
 */
#define _GNU_SOURCE
#include <sys/types.h>
#include <fcntl.h>
#include <unistd.h>

#include "posix.h"

static int verdict = -1;

static void
parent(int fd)
{
	uint8_t status;
	ssize_t n;

	do
		n = read(fd, &status, 1);
	while (n < 0 && errno == EINTR);
	/* The child went away without a word. */
	_exit(n == 1 ? status : 1);
}

int
rumpuser_daemonize_begin(void)
{
	int fds[2], error;
	pid_t pid;

	if (verdict != -1)
		return RUMP_EINVAL;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return rumpuser__errtrans(errno);
	pid = fork();
	if (pid == -1) {
		error = errno;
		(void)close(fds[0]);
		(void)close(fds[1]);
		return rumpuser__errtrans(error);
	}
	if (pid != 0) {
		(void)close(fds[1]);
		parent(fds[0]);
	}
	(void)close(fds[0]);
	verdict = fds[1];
	return 0;
}

static int
detach(void)
{
	int fd, i;

	if (setsid() == -1)
		return errno;
	fd = open("/dev/null", O_RDWR);
	if (fd == -1)
		return errno;
	for (i = 0; i < 3; i++)
		if (dup2(fd, i) == -1)
			return errno;
	if (fd > 2)
		(void)close(fd);
	return 0;
}

int
rumpuser_daemonize_done(int error)
{
	int rv = 0;
	uint8_t status;

	if (verdict == -1)
		return RUMP_EINVAL;
	if (error == 0)
		error = rv = rumpuser__errtrans(detach());
	status = error < 0 || error > 255 ? 255 : (uint8_t)error;
	while (write(verdict, &status, 1) == -1 && errno == EINTR)
		continue;
	(void)close(verdict);
	verdict = -1;
	return rv;
}
