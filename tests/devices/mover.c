/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that moves data and looks at all of it, for the tests of devices. The same binary runs
 * in the guest and on the host. What is moved is a function of a seed, compared at both ends.
 *
 *	mover make FILE BYTES SEED [OFFSET]	write it
 *	mover check FILE BYTES SEED [OFFSET]	compare it
 *	mover serve				in the guest: TCP port 7000, until "end"
 *	mover client PORT end|get|put [BYTES SEED]
 *	mover disks LABEL...			in the guest: what is behind each label; see disks()
 *	mover errors GOOD LABEL...		in the guest: until each has had them; see errors()
 *
 * Locking: none.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

#define PORT	7000
#define CHUNK	65536
#define MIB	(1024 * 1024L)
#define FAR	(4096 * MIB + 7 * 512)	/* behind what 32 bits of bytes reach */

static uint64_t buf[CHUNK / 8] __attribute__((aligned(4096)));

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- patterns ---- */

static void pattern(uint64_t *to, size_t len, uint64_t *state)
{
	for (size_t i = 0; i < len / 8; i++)
		to[i] = rng_next(state);
}

/* How many of the first len bytes of buf are as they should be. */
static size_t same(size_t len, uint64_t *state)
{
	static uint64_t want[CHUNK / 8];
	size_t i = 0;

	pattern(want, (len + 7) & ~7ul, state);
	if (memcmp(buf, want, len) == 0)
		return len;
	while (((char *)buf)[i] == ((char *)want)[i])
		i++;
	return i;
}

/* As much of len as there is: sockets give what they have. */
static ssize_t read_all(int fd, void *to, size_t len)
{
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		n = read(fd, (char *)to + at, len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		at += (size_t)n;
	}
	return (ssize_t)at;
}

static int write_all(int fd, const void *from, size_t len)
{
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		n = write(fd, (const char *)from + at, len - at);
		if (n < 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

/* 0, or -1 and errno. */
static int send_pattern(int fd, long bytes, uint64_t seed)
{
	size_t n;

	for (; bytes > 0; bytes -= (long)n) {
		n = bytes < CHUNK ? (size_t)bytes : CHUNK;
		pattern(buf, (n + 7) & ~7ul, &seed);
		if (write_all(fd, buf, n) != 0)
			return -1;
	}
	return 0;
}

/* 0; -1 and errno; or says where it differs, and 1. */
static int receive_pattern(int fd, long bytes, uint64_t seed)
{
	size_t n, good;
	ssize_t got;
	long at;

	for (at = 0; at < bytes; at += (long)n) {
		n = bytes - at < CHUNK ? (size_t)(bytes - at) : CHUNK;
		got = read_all(fd, buf, n);
		if (got < 0)
			return -1;
		good = same((size_t)got, &seed);
		if (good != n) {
			printf("%s at byte %ld of %ld\n", good == (size_t)got ? "end" : "different",
			    at + (long)good, bytes);
			return 1;
		}
	}
	return 0;
}

/* ---- files ---- */

static int file(const char *name, bool make, long bytes, uint64_t seed, long offset)
{
	int fd = open(name, make ? O_WRONLY | O_CREAT : O_RDONLY, 0644), r;

	if (fd < 0 || lseek(fd, offset, SEEK_SET) < 0)
		fail(name);
	r = make ? send_pattern(fd, bytes, seed) : receive_pattern(fd, bytes, seed);
	if (r == 0 && make)
		r = fsync(fd);
	if (r < 0)
		fail(name);
	close(fd);
	return r;
}

/* Forget what is cached, so that it is read from the device. */
static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd < 0 || write(fd, "3", 1) != 1)
		fail("drop_caches");
	close(fd);
}

/* ---- network ---- */

/*
 * One connection: a greeting; "get|put BYTES SEED" and a newline, served by a child; "end". False:
 * end.
 *
 * Who connects through QEMU's network is connected before we are. If our SYN is sent again, because
 * the answer to it was lost, QEMU (libslirp 4.7: sbreserve()) forgets what it has been given for us
 * so far. So nothing is, until the greeting says that we are connected.
 */
