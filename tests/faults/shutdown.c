/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end: file systems synced and unmounted; no thread, descriptor or mapping left. And what
 * several processes of the host may do to each other: fork while booted, one image for two.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <rump/rumperrno.h>
#include <rump/rumpext_task.h>

#include "common.h"
#include "image.h"
#include "tap.h"

static char path[64];

#define MUST(what) do { if (!(what)) { diag("line %d: %s", __LINE__, #what); return 1; } } while (0)

/* Mappings but for the heap and the stack, which are the C library's. */
static int count_maps(size_t *bytes, bool show)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long lo, hi;
	char line[512];
	int n = 0;

	*bytes = 0;
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx", &lo, &hi) == 2 && !strstr(line, "[heap]") &&
		    !strstr(line, "[stack]")) {
			*bytes += hi - lo;
			n++;
			if (show)
				printf("#   %s", line);
		}
	if (f)
		fclose(f);
	return n;
}

/* Something of everything. */
static void live(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static char data[1 << 20];
	int s, pid, status;

	for (int i = 0; i < 8; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/mnt/file%d", i);
		fill_pattern(data, sizeof(data), (uint64_t)i, 0);
		write_file(name, data, sizeof(data));
		write_file(name + 4, data, sizeof(data));
	}
	s = (int)pillion_sys_socket(AF_INET, SOCK_STREAM, 0);
	pillion_sys_bind(s, (void *)&a, sizeof(a));
	pillion_sys_listen(s, 5);
	pid = pillion_fork();
	pillion_sys_openat(AT_FDCWD, "/mnt/file0", O_RDONLY, 0);
	pillion_sys_exit_group(0);
	pillion_sys_wait4(pid, &status, 0, NULL);
	pillion_sys_chdir("/mnt");
	pillion_sys_openat(AT_FDCWD, "/mnt/file1", O_RDWR, 0);
}

static long worker_call(void *arg)
{
	(void)arg;
	return pillion_sys_getpid();
}

static int nothing_left(void *arg)
{
	size_t bytes, bytes_after;
	int maps, maps_after, fds, threads;
	struct worker w[4];

	(void)arg;
	count_maps(&bytes, false);	/* with its stream's buffer */
	maps = count_maps(&bytes, false);
	fds = host_count_dir("/proc/self/fd");
	threads = host_count_dir("/proc/self/task");
	MUST(mount_path(path, NULL) == 0);
	for (int i = 0; i < 4; i++)
		worker_start(&w[i], 0, worker_call, NULL);
	for (int i = 0; i < 4; i++)
		MUST(worker_join(&w[i]) == 1);
	live();
	MUST(host_count_dir("/proc/self/task") > threads);
	MUST(pillion_shutdown() == 0);	/* with everything open and mounted */
	for (int i = 0; i < 200 && host_count_dir("/proc/self/task") > threads; i++)
		pause_ms(5);		/* a joined thread may be seen for a moment */
	MUST(host_count_dir("/proc/self/task") == threads);
	MUST(host_count_dir("/proc/self/fd") == fds);
	maps_after = count_maps(&bytes_after, false);
	if (maps_after > maps || bytes_after > bytes + (1 << 20)) {
		diag("%d mappings of %zu bytes before, %d of %zu after:", maps, bytes, maps_after,
		    bytes_after);
		count_maps(&bytes_after, true);
		return 1;
	}
	MUST(pillion_boot(NULL) == -ESHUTDOWN);
	MUST(rump_init() == RUMP_EBUSY);	/* who asks the donor itself */
	return 0;
}

static int look_again(void *arg)
{
	static char data[1 << 20];
	char name[32];

	(void)arg;
	MUST(mount_path(path, NULL) == 0);
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "/mnt/file%d", i);
		long fd = pillion_sys_openat(AT_FDCWD, name, O_RDONLY, 0);

		MUST(pillion_sys_read((int)fd, data, sizeof(data)) == sizeof(data));
		MUST(check_pattern(data, sizeof(data), (uint64_t)i, 0));
		pillion_sys_close((int)fd);
	}
	MUST(unmount() == 0);
	return 0;
}

static int ends_without_shutdown(void *arg)
{
	(void)arg;
	MUST(mount_path(path, NULL) == 0);
	return 0;
}

/* ---- with a thread inside ---- */

static int ep[2];

static long blocked(void *arg)
{
	char c;

	return pillion_sys_read(*(int *)arg, &c, 1);
}

static int busy_thread(void *arg)
{
	struct worker w;

	(void)arg;
	MUST(mount_path(path, NULL) == 0);
	pillion_sys_pipe2(ep, 0);
	worker_start(&w, 0, blocked, &ep[0]);
	MUST(worker_asleep(&w));
	MUST(pillion_shutdown() == -EBUSY);
	MUST(pillion_sys_getpid() == 1);	/* nothing was done */
	MUST(write_file("/mnt/still", "here", 4) == 4);
	pillion_interrupt(w.task);
	MUST(worker_join(&w) == -EINTR);
	MUST(pillion_shutdown() == 0);
	return 0;
}

/*
 * From a process that is not the first: it, and those before it, have files open that have no
 * name, and are somewhere in the file system.
 */
