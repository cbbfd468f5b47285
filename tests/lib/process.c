/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several processes in one donor: what each has for itself, and how it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "common.h"
#include "tap.h"

#define GENERATIONS	(200 * env_long("TEST_SCALE", 1))

/* In a new process, and back: fork moves this thread, exit moves it back. */
static void test_own_descriptors(void)
{
	long shared = pillion_sys_openat(AT_FDCWD, "/shared", O_RDWR | O_CREAT, 0644), fd, r;
	int parent = (int)pillion_sys_getpid(), child, status = -1;

	child = pillion_fork();
	ok(child > 1, "fork makes a process");
	is(pillion_sys_getpid(), child, "the thread is in it");
	is(pillion_sys_getppid(), parent, "whose parent is the one before");
	is(pillion_sys_write((int)shared, "child", 5), 5, "the child writes an inherited descriptor");
	is(pillion_sys_close((int)shared), 0, "and closes it");
	fd = pillion_sys_openat(AT_FDCWD, "/childs", O_RDWR | O_CREAT, 0644);
	is(fd, shared, "so that its number is free in the child");
	is(pillion_sys_write((int)fd, "own", 3), 3, "what it opens is written");
	pillion_sys_exit_group(7);

	is(pillion_sys_getpid(), parent, "after exit_group the thread is back in the parent");
	r = pillion_sys_wait4(child, &status, 0, NULL);
	is(r, child, "which can wait for the child");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "and gets its exit code");
	is(pillion_sys_wait4(-1, &status, 0, NULL), -ECHILD, "there is no other child");
	is(pillion_sys_lseek((int)shared, 0, SEEK_CUR), 5,
	    "the open file was shared, its position too; the descriptor is still open here");
	is(pillion_sys_close((int)shared), 0, "and closes");
}

static void test_own_directory(void)
{
	char cwd[64];
	int child, status;

	pillion_sys_mkdirat(AT_FDCWD, "/dir", 0755);
	pillion_sys_mkdirat(AT_FDCWD, "/dir/sub", 0755);
	pillion_sys_chdir("/dir");
	pillion_sys_umask(022);
	child = pillion_fork();
	is(pillion_sys_getcwd(cwd, sizeof(cwd)), 5, "the current directory is inherited");
	pillion_sys_chdir("sub");
	pillion_sys_umask(077);
	is(write_file("here", "x", 1), 1, "a relative path");
	pillion_sys_exit_group(0);
	ok(pillion_sys_getcwd(cwd, sizeof(cwd)) == 5 && !strcmp(cwd, "/dir"),
	    "the parent's directory did not move");
	is(pillion_sys_umask(022), 022, "nor did its umask change");
	is(pillion_sys_faccessat(AT_FDCWD, "sub/here", 0), 0, "the file is where the child was");
	is(pillion_sys_wait4(child, &status, 0, NULL), child, "the child is reaped");
	pillion_sys_chdir("/");
}

static void test_own_root(void)
{
	int child = pillion_fork(), status;

	is(pillion_sys_chroot("/dir"), 0, "a process can have a root of its own");
	is(pillion_sys_chdir("/"), 0, "and go there");
	is(pillion_sys_faccessat(AT_FDCWD, "/sub/here", 0), 0, "where paths begin");
	is(pillion_sys_faccessat(AT_FDCWD, "/../../childs", 0), -ENOENT, "and .. ends");
	pillion_sys_exit_group(0);
	pillion_sys_wait4(child, &status, 0, NULL);
	is(pillion_sys_faccessat(AT_FDCWD, "/childs", 0), 0, "the parent's root is as it was");
}

static void test_credentials(void)
{
	int child, status = -1, group = 4242;

	write_file("/secret", "s", 1);
	pillion_sys_fchmodat(AT_FDCWD, "/secret", 0600);
	pillion_sys_fchmodat(AT_FDCWD, "/", 0755);
	child = pillion_fork();
	is(pillion_sys_setgroups(1, (void *)&group), 0, "groups");
	is(pillion_sys_setresgid(1000, 1000, 1000), 0, "a group id");
	is(pillion_sys_setresuid(1000, 1000, 1000), 0, "a user id");
	is(pillion_sys_getuid(), 1000, "it counts");
	is(pillion_sys_openat(AT_FDCWD, "/secret", O_RDONLY, 0), -EACCES, "root's file is closed to it");
	is(pillion_sys_openat(AT_FDCWD, "/new", O_CREAT | O_WRONLY, 0644), -EACCES,
	    "root's directory too");
	is(pillion_sys_setuid(0), -EPERM, "there is no way back");
	is(pillion_sys_kill(1, 9), -EPERM, "nor may it kill what is root's");
	is(pillion_sys_mount("none", "/dir", "tmpfs", 0, NULL), -EPERM, "or mount");
	is(pillion_sys_mknodat(AT_FDCWD, "/tmp", 0644, 0), -EACCES, "or make nodes where it has no right");
	pillion_sys_exit_group(255);
	is(pillion_sys_getuid(), 0, "the parent is still root");
	pillion_sys_wait4(child, &status, 0, NULL);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 255, "exit code 255");
	child = (int)pillion_sys_openat(AT_FDCWD, "/secret", O_RDONLY, 0);
	ok(child >= 0, "root reads its file");
	pillion_sys_close(child);
}

