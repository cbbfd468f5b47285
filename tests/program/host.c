/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host [-m MEMORY] [-c CMDLINE] [-i ARCHIVE] [-e NAME=VALUE]... [-t] PROGRAM [ARGUMENT]...
 *
 * Boots a donor in this process, with ARCHIVE (cpio) as root file system, and runs PROGRAM of it
 * in user mode (hostuser.c). -t: standard input is the console's, and the program has it as
 * controlling terminal. Exit status: the program's, 128 + the signal that ended it, or 99 if
 * something here fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rump/rumpext_task.h>
#include <rump/rumpext_user.h>
#include <rump/rumpuser.h>
#include <rumpuser_posix.h>

#define FAILED	99
#define sys(nr, a, b, c, d) rump_ext_syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

/* Carriage returns are the terminal's affair. */
static void sink(void *arg, const char *text, size_t len)
{
	size_t i;

	(void)arg;
	for (i = 0; i < len; i++)
		if (text[i] != '\r')
			putchar(text[i]);
	fflush(stdout);
}

static void *input_main(void *arg)
{
	char buf[512];
	ssize_t n;

	(void)arg;
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		rumpuser_posix_console_input(buf, (size_t)n);
	return NULL;
}

static void give_archive(const char *path)
{
	char param[64];
	struct stat st;
	void *at;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) || (at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE, fd, 0)) == MAP_FAILED) {
		perror(path);
		exit(FAILED);
	}
	snprintf(param, sizeof(param), "%p,%lld", at, (long long)st.st_size);
	rumpuser_posix_param_set("PILLION_INITRD", param);
}

static void set_up_root(void)
{
	static const char *const mounts[][2] = { { "devtmpfs", "/dev" }, { "proc", "/proc" },
						 { "sysfs", "/sys" }, { "tmpfs", "/tmp" } };
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		sys(SYS_mkdir, mounts[i][1], 0755, 0, 0);
		if (sys(SYS_mount, mounts[i][0], mounts[i][1], mounts[i][0], 0))
			fprintf(stderr, "host: cannot mount %s\n", mounts[i][1]);
	}
}

static int run(char **argv, char **envp, const char *tty)
{
	long pid, got;
	int status = 0;

	for (int fd = 0; tty && fd < 3; fd++)
		sys(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC, 0);
	pid = rump_ext_spawn(argv[0], argv, envp, tty);
	if (pid < 0) {
		fprintf(stderr, "host: %s: %s\n", argv[0], strerror((int)-pid));
		return FAILED;
	}
	do
		got = sys(SYS_wait4, -1, &status, 0, 0);
	while (got != pid && got > 0);
	if (got != pid) {
		fprintf(stderr, "host: wait: %s\n", strerror((int)-got));
		return FAILED;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	char *envp[32] = { "PATH=/bin:/usr/bin:/t", "HOME=/", "TERM=vt100", "CLOCK_SLACK=1000000" };
	char cmdline[512] = "loglevel=3";
	const char *tty = NULL;
	int c, n = 4, status;
	pthread_t input;

	rumpuser_posix_param_noenv(1);
	rumpuser_posix_param_set("RUMP_MEMLIMIT", "64M");
	while ((c = getopt(argc, argv, "+m:c:i:e:t")) != -1) {
		switch (c) {
		case 'm':
			rumpuser_posix_param_set("RUMP_MEMLIMIT", optarg);
			break;
		case 'c':
			snprintf(cmdline, sizeof(cmdline), "loglevel=3 %s", optarg);
			break;
		case 'i':
			give_archive(optarg);
			break;
		case 'e':
			if (n < 31)
				envp[n++] = optarg;
			break;
		case 't':
			tty = "/dev/ttyR0";
			break;
		default:
			return FAILED;
		}
	}
	if (optind == argc)
		return FAILED;
	rumpuser_posix_param_set("PILLION_CMDLINE", cmdline);
	rumpuser_posix_console_sink(sink, NULL);
	status = rump_init();
	if (status) {
		fprintf(stderr, "host: boot: error %d\n", status);
		return FAILED;
	}
	set_up_root();
	if (tty)
		pthread_create(&input, NULL, input_main, NULL);
	status = run(argv + optind, envp, tty);
	if (rump_ext_halt()) {
		fprintf(stderr, "host: the donor does not halt\n");
		status = FAILED;
	}
	rumpuser_posix_console_sink(NULL, NULL);
	_exit(status);
}
