/* SPDX-License-Identifier: BSD-2-Clause */
/* More room for connections at QEMU's sockets; see backlog.h. */
#include "backlog.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A duplicate of another process's descriptor is the same socket: listen(2) holds for both. */
static void widen(int process, int fd)
{
	int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0), listens = 0;
	socklen_t len = sizeof(listens);

	if (copy < 0)
		return;
	if (getsockopt(copy, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens)
		listen(copy, SOMAXCONN);
	close(copy);
}

void backlog_widen(pid_t qemu)
{
	int process = (int)syscall(SYS_pidfd_open, qemu, 0);
	char path[40], to[40];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)qemu);
	dir = process >= 0 ? opendir(path) : NULL;
	while (dir && (e = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), e->d_name, to, sizeof(to) - 1);

		to[n > 0 ? n : 0] = '\0';
		if (strncmp(to, "socket:", 7) == 0)
			widen(process, atoi(e->d_name));
	}
	if (dir)
		closedir(dir);
	if (process >= 0)
		close(process);
}
