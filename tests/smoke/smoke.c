// SPDX-License-Identifier: BSD-2-Clause
/*
 * The least that a donor must do, on any instruction set and in any configuration: boot, calls,
 * files, memory, sockets on the loopback, a disk with ext4, a second thread, a second process, a
 * clean end. TAP.
 *
 *	smoke [IMAGE]	IMAGE: an ext4 file system; it is worked on in memory and written back.
 *
 * What a configuration does not have is skipped. Locking: none.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

#include "tap.h"

#define BIG (3u << 20)

static uint8_t big[BIG], back[BIG];

static void base(void)
{
	struct utsname u, host_name;
	struct timespec a, b;

	is(pillion_sys_getpid(), 1, "getpid");
	is(pillion_sys_uname((void *)&u), 0, "uname");
	ok(!strcmp(u.sysname, "Linux") && !strncmp(u.release, "6.1", 3), "it is Linux 6.1");
	/* The donor is built for the instruction set that this program runs on, emulated or not. */
	uname(&host_name);
	ok(!strcmp(u.machine, host_name.machine), "machine is %s", u.machine);
	is(pillion_sys_clock_gettime(CLOCK_MONOTONIC, &a), 0, "clock");
	is(pillion_sys_nanosleep(&(struct timespec) { .tv_nsec = 20000000 }, NULL), 0, "sleep");
	pillion_sys_clock_gettime(CLOCK_MONOTONIC, &b);
	ok((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >= 20000000L, "it slept");
	is(pillion_sys_getpid() + pillion_syscall(100000, 0, 0, 0, 0, 0, 0), 1 - ENOSYS,
	    "a number that is none is ENOSYS");
	is(pillion_sys_openat(AT_FDCWD, (const char *)8, O_RDONLY, 0), -EFAULT,
	    "a bad pointer is EFAULT");
}