static bool serve_one(int fd)
{
	char line[64] = "", what[8] = "";
	unsigned long seed = 0;
	long bytes = 0;
	size_t i = 0;
	int r = 0;

	(void)write_all(fd, "+", 1);
	while (i < sizeof(line) - 1 && read(fd, &line[i], 1) == 1 && line[i] != '\n')
		i++;
	sscanf(line, "%7s %ld %lu", what, &bytes, &seed);
	if (!strcmp(what, "end"))
		return false;
	if (fork() != 0)
		return true;
	if (!strcmp(what, "get")) {
		r = send_pattern(fd, bytes, seed);
	} else if (!strcmp(what, "put")) {
		r = receive_pattern(fd, bytes, seed);
		(void)write_all(fd, r == 0 ? "same" : "diff", 4);
	}
	shutdown(fd, SHUT_WR);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	_exit(r != 0);
}

/* What the interrupts are, and how many there were: which kind a card has. */
static void show_interrupts(void)
{
	int fd = open("/proc/interrupts", O_RDONLY);
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	close(fd);
}

static int serve(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, conn;
	bool more = true;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) != 0 || listen(fd, 16) != 0)
		fail("listen");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	printf("serving\n");
	fflush(stdout);
	while (more && (conn = accept(fd, NULL, NULL)) >= 0) {
		more = serve_one(conn);
		close(conn);
	}
	show_interrupts();
	return more;
}

static int client(unsigned port, const char *what, long bytes, uint64_t seed)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), n;
	char line[64], answer[4] = "";

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("connect");
	if (read_all(fd, answer, 1) != 1)
		fail("greeting");
	n = snprintf(line, sizeof(line), "%s %ld %lu\n", what, bytes, (unsigned long)seed);
	if (write_all(fd, line, (size_t)n) != 0)
		fail("write");
	if (!strcmp(what, "get"))
		return receive_pattern(fd, bytes, seed);
	if (!strcmp(what, "end"))
		return read(fd, answer, 1) != 0;
	if (send_pattern(fd, bytes, seed) != 0 || read_all(fd, answer, 4) != 4)
		fail("put");
	return memcmp(answer, "same", 4) != 0;
}

/* ---- disks ---- */

/* What is called label: its ext4 or ISO 9660 file system begins the disk. */
static bool has_label(const char *dev, const char *label, bool *iso)
{
	int fd = open(dev, O_RDONLY | O_NONBLOCK);
	char super[136] = "", volume[72] = "";
	size_t len = strlen(label);

	if (fd < 0)
		return false;
	if (pread(fd, super, sizeof(super), 1024) < 0 || pread(fd, volume, sizeof(volume), 32768) < 0)
		volume[0] = super[0] = '\0';
	close(fd);
	*iso = !memcmp(volume + 1, "CD001", 5);
	if (*iso)
		return !strncmp(volume + 40, label, len) && volume[40 + len] == ' ';
	return super[56] == '\x53' && super[57] == '\xef' && !strncmp(super + 120, label, 16);
}