static void test_limits_and_sessions(void)
{
	struct rlimit small = { 8, 8 }, now;
	int child, status;
	long sid, fd = 0, last = 0;

	child = pillion_fork();
	is(pillion_sys_prlimit64(0, RLIMIT_NOFILE, (void *)&small, NULL), 0, "a limit of descriptors");
	for (int i = 0; i < 10 && fd >= 0; i++) {
		last = fd;
		fd = pillion_sys_openat(AT_FDCWD, "/", O_RDONLY, 0);
	}
	ok(fd == -EMFILE && last < 8, "holds in the process that has it");
	sid = pillion_sys_setsid();
	is(sid, child, "a session of its own");
	is(pillion_sys_getpgid(0), child, "and a process group");
	pillion_sys_exit_group(0);
	pillion_sys_wait4(child, &status, 0, NULL);
	is(pillion_sys_prlimit64(0, RLIMIT_NOFILE, NULL, (void *)&now), 0, "the parent's limit");
	ok(now.rlim_cur > 8, "is as it was");
	ok(pillion_sys_getsid(0) != sid, "it is in another session");
}

/* Two threads in one process share what threads share; the process goes with the last. */
static long second_thread(void *arg)
{
	int *fds = arg;

	if (pillion_sys_getpid() == pillion_sys_gettid())
		return -1;
	pillion_sys_chdir("/dir/sub");
	fds[1] = (int)pillion_sys_openat(AT_FDCWD, "here", O_RDONLY, 0);
	pillion_sys_close(fds[0]);
	return pillion_sys_getpid();
}

static void test_threads_of_a_process(void)
{
	int fds[2] = { (int)pillion_sys_openat(AT_FDCWD, "/childs", O_RDONLY, 0), -1 };
	struct worker w;
	char cwd[64];
	int child = pillion_fork(), status;

	worker_start(&w, child, second_thread, fds);
	is(worker_join(&w), child, "a second host thread joins the process by its pid");
	is(pillion_sys_lseek(fds[0], 0, SEEK_CUR), -EBADF, "they share descriptors: closed there");
	ok(fds[1] >= 0 && pillion_sys_lseek(fds[1], 0, SEEK_CUR) == 0, "opened there");
	ok(pillion_sys_getcwd(cwd, sizeof(cwd)) > 0 && !strcmp(cwd, "/dir/sub"), "and the directory");
	is(pillion_sys_getpid(), child, "the second's end does not end the process");
	pillion_sys_exit(0);
	is(pillion_sys_wait4(child, &status, 0, NULL), child, "the last one's does");
	is(pillion_sys_close(fds[0]), 0, "the parent's descriptor stayed open");
	is(pillion_sys_kill(child, 0), -ESRCH, "the pid is gone");
}

static long attach_there(void *arg)
{
	(void)arg;
	return 0;
}

static void test_attach_errors(void)
{
	struct worker w;

	worker_start(&w, 30000, attach_there, NULL);
	is(worker_join(&w), -ESRCH, "attaching to no process");
	worker_start(&w, 2, attach_there, NULL);
	is(worker_join(&w), -ESRCH, "attaching to a kernel thread");
	is(pillion_thread_attach(1), -EBUSY, "attaching twice");
}

/* A family: each makes a child and waits for it. */
static void test_generations(void)
{
	int depth = 40, pids[41], status, good = 1;

	pids[0] = (int)pillion_sys_getpid();
	for (int i = 1; i <= depth; i++) {
		pids[i] = pillion_fork();
		good &= pids[i] > 0 && pillion_sys_getppid() == pids[i - 1];
	}
	for (int i = depth; i > 0; i--) {
		good &= pillion_sys_getpid() == pids[i];
		pillion_sys_exit_group(i);
		status = 0;
		good &= pillion_sys_wait4(pids[i], &status, 0, NULL) == pids[i];
		good &= WIFEXITED(status) && WEXITSTATUS(status) == i;
	}
	ok(good, "%d generations, each the child of the one before, all codes right", depth);
}

