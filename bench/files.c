/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface: files.h. Locking: none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "files.h"

#define CHUNK	(1 << 20)

static char own[200];
static char chunk[2][CHUNK];
static uint64_t seed = 88172645463325252u;

int dir_make(void)
{
	snprintf(own, sizeof(own), "%.150s/pillion-bench.XXXXXX", options.dir);
	if (!mkdtemp(own)) {
		fail("%s: %s", own, strerror(errno));
		own[0] = '\0';
		return -1;
	}
	return 0;
}

void dir_remove(void)
{
	if (own[0])
		(void)cmd_run(&(struct cmd){ .argv = { "rm", "-rf", "--one-file-system", own } });
	own[0] = '\0';
}

const char *dir_path(const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", own, name);
	return out;
}

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

int file_random(const char *path, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), bad = fd < 0;

	while (!bad && bytes > 0) {
		size_t n = bytes < CHUNK ? bytes : CHUNK;

		for (size_t i = 0; i < n; i += 8) {
			uint64_t r = next_random();

			memcpy(chunk[0] + i, &r, 8);
		}
		bad = write(fd, chunk[0], n) != (ssize_t)n;
		bytes -= n;
	}
	if (bad)
		fail("%s: %s", path, strerror(errno));
	if (fd >= 0 && close(fd))
		bad = 1;
	return bad ? -1 : 0;
}

int tree_random(const char *path, unsigned files)
{
	char name[320];

	if (mkdir(path, 0755))
		return fail("%s: %s", path, strerror(errno));
	for (unsigned i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "%s/dir%03u", path, i / 100);
		if (i % 100 == 0 && mkdir(name, 0755))
			return fail("%s: %s", name, strerror(errno));
		snprintf(name, sizeof(name), "%s/dir%03u/file%02u", path, i / 100, i % 100);
		if (file_random(name, 100 + next_random() % 3901))
			return -1;
	}
	return 0;
}

int image_make(const char *path, const char *from, unsigned megabytes)
{
	char size[24];
	struct cmd c = { .argv = { "mkfs.ext4", "-q", "-F", path, size }, .quiet = true };

	snprintf(size, sizeof(size), "%uM", megabytes);
	if (from)
		c.argv[5] = "-d", c.argv[6] = from;
	(void)unlink(path);
	if (cmd_run(&c))
		return -1;
	return file_sync(path);
}

int file_warm(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, chunk[0], CHUNK)) > 0)
		;
	if (n < 0)
		fail("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

int file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int bad = fd < 0 || fsync(fd);

	if (bad)
		fail("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return bad ? -1 : 0;
}

int files_same(const char *a, const char *b)
{
	FILE *fa = fopen(a, "re"), *fb = fopen(b, "re");
	size_t na = 0, nb = 0;
	bool same = fa && fb;

	while (same) {
		na = fread(chunk[0], 1, CHUNK, fa);
		nb = fread(chunk[1], 1, CHUNK, fb);
		same = na == nb && !memcmp(chunk[0], chunk[1], na);
		if (na == 0)
			break;
	}
	if (fa)
		fclose(fa);
	if (fb)
		fclose(fb);
	return same ? 0 : fail("%s differs from %s", b, a);
}

int image_clean(const char *path, long files)
{
	struct cmd c = { .argv = { "e2fsck", "-fn", path }, .quiet = true };
	char line[256], *at;
	long found = -1;
	FILE *f;
	pid_t pid;
	int fd = -1;

	c.out = &fd;
	pid = cmd_start(&c);
	if (pid < 0)
		return -1;
	f = fdopen(fd, "r");
	if (!f)
		abort();
	/* PATH: 612/65536 files (0.0% non-contiguous), 144628/262144 blocks */
	while (fgets(line, sizeof(line), f))
		if (strstr(line, " files (") && (at = strrchr(line, ':')))
			found = strtol(at + 1, NULL, 10);
	fclose(f);
	if (cmd_wait(pid, "e2fsck -fn"))
		return -1;
	return found == files ? 0 : fail("e2fsck counts %ld files, not %ld", found, files);
}
