/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: fork, vfork, exec, posix_spawn, wait, pipes, sessions, credentials, limits. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

static char self[256];

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return -1;
	return status;
}

static void test_fork(void)
{
	int pipes[2], shared = 1, status;
	char buf[32] = "";
	pid_t pid;

	ok(pipe(pipes) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		shared = 2;
		_exit(write(pipes[1], "from the child", 15) == 15 && getppid() != getpid() ? 42 : 1);
	}
	ok(pid > 0, "fork");
	is(read(pipes[0], buf, sizeof(buf)), 15, "the parent reads what the child wrote");
	ok(!strcmp(buf, "from the child"), "and it is that");
	status = reap(pid);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 42, "the child's status");
	is(shared, 1, "memory is copied");
	is(waitpid(-1, NULL, 0) == -1 ? errno : 0, ECHILD, "no child is left");
	close(pipes[0]);
	signal(SIGPIPE, SIG_IGN);
	is(write(pipes[1], "x", 1) == -1 ? errno : 0, EPIPE, "EPIPE without a reader");
	close(pipes[1]);
	signal(SIGPIPE, SIG_DFL);
}

static void test_many(void)
{
	int i, good = 0, n = (int)env_long("FORKS", 20);
	pid_t pid;

	for (i = 0; i < n; i++) {
		pid = fork();
		if (pid == 0)
			_exit(i & 63);
		good += WEXITSTATUS(reap(pid)) == (i & 63);
	}
	is(good, n, "%d children one after the other", n);
	for (i = 0; i < n; i++)
		if (fork() == 0) {
			usleep(1000 * (i % 5));
			_exit(0);
		}
	for (good = 0; wait(NULL) > 0; good++)
		;
	is(good, n, "%d children at a time", n);
}

static void test_death(void)
{
	static const int sigs[] = { SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGINT };
	int status, pipes[2];
	pid_t pid;
	size_t i;
	char c;

	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		pid = fork();
		if (pid == 0)
			for (;;)
				pause();
		kill(pid, sigs[i]);
		status = reap(pid);
		ok(WIFSIGNALED(status) && WTERMSIG(status) == sigs[i], "ended by signal %d", sigs[i]);
	}
	if (pipe(pipes))
		return;
	pid = fork();
	if (pid == 0) {
		volatile unsigned long n = 0;

		c = 'x';
		if (write(pipes[1], &c, 1) == 1)
			for (;;)
				n++;
	}
	ok(read(pipes[0], &c, 1) == 1 && kill(pid, SIGKILL) == 0, "a child that spins is killed");
	status = reap(pid);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "and is gone");
	pid = fork();
	if (pid == 0)
		*(volatile int *)8 = 1;
	status = reap(pid);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a wild store ends the child only");
}

static void test_exec(void)
{
	char *args[] = { self, "--child", "one", "two words", NULL };
	char *env[] = { "COLOUR=green", NULL };
	int status;
	pid_t pid;

	pid = vfork();
	if (pid == 0) {
		execve(self, args, env);
		_exit(99);
	}
	status = reap(pid);
	is(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 23,
	   "vfork and execve, with arguments and environment");
	is(posix_spawn(&pid, self, NULL, NULL, args, env), 0, "posix_spawn");
	is(WEXITSTATUS(reap(pid)), 23, "its program runs");
	is(posix_spawn(&pid, "/no/such/file", NULL, NULL, args, env), ENOENT, "posix_spawn of nothing");
	is(execve("/dev/null", args, env) ? errno : 0, EACCES, "exec of a device");
	is(execve("/proc/self/status", args, env) ? errno : 0, EACCES, "exec of what is not executable");
}

static void write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || close(fd))
		bail("cannot write %s", path);
}

static void test_bad_programs(void)
{
	char elf[64] = "\177ELF", *args[] = { "x", NULL }, *none[] = { NULL }, script[300];
	int status;
	pid_t pid;

	write_file("/tmp/garbage", "garbage\n", 8);
	is(execve("/tmp/garbage", args, none) ? errno : 0, ENOEXEC, "a file of no format");
	write_file("/tmp/init", "#pillion init\n", 14);
	is(execve("/tmp/init", args, none) ? errno : 0, ENOEXEC, "nor is the donor's own one");
	write_file("/tmp/elf", elf, sizeof(elf));
	is(execve("/tmp/elf", args, none) ? errno : 0, ENOEXEC, "an ELF header of zeros");
	snprintf(script, sizeof(script), "#!%s --child\n", self);
	write_file("/tmp/script", script, strlen(script));
	pid = fork();
	if (pid == 0) {
		execve("/tmp/script", args, none);
		_exit(99);
	}
	status = reap(pid);
	is(WEXITSTATUS(status), 24, "a script's interpreter");
}

static int clone_fn(void *arg)
{
	*(int *)arg = 5;
	return 6;
}

static void test_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	static int shared;
	int status;
	pid_t pid;

	pid = clone(clone_fn, stack + sizeof(stack), CLONE_VM | SIGCHLD, &shared);
	ok(pid > 0, "clone with the memory shared");
	status = reap(pid);
	ok(WEXITSTATUS(status) == 6 && shared == 5, "it has written to it");
	is(syscall(SYS_clone3, NULL, 0) == -1 ? errno : 0, EINVAL, "clone3 without arguments");
}