static void test_many_processes(void)
{
	long before = 0, after, n = GENERATIONS;
	int good = 1, tasks = 0;

	for (long i = 0; i < n; i++) {
		int child = pillion_fork(), status = 0;

		good &= child > 0;
		write_file("/many", &i, sizeof(i));
		pillion_sys_exit_group(i % 256);
		good &= pillion_sys_wait4(child, &status, 0, NULL) == child;
		good &= WEXITSTATUS(status) == i % 256;
		if (i == n / 4) {
			tasks = count_tasks();
			before = meminfo_kb("MemFree:");
		}
	}
	ok(good, "%ld processes, one after the other", n);
	for (int i = 0; i < 100 && count_tasks() > tasks; i++)
		pause_ms(20);
	after = meminfo_kb("MemFree:");
	ok(count_tasks() <= tasks, "leave no task (%d, then %d)", tasks, count_tasks());
	ok(after > before - 1024, "and no memory taken (%ld KiB free, then %ld)", before, after);
}

/*
 * A process that is killed while its thread is elsewhere (outside, or in another of its tasks)
 * ends when the thread comes by. Its children become process 1's.
 */
static void test_orphans(void)
{
	int middle = pillion_fork(), inner, status;

	inner = pillion_fork();
	ok(middle > 0 && inner > 0, "a child of a child");
	is(pillion_sys_kill(middle, SIGKILL), 0, "its parent is killed");
	pillion_sys_exit_group(0);
	pillion_sys_getpid();
	is(pillion_sys_getpid(), 1, "the thread is in process 1 after it was in the killed one");
	is(pillion_sys_wait4(middle, &status, 0, NULL), middle, "which reaps the one");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "that died of SIGKILL");
	is(pillion_sys_wait4(inner, &status, 0, NULL), inner, "and the other");
}

/* Room for a process, and none for its first thread. */
static void test_no_room(void)
{
	const char *limit = "/proc/sys/kernel/threads-max";
	int child = 1, tasks = 0;
	char was[32], now[32];
	long len = read_file(limit, was, sizeof(was));

	for (int i = 0; i < 10 && child > 0; i++) {	/* the donor's own threads come and go */
		pause_ms(50);
		tasks = count_tasks();
		snprintf(now, sizeof(now), "%d", tasks + 1);
		write_file(limit, now, strlen(now));
		child = pillion_fork();
		write_file(limit, was, (size_t)len);
		if (child > 0) {
			pillion_sys_exit_group(0);
			pillion_sys_wait4(child, NULL, 0, NULL);
		}
	}
	is(child, -EAGAIN, "fork into a process for whose first thread there is no room");
	is(pillion_sys_getpid(), 1, "the thread is where it was");
	for (int i = 0; i < 100 && count_tasks() > tasks; i++)
		pause_ms(20);
	ok(count_tasks() <= tasks, "no task stays (%d, then %d)", tasks, count_tasks());
	is(pillion_sys_wait4(-1, NULL, WNOHANG, NULL), -ECHILD, "and no child");
}

static long signal_thread(void *arg)
{
	return pillion_sys_tgkill(1, *(int *)arg, SIGUSR1);
}

static void test_fork_with_a_signal(void)
{
	int tid = (int)pillion_sys_gettid(), before = signals_seen(SIGUSR1), child;
	struct worker w;

	worker_start(&w, 0, signal_thread, &tid);
	is(worker_join(&w), 0, "a signal is pending for this thread");
	child = pillion_fork();
	ok(child > 0, "which forks (%d)", child);
	is(signals_seen(SIGUSR1), before + 1, "the signal is told of, once");
	is(signal_pid(SIGUSR1), 1, "for the process that it was sent to");
	pillion_sys_exit_group(0);
	is(pillion_sys_wait4(child, NULL, 0, NULL), child, "the child ends");
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .memory = 256 << 20, .loglevel = -1 };

	tap_begin();
	boot(&opt);
	test_own_descriptors();
	test_own_directory();
	test_own_root();
	test_credentials();
	test_limits_and_sessions();
	test_threads_of_a_process();
	test_attach_errors();
	test_generations();
	test_many_processes();
	test_orphans();
	test_no_room();
	test_fork_with_a_signal();
	ok(pillion_shutdown() == 0, "shutdown");
	return tap_done();
}