/* The names of the drivers of a disk and of what is above it, up to the bus. */
static void drivers(const char *disk, char *list, size_t size)
{
	char link[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	*list = '\0';
	snprintf(link, sizeof(link), "/sys/block/%s", disk);
	if (!realpath(link, path))
		return;
	for (; strlen(path) > strlen("/sys/devices"); *strrchr(path, '/') = '\0') {
		if (snprintf(link, sizeof(link), "%s/driver", path) >= (int)sizeof(link))
			return;
		n = readlink(link, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		snprintf(list + strlen(list), size - strlen(list), " %s", strrchr(target, '/') + 1);
	}
}

static const char *find(const char *label, bool *iso)
{
	static char dev[PATH_MAX];
	struct dirent *e;
	DIR *d;

	/* USB is slow to tell what it has. */
	for (int tries = 0; tries < 100; tries++) {
		d = opendir("/sys/block");
		while (d && (e = readdir(d)) != NULL) {
			snprintf(dev, sizeof(dev), "/dev/%s", e->d_name);
			if (e->d_name[0] != '.' && has_label(dev, label, iso)) {
				closedir(d);
				return dev;
			}
		}
		if (d)
			closedir(d);
		usleep(50000);
	}
	return NULL;
}

static int far_away(const char *dev)
{
	if (file(dev, false, MIB, 3, FAR) != 0)
		return 1;
	file(dev, true, MIB, 4, FAR + MIB);
	drop_caches();
	return file(dev, false, MIB, 4, FAR + MIB);
}

/*
 * A disk with a label: the file "host" has 2 MiB of seed 1, and 1 MiB of seed 3 is at FAR. The file
 * "guest" is written: 4 MiB of seed 2; and behind the other 1 MiB of seed 4.
 */
static int disk(const char *label)
{
	const char *dev, *type;
	char names[256];
	bool iso = false;
	int r;

	dev = find(label, &iso);
	if (!dev) {
		printf("%s: not there\n", label);
		return 1;
	}
	type = iso ? "iso9660" : "ext4";
	if (mount(dev, "/mnt", type, iso ? MS_RDONLY : 0, NULL) != 0)
		fail(dev);
	r = file("/mnt/host", false, 2 * MIB, 1, 0);
	if (!iso && r == 0) {
		file("/mnt/guest", true, 4 * MIB, 2, 0);
		drop_caches();
		r = file("/mnt/guest", false, 4 * MIB, 2, 0);
	}
	if (umount("/mnt") != 0)
		fail("umount");
	if (!iso && r == 0)
		r = far_away(dev);
	drivers(strrchr(dev, '/') + 1, names, sizeof(names));
	printf("%s: %s by%s\n", label, r == 0 ? "good" : "bad", names);
	fflush(stdout);
	return r;
}

static int disks(char **labels)
{
	int r = 0;

	mkdir("/mnt", 0755);
	for (; *labels; labels++)
		r |= disk(*labels);
	return r;
}

/* ---- errors ---- */

#define PIECE	16384
#define SECONDS	50

/* Reads or writes the file again and again until there is an error; at most so many seconds. */
static void until_error(const char *label, const char *name, bool writing)
{
	int fd = open(name, O_RDWR);
	ssize_t n = PIECE;

	if (fd < 0)
		fail(name);
	alarm(SECONDS);
	for (long at = 0; n > 0; at = (at + PIECE) % (2 * MIB)) {
		n = writing ? pwrite(fd, buf, PIECE, at) : pread(fd, buf, PIECE, at);
		if (writing && n > 0 && fsync(fd) != 0)
			n = -1;
		if (!writing)	/* what was read is read anew the next time */
			posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	}
	printf("%s: %s: %s\n", label, writing ? "write" : "read",
	    n < 0 ? strerror(errno) : "nothing");
	fflush(stdout);
	_exit(0);
}

/*
 * Reads the file "host" and writes the file "scratch" of each disk until each has had an error, and
 * says which; then the rest of the machine: the disk GOOD is written and read.
 */
static int errors(const char *good, char **labels)
{
	char dir[64], name[80];
	const char *dev;
	bool iso;
	int status, r = 0;

	mkdir("/mnt", 0755);
	for (char **l = labels; *l; l++) {
		snprintf(dir, sizeof(dir), "/%s", *l);
		mkdir(dir, 0755);
		dev = find(*l, &iso);
		if (!dev || mount(dev, dir, "ext4", 0, NULL) != 0)
			fail(*l);
	}
	for (char **l = labels; *l; l++) {
		for (int writing = 0; writing < 2; writing++) {
			snprintf(name, sizeof(name), "/%s/%s", *l, writing ? "scratch" : "host");
			if (fork() == 0)
				until_error(*l, name, writing);
		}
	}
	printf("all go on\n");
	fflush(stdout);
	while (wait(&status) > 0)
		r |= status != 0;
	return disk(good) | r;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if ((argc == 5 || argc == 6) && (!strcmp(what, "make") || !strcmp(what, "check")))
		return file(argv[2], what[0] == 'm', atol(argv[3]), strtoul(argv[4], NULL, 0),
			    argc == 6 ? atol(argv[5]) : 0);
	if (argc == 2 && !strcmp(what, "serve"))
		return serve();
	if ((argc == 4 || argc == 6) && !strcmp(what, "client"))
		return client((unsigned)atoi(argv[2]), argv[3], argc == 6 ? atol(argv[4]) : 0,
			      argc == 6 ? strtoul(argv[5], NULL, 0) : 0);
	if (!strcmp(what, "disks"))
		return disks(argv + 2);
	if (argc > 3 && !strcmp(what, "errors"))
		return errors(argv[2], argv + 3);
	return 2;
}