/* The letter for a process's state. */
static int state_of(pid_t pid)
{
	char path[64], text[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	return n > 0 ? *(strrchr(text, ')') + 2) : 0;
}

static void test_state(void)
{
	pid_t spinning = fork(), sleeping, stopped;
	int i, bad = 0, status;

	if (spinning == 0)
		for (;;)
			;
	sleeping = fork();
	if (sleeping == 0)
		for (;;)
			pause();
	stopped = fork();
	if (stopped == 0)
		for (;;)
			;
	kill(stopped, SIGSTOP);
	waitpid(stopped, &status, WUNTRACED);
	for (i = 0; i < 1000 && state_of(sleeping) != 'S'; i++)
		usleep(3000);		/* until it has come so far */
	for (i = 0; i < 20; i++) {
		usleep(3000);
		bad += state_of(spinning) != 'R' || state_of(sleeping) != 'S' || state_of(stopped) != 'T';
	}
	is(bad, 0, "R for a program that spins, S for one that sleeps, T for one that was stopped");
	kill(spinning, SIGKILL);
	kill(sleeping, SIGKILL);
	kill(stopped, SIGKILL);
	while (wait(NULL) > 0)
		;
}

static int deep(int n)
{
	volatile char frame[4096];

	frame[0] = (char)n;
	return n ? deep(n - 1) + frame[0] : 0;
}

static void test_limits(void)
{
	struct rlimit rl = { 256 << 10, 256 << 10 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setrlimit(RLIMIT_STACK, &rl);
		_exit(deep(1000) & 0);
	}
	status = reap(pid);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a stack beyond its limit");
	pid = fork();
	if (pid == 0) {
		rl.rlim_cur = rl.rlim_max = 4096;
		setrlimit(RLIMIT_FSIZE, &rl);
		write_file("/tmp/large", self, 1);
		status = open("/tmp/large", O_WRONLY);
		_exit(pwrite(status, "x", 1, 4095) == 1 && pwrite(status, "x", 1, 4096) == 1);
	}
	status = reap(pid);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ, "a file beyond its limit");
	pid = fork();
	if (pid == 0) {
		rl.rlim_cur = rl.rlim_max = 1;
		_exit(setrlimit(RLIMIT_NPROC, &rl) || setuid(1234) || fork() != -1 || errno != EAGAIN);
	}
	is(WEXITSTATUS(reap(pid)), 0, "more processes than a user may have");
}

/* Is there a BAR that its device's file gives away? */
static int opens_device(void)
{
	const char *names[] = { "resource0", "resource0_wc", "config" };
	DIR *d = opendir("/sys/bus/pci/devices");
	struct dirent *e;
	char path[512];
	int n = 0;
	size_t i;

	while (d && (e = readdir(d)))
		for (i = 0; i < 3; i++) {
			snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", e->d_name, names[i]);
			n += e->d_name[0] != '.' && open(path, O_RDWR) >= 0;
		}
	return n;
}

/* Who may not: credentials are looked at. */
static void test_rights(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		int bad = 0;

		write_file("/tmp/secret", "x", 1);
		chmod("/tmp/secret", 0600);
		if (setgid(12) || setuid(34))
			_exit(99);
		bad += open("/tmp/secret", O_RDONLY) != -1 || errno != EACCES;
		bad += kill(getppid(), SIGKILL) != -1 || errno != EPERM;
		bad += syscall(SYS_reboot, 0xfee1dead, 0x28121969, 0x4321fedc, NULL) != -1 || errno != EPERM;
		bad += sethostname("x", 1) != -1 || errno != EPERM;
		bad += syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL) != -1 || errno != EPERM;
		bad += syscall(SYS_ptrace, 16, (long)getppid(), 0, 0) != -1 || errno != EPERM;
		bad += opens_device();
		bad += open("/dev/mem", O_RDONLY) != -1 || open("/dev/port", O_RDONLY) != -1;
		_exit(bad);
	}
	is(WEXITSTATUS(reap(pid)), 0, "what a user may not do");
}

static void test_identity(void)
{
	struct rlimit rl = { 0, 0 };
	pid_t pid = fork();

	if (pid == 0)
		_exit(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid() ? 0 : 1);
	is(WEXITSTATUS(reap(pid)), 0, "setsid");
	pid = fork();
	if (pid == 0)
		_exit(setgid(12) || setuid(34) || getuid() != 34 || getgid() != 12 || !setuid(0));
	is(WEXITSTATUS(reap(pid)), 0, "credentials are given up for good");
	ok(getrlimit(RLIMIT_STACK, &rl) == 0 && rl.rlim_cur >= 1 << 20, "getrlimit");
	pid = fork();
	if (pid == 0) {
		rl.rlim_cur = rl.rlim_max = 3;
		_exit(setrlimit(RLIMIT_NOFILE, &rl) || open("/", O_RDONLY) != -1 || errno != EMFILE);
	}
	is(WEXITSTATUS(reap(pid)), 0, "a limit is kept");
	is(syscall(10000) == -1 ? errno : 0, ENOSYS, "a call that does not exist");
	is(syscall(-1) == -1 ? errno : 0, ENOSYS, "another");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--child")) {
		const char *colour = getenv("COLOUR");

		if (argc == 4 && !strcmp(argv[3], "two words") && colour && !strcmp(colour, "green"))
			return 23;
		return argc == 3 && !strcmp(argv[2], "/tmp/script") ? 24 : 25;
	}
	tap_begin();
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0)
		bail("who am I?");
	test_fork();
	test_many();
	test_death();
	test_exec();
	test_bad_programs();
	test_clone();
	test_state();
	test_limits();
	test_rights();
	test_identity();
	return tap_done();
}
