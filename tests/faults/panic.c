/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A panic of the donor ends the process with PILLION_EXIT_PANIC, after a readable message with
 * the names of functions and the embedder's callback.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "common.h"
#include "image.h"
#include "regions.h"
#include "tap.h"

static char path[64];

/* What the child leaves behind. */
static struct left {
	char log[1 << 16];
	size_t logged;
	char message[256];
	int called;
} *left;

static void keep_log(void *arg, const char *text, size_t len)
{
	(void)arg;
	if (len > sizeof(left->log) - 1 - left->logged)
		len = sizeof(left->log) - 1 - left->logged;
	memcpy(left->log + left->logged, text, len);
	left->logged += len;
}

static void note_panic(void *arg, const char *message)
{
	(void)arg;
	left->called++;
	snprintf(left->message, sizeof(left->message), "%s", message);
}

static struct pillion_options options = {
	.size = sizeof(options), .loglevel = 5, .log = keep_log, .panic = note_panic,
};

/* An inode whose checksum is wrong, and a mount that panics on errors. */
static void spoil_inode(void)
{
	unsigned long block = 0, offset = 0;
	char command[256], line[256];
	FILE *f;
	int fd;
	char c;

	snprintf(command, sizeof(command),
	    "PATH=$PATH:/usr/sbin:/sbin; debugfs -R 'imap <11>' %s 2>/dev/null", path);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *p = strstr(line, "located at block ");

		if (p)
			sscanf(p, "located at block %lu, offset %lx", &block, &offset);
	}
	if (f)
		pclose(f);
	fd = open(path, O_RDWR);
	if (!block || fd < 0 || pread(fd, &c, 1, (off_t)(block * 4096 + offset + 4)) != 1)
		bail("no inode to spoil");
	c ^= 0x55;
	if (pwrite(fd, &c, 1, (off_t)(block * 4096 + offset + 4)) != 1)
		bail("spoil");
	close(fd);
}

static int file_system_panic(void *arg)
{
	char name[32], dev[64];
	struct stat st;
	long r;

	(void)arg;
	boot(&options);
	if (pillion_disk_path(path, 0, name) < 0)
		return 1;
	snprintf(dev, sizeof(dev), "/dev/%s", name);
	pillion_sys_mkdirat(AT_FDCWD, "/mnt", 0755);
	r = pillion_sys_mount(dev, "/mnt", "ext4", 0, "errors=panic");
	if (r)
		return 2;
	r = pillion_sys_newfstatat(AT_FDCWD, "/mnt/lost+found", &st, 0);
	return r ? 3 : 4;
}

/* The donor's memory cannot be written any more: its own next step faults. */
static int fault_panic(void *arg)
{
	uintptr_t base;
	size_t arena, whole;

	(void)arg;
	boot(&options);
	regions_arena(&base, &arena, &whole);
	mprotect((void *)(base + (arena >> 1)), arena >> 1, PROT_NONE);
	for (int i = 0; i < 10000; i++) {
		char file[32];

		snprintf(file, sizeof(file), "/f%d", i);
		write_file(file, file, 8);
	}
	return 5;
}

static void judge(const char *what, int (*fn)(void *), const char *word, const char *function)
{
	int status;

	memset(left, 0, sizeof(*left));
	status = in_child(fn, NULL);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == PILLION_EXIT_PANIC,
	    "%s: the exit code is %d (status %x)", what, PILLION_EXIT_PANIC, status);
	is(left->called, 1, "%s: the callback is called once", what);
	ok(strlen(left->message) > 10, "%s: \"%s\"", what, left->message);
	ok(strstr(left->log, "Kernel panic") != NULL, "%s: the log says that it is a panic", what);
	ok(strstr(left->log, word) != NULL, "%s: and of what (%s)", what, word);
	ok(strstr(left->log, function) != NULL, "%s: with names of functions (%s)", what, function);
	if (getenv("TEST_VERBOSE") || tap_failed)
		printf("# log: %.3000s\n", left->log);
}

/* Without a callback, and without a log: the same exit code, and the words on standard error. */
static int bare(void *arg)
{
	options.panic = NULL;
	options.log = NULL;
	if (dup2(*(int *)arg, STDERR_FILENO) < 0)
		return 9;
	return file_system_panic(NULL);
}

static void judge_bare(void)
{
	static char text[1 << 16];
	FILE *f = tmpfile();
	int fd = fileno(f), status = in_child(bare, &fd);
	size_t n;

	ok(WIFEXITED(status) && WEXITSTATUS(status) == PILLION_EXIT_PANIC, "bare: the same exit code");
	rewind(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	ok(strstr(text, "Kernel panic") != NULL, "bare: the message goes to standard error");
	fclose(f);
}

int main(void)
{
	tap_begin();
	left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	image_make(path, 16, "-b 4096 -O metadata_csum");
	spoil_inode();
	judge("a file system that panics", file_system_panic, "panic forced after error", "ext4_");
	judge("a fault in the donor", fault_panic, "fault", "+0x");
	judge_bare();
	unlink(path);
	return tap_done();
}