static int from_child(void *arg)
{
	static char data[1 << 20];
	long fd;

	(void)arg;
	MUST(mount_path(path, NULL) == 0);
	for (int generation = 0; generation < 4; generation++) {
		fd = pillion_sys_openat(AT_FDCWD, "/mnt/nameless", O_CREAT | O_RDWR, 0600);
		MUST(fd >= 0 && pillion_sys_unlinkat(AT_FDCWD, "/mnt/nameless", 0) == 0);
		MUST(pillion_sys_write((int)fd, data, sizeof(data)) == sizeof(data));
		MUST(pillion_sys_mkdirat(AT_FDCWD, "/mnt/dir", 0755) == (generation ? -EEXIST : 0));
		MUST(pillion_sys_chdir("/mnt/dir") == 0);
		MUST(generation != 2 || pillion_sys_chroot("/mnt/dir/..") == 0);
		MUST(generation != 2 || pillion_sys_mkdirat(AT_FDCWD, "/mnt", 0755) == 0);
		MUST(generation != 2 || pillion_sys_mkdirat(AT_FDCWD, "/mnt/dir", 0755) == 0);
		MUST(pillion_fork() > 1);
	}
	MUST(pillion_sys_setresuid(1000, 1000, 1000) == 0);
	MUST(pillion_shutdown() == 0);
	return 0;
}

/* ---- fork of the host ---- */

static int forks(void *arg)
{
	static char data[1 << 18];
	int status, good = 0;

	(void)arg;
	MUST(mount_path(path, NULL) == 0);
	for (int i = 0; i < 20; i++) {
		char name[32];
		pid_t pid;

		snprintf(name, sizeof(name), "/mnt/fork%d", i);
		fill_pattern(data, sizeof(data), (uint64_t)i, 0);
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			/* The donor is not here: what it does must not matter. */
			char *p = malloc(100000);

			memset(p, 1, 100000);
			if (i % 2)
				_exit(pillion_sys_getpid() == -ENODEV ? 7 : 8);
			exit(7);
		}
		MUST(write_file(name, data, sizeof(data)) == sizeof(data));
		MUST(waitpid(pid, &status, 0) == pid);
		good += WIFEXITED(status) && WEXITSTATUS(status) == 7;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
			diag("forked child %d: %x", i, status);
	}
	MUST(unmount() == 0);
	return good == 20 ? 0 : 2;
}

/* ---- two processes, one image ---- */

static int try_path(void *arg)
{
	char name[32];
	int id;

	boot(NULL);
	id = pillion_disk_path(path, *(unsigned *)arg, name);
	if (pillion_shutdown())
		return 100;
	return id < 0 ? -id : 0;
}

static int with_writer(void *arg)
{
	unsigned rw = 0, ro = PILLION_DISK_RDONLY, nolock = PILLION_DISK_NOLOCK | PILLION_DISK_RDONLY;
	char name[32];
	int id;
	pid_t pid;
	int fds[2], status;
	char c;

	/* The others are started from a process without a donor: this one only holds the image. */
	(void)arg;
	if (pipe(fds))
		return 9;
	pid = fork();
	if (pid == 0) {
		close(fds[1]);
		boot(NULL);
		id = pillion_disk_path(path, 0, name);
		kill(getppid(), id < 0 ? SIGUSR2 : SIGUSR1);
		_exit(read(fds[0], &c, 1) < 0 || pillion_disk_detach(id) || pillion_shutdown());
	}
	close(fds[0]);
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigwait(&set, &sig);
	is(sig, SIGUSR1, "a process has an image for writing");
	is(in_child(try_path, &rw), EBUSY << 8, "a second one is refused for writing: EBUSY");
	is(in_child(try_path, &ro), EBUSY << 8, "and for reading");
	is(in_child(try_path, &nolock), 0, "but not if it wants no lock");
	close(fds[1]);
	waitpid(pid, &status, 0);
	is(status, 0, "the first ends");
	is(in_child(try_path, &rw), 0, "then another one may write");
	return 0;
}

int main(int argc, char **argv)
{
	sigset_t set;

	/* The C library keeps stacks and arenas of threads that ended: it is told not to. */
	if (argc > 0 && !getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=0:glibc.malloc.arena_max=1", 1);
		execv("/proc/self/exe", argv);
	}
	tap_begin();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	image_make(path, 24, "");
	is(in_child(nothing_left, NULL), 0, "shutdown leaves no thread, descriptor or mapping");
	is(image_check(path), 0, "e2fsck -fn finds the image clean, though it was in use");
	is(in_child(look_again, NULL), 0, "a second boot in a new process sees what was written");
	is(in_child(busy_thread, NULL), 0, "shutdown with a thread inside is refused, and then done");
	is(in_child(from_child, NULL), 0, "shutdown from a child of a child");
	is(image_check(path), 0, "e2fsck -fn finds the image clean");
	is(in_child(forks, NULL), 0, "the host's process may fork while the donor runs");
	is(image_check(path), 0, "e2fsck -fn finds the image clean");
	with_writer(NULL);
	is(in_child(ends_without_shutdown, NULL), 0, "a process may end without shutdown");
	is(in_child(look_again, NULL), 0, "the image is recovered");
	is(image_check(path), 0, "e2fsck -fn finds the image clean");
	unlink(path);
	return tap_done();
}