static bool whole(long (*io)(int, uint8_t *, size_t), int fd, uint8_t *p)
{
	size_t done = 0;
	long n;

	while (done < BIG) {
		n = io(fd, p + done, BIG - done);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static long do_read(int fd, uint8_t *p, size_t n) { return pillion_sys_read(fd, p, n); }
static long do_write(int fd, uint8_t *p, size_t n) { return pillion_sys_write(fd, p, n); }

static void files(const char *dir)
{
	struct stat st;
	char path[64], link[64];
	long fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	fd = pillion_sys_openat(AT_FDCWD, path, O_CREAT | O_RDWR, 0640);
	if (!ok(fd >= 0, "create %s: %ld", path, fd))
		return;
	ok(whole(do_write, (int)fd, big), "write 3 MiB");
	is(pillion_sys_fsync((int)fd), 0, "fsync");
	is(pillion_sys_lseek((int)fd, 0, SEEK_SET), 0, "seek");
	memset(back, 0, BIG);
	ok(whole(do_read, (int)fd, back) && !memcmp(big, back, BIG), "read the same");
	is(pillion_sys_newfstatat(AT_FDCWD, path, &st, 0), 0, "stat");
	ok(st.st_size == BIG && (st.st_mode & 07777) == 0640 && S_ISREG(st.st_mode),
	    "size and mode");
	is(pillion_sys_symlinkat("file", AT_FDCWD, link), 0, "symbolic link");
	is(pillion_sys_openat(AT_FDCWD, link, O_RDONLY | O_NOFOLLOW, 0), -ELOOP, "O_NOFOLLOW");
	is(pillion_sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0), -ENOTDIR, "O_DIRECTORY");
	is(pillion_sys_close((int)fd), 0, "close");
}

static void *echo_server(void *arg)
{
	int fd = (int)(intptr_t)arg, conn;
	long n;

	conn = (int)pillion_sys_accept4(fd, NULL, NULL, 0);
	while ((n = pillion_sys_read(conn, back, 65536)) > 0)
		if (pillion_sys_write(conn, back, (size_t)n) != n)
			break;
	pillion_sys_close(conn);
	return NULL;
}

/* TCP to a thread of ours over the loopback, family by family. */
static void tcp(int family, const struct sockaddr *addr, unsigned len)
{
	static uint8_t answer[1000];
	const char *name = family == AF_INET ? "IPv4" : "IPv6";
	long fd = pillion_sys_socket(family, SOCK_STREAM, 0), client;
	int i, one = 1;
	pthread_t thread;

	if (fd == -EAFNOSUPPORT || fd == -ENOSYS) {
		skip(name, "not in this configuration");
		return;
	}
	pillion_sys_setsockopt((int)fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	is(pillion_sys_bind((int)fd, addr, len), 0, "%s: bind", name);
	is(pillion_sys_listen((int)fd, 1), 0, "%s: listen", name);
	pthread_create(&thread, NULL, echo_server, (void *)(intptr_t)fd);
	client = pillion_sys_socket(family, SOCK_STREAM, 0);
	if (!is(pillion_sys_connect((int)client, addr, len), 0, "%s: connect", name))
		return;
	for (i = 0; i < 100; i++) {
		size_t got = 0;
		long n = pillion_sys_write((int)client, big + i, sizeof(answer));

		while (n > 0 && got < sizeof(answer)) {
			n = pillion_sys_read((int)client, answer + got, sizeof(answer) - got);
			got += n > 0 ? (size_t)n : 0;
		}
		if (got != sizeof(answer) || memcmp(answer, big + i, sizeof(answer)))
			break;
	}
	is(i, 100, "%s: 100 round trips", name);
	pillion_sys_close((int)client);
	pthread_join(thread, NULL);
	pillion_sys_close((int)fd);
}

static void sockets(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(7),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(7), .sin6_addr = IN6ADDR_LOOPBACK_INIT
	};

	pillion_net_up("lo");
	tcp(AF_INET, (struct sockaddr *)&in, sizeof(in));
	tcp(AF_INET6, (struct sockaddr *)&in6, sizeof(in6));
}

static void disk(const char *image)
{
	char name[32], path[48];
	struct stat st;
	uint8_t *mem;
	int fd = open(image, O_RDWR), id;

	if (fd < 0 || fstat(fd, &st) || !(mem = malloc((size_t)st.st_size)) ||
	    read(fd, mem, (size_t)st.st_size) != st.st_size)
		bail("%s cannot be read", image);
	id = pillion_disk_memory(mem, (size_t)st.st_size, 0, name);
	if (!ok(id >= 0, "attach a disk in memory: %d", id))
		return;
	snprintf(path, sizeof(path), "/dev/%s", name);
	pillion_sys_mkdirat(AT_FDCWD, "/disk", 0755);
	is(pillion_sys_mount(path, "/disk", "ext4", 0, NULL), 0, "mount ext4");
	files("/disk");
	is(pillion_sys_umount2("/disk", 0), 0, "unmount");
	is(pillion_disk_detach(id), 0, "detach");
	ok(pwrite(fd, mem, (size_t)st.st_size, 0) == st.st_size, "write the image back");
	close(fd);
	free(mem);
}

static void *other_process(void *arg)
{
	int pid = pillion_fork();

	*(long *)arg = pid > 1 && pillion_sys_getpid() == pid && pillion_sys_getppid() == 1;
	return NULL;
}

static void processes(void)
{
	pthread_t thread;
	long fine = 0;

	pthread_create(&thread, NULL, other_process, &fine);
	pthread_join(thread, NULL);
	ok(fine, "a second process");
	is(pillion_sys_getpid(), 1, "this thread is still in the first");
}

/* With the donor's own lock checker, which turns itself off when it has found something. */
static void lock_checker(void)
{
	long fd = pillion_sys_openat(AT_FDCWD, "/proc/lockdep_stats", O_RDONLY, 0), n = 0, got;
	char text[8192], *p;

	if (fd < 0)
		return;
	while ((got = pillion_sys_read((int)fd, text + n, sizeof(text) - 1 - (size_t)n)) > 0)
		n += got;
	text[n] = 0;
	pillion_sys_close((int)fd);
	p = strstr(text, "debug_locks:");
	ok(p && atoi(p + 12) == 1, "the lock checker is on");
}

int main(int argc, char **argv)
{
	struct pillion_options opt = { .size = sizeof(opt) };
	size_t i;

	tap_begin();
	opt.loglevel = (int)env_long("LOGLEVEL", 4);
	for (i = 0; i < BIG; i++)
		big[i] = (uint8_t)(i * 31 + (i >> 9));
	if (!is(pillion_boot(&opt), 0, "boot"))
		return tap_done();
	base();
	pillion_sys_mkdirat(AT_FDCWD, "/tmp", 0755);
	is(pillion_sys_mount("tmpfs", "/tmp", "tmpfs", 0, NULL), 0, "mount tmpfs");
	files("/tmp");
	sockets();
	processes();
	if (argc > 1)
		disk(argv[1]);
	lock_checker();
	is(pillion_shutdown(), 0, "shutdown");
	return tap_done();
}
