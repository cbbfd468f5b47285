/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run the pillion command on damaged images:
 *	fuzz [-s SEED] [-t SECONDS] [-m LEAST] [-w WORKERS] [-k KEEP] [-a ARG]... PILLION TREE IMAGE...
 *
 * Each worker takes every WORKERS-th seed, damages each image by it and runs commands on it; the
 * seed decides which. Judged: the exit status is one that pillion(1) has, anything but success
 * comes with a message, a panic of the library kernel with its own; nothing hangs or dies by a
 * signal; commands that read leave the image as it is. Each image is damaged by LEAST seeds, and by
 * more until SECONDS are over (none: the same seeds wherever it runs). Five times as long, or ten
 * minutes without SECONDS, are the end in any case.
 *
 * What is wrong is told in lines with a "#"; the results, a line an image, go to the file
 * "results": name, times, problems, panics. KEEP is a directory for images with problems.
 *
 * Locking: workers are processes; they share counters that each adds to atomically.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANGS_AFTER	20		/* seconds */
#define LARGEST		(320ul << 20)	/* of files: an image, or what a damaged size makes */
#define MOST_ARGS	16
#define EXIT_PANIC	70

struct result {
	atomic_uint	times, problems, panics;
};

static struct {
	unsigned long	seed, seconds, least, workers;
	const char	*keep, *pillion, *tree;
	const char	*extra[MOST_ARGS];
	int		nextra;
} opt = { .seed = 1, .least = 1, .workers = 2 };

static struct image *images;
static struct result *results;
static int nimages;
static time_t begun;

/* What a worker is at. */
static struct image *m;
static struct result *result;
static unsigned long seed;
static char words[2048], message[4096];
static int file = -1;
extern char **environ;

static void load(struct image *im, const char *name)
{
	struct stat st;
	int fd = open(name, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size < 8 * (off_t)SECTOR)
		err(1, "%s", name);
	im->name = name;
	im->size = (size_t)st.st_size;
	im->good = calloc(im->size / BLOCK + 1, BLOCK);
	im->bad = calloc(im->size / BLOCK + 1, BLOCK);
	im->used = calloc(im->size / BLOCK + 1, sizeof(*im->used));
	im->dirty = calloc(im->size / BLOCK + 1, sizeof(*im->dirty));
	im->sectors = calloc(im->size / SECTOR + 1, sizeof(*im->sectors));
	if (!im->good || !im->bad || !im->used || !im->dirty || !im->sectors)
		err(1, "%s", name);
	for (off_t at = 0; (at = lseek(fd, at, SEEK_DATA)) >= 0;) {
		off_t end = lseek(fd, at, SEEK_HOLE);

		while (at < end) {
			ssize_t n = pread(fd, im->good + at, (size_t)(end - at), at);

			if (n <= 0)
				err(1, "%s", name);
			at += n;
		}
	}
	close(fd);
	for (size_t s = 0; (s + 1) * SECTOR <= im->size; s++) {
		static const unsigned char zero[SECTOR];

		if (memcmp(im->good + s * SECTOR, zero, SECTOR) == 0)
			continue;
		im->used[s * SECTOR / BLOCK] = true;
		memcpy(im->bad + s * SECTOR, im->good + s * SECTOR, SECTOR);
		im->sectors[im->nsectors++] = (uint32_t)s;
	}
	if (im->nsectors == 0)
		errx(1, "%s: all zero", name);
	im->bad_size = im->size;
}

static size_t block_len(size_t b, size_t size)
{
	return b * BLOCK >= size ? 0 : size - b * BLOCK < BLOCK ? size - b * BLOCK : BLOCK;
}

static void write_block(size_t b)
{
	size_t n = block_len(b, m->bad_size);

	if (n > 0 && pwrite(file, m->bad + b * BLOCK, n, (off_t)(b * BLOCK)) != (ssize_t)n)
		err(1, "%s", m->name);
}

/* The file, and bad, as good. */
static void restore(bool all)
{
	size_t blocks = m->size / BLOCK + 1;

	if (ftruncate(file, all ? 0 : (off_t)m->size) != 0 || ftruncate(file, (off_t)m->size) != 0)
		err(1, "%s", m->name);
	for (size_t b = 0; b < blocks; b++) {
		bool cut = (b + 1) * BLOCK > m->bad_size && m->used[b];

		if (m->dirty[b])
			memcpy(m->bad + b * BLOCK, m->good + b * BLOCK, BLOCK);
		m->dirty[b] |= cut || (all && m->used[b]);
	}
	m->bad_size = m->size;
	for (size_t b = 0; b < blocks; b++) {
		if (m->dirty[b])
			write_block(b);
		m->dirty[b] = false;
	}
}

/* The file is what it should be: each block with something in it, and no other was written. */
static bool untouched(void)
{
	unsigned char buf[BLOCK];
	struct stat st;
	off_t data = 0;

	if (fstat(file, &st) != 0 || (size_t)st.st_size != m->bad_size)
		return false;
	for (size_t b = 0; b * BLOCK < m->bad_size; b++) {
		size_t n = block_len(b, m->bad_size);

		if (!m->used[b] && !m->dirty[b]) {
			if (data < (off_t)(b * BLOCK))
				data = lseek(file, (off_t)(b * BLOCK), SEEK_DATA);
			if (data < 0)
				data = (off_t)m->bad_size;
			if (data >= (off_t)((b + 1) * BLOCK))
				continue;
		}
		if (pread(file, buf, n, (off_t)(b * BLOCK)) != (ssize_t)n ||
		    memcmp(buf, m->bad + b * BLOCK, n) != 0)
			return false;
	}
	return true;
}

static void problem(const char *what, const char *command)
{
	char keep[4096];

	result->problems++;
	printf("# seed %lu, %s, %s: %s\n#   damage:%s\n#   message: %.*s\n", seed, m->name, command,
	       what, words, (int)strcspn(message, "\n"), message);
	fflush(stdout);
	if (!opt.keep)
		return;
	snprintf(keep, sizeof(keep), "%s/%s-%lu", opt.keep, m->name, seed);
	int fd = open(keep, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, m->bad, m->bad_size) < 0)
		warn("%s", keep);
	close(fd);
}

/* Run it; its status as wait() has it, or -1 when it hangs. Its message is in `message`. */
static int spawn(const char *const argv[])
{
	posix_spawn_file_actions_t fa;
	struct pollfd p = { .events = POLLIN };
	int error, status = -1;
	ssize_t n;
	pid_t pid;

	int messages = open("err", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, messages, 2);
	error = posix_spawn(&pid, opt.pillion, &fa, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (error)
		errx(1, "%s: %s", opt.pillion, strerror(error));
	p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (poll(&p, 1, HANGS_AFTER * 1000) == 1) {
		waitpid(pid, &status, 0);
	} else {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	close(p.fd);
	n = pread(messages, message, sizeof(message) - 1, 0);
	message[n > 0 ? n : 0] = '\0';
	close(messages);
	return status;
}

static void judge(const char *command, int status)
{
	char text[64];

	if (status == -1) {
		problem("hangs", command);
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "signal %d", WTERMSIG(status));
		problem(text, command);
	} else if (WEXITSTATUS(status) == EXIT_PANIC) {
		if (result->panics++ == 0) {
			printf("# a panic: seed %lu, %s, %s: %.*s\n", seed, m->name, command,
			       (int)strcspn(message, "\n"), message);
			fflush(stdout);
		}
		if (!strstr(message, "the library kernel panicked: "))
			problem("a panic without its message", command);
	} else if (WEXITSTATUS(status) > 4) {
		snprintf(text, sizeof(text), "exit status %d", WEXITSTATUS(status));
		problem(text, command);
	} else if (WEXITSTATUS(status) != 0 && !strstr(message, "pillion: ")) {
		snprintf(text, sizeof(text), "exit status %d without a message",
			 WEXITSTATUS(status));
		problem(text, command);
	}
}

/* pillion WORD...: words as one string, IMAGE in it is the image. */
static void run(const char *line)
{
	const char *argv[2 * MOST_ARGS] = { "pillion" };
	char copy[256], where[128], *save = NULL;
	int n = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		if (strncmp(w, "IMAGE", 5) == 0) {
			snprintf(where, sizeof(where), "%s%s", m->name, w + 5);
			w = where;
		}
		argv[n++] = strcmp(w, "TREE") == 0 ? opt.tree : w;
		for (int i = 0; n == 2 && i < opt.nextra; i++)
			argv[n + i] = opt.extra[i];
		n += n == 2 ? opt.nextra : 0;
	}
	judge(line, spawn(argv));
}

static void try(void)
{
	bool writes = seed % 4 == 3;

	damage(m, seed, words, sizeof(words));
	if (ftruncate(file, (off_t)m->bad_size) != 0)
		err(1, "%s", m->name);
	for (size_t b = 0; b * BLOCK < m->size; b++) {
		if (m->dirty[b])
			write_block(b);
	}
	switch (seed % 8) {
	case 0:
		run("info IMAGE");
		/* fallthrough */
	case 1:
	case 4:
		run("tar -c IMAGE:/");
		break;
	case 2:
		run("cp -r IMAGE:/ out");
		if (system("chmod -R u+rwX out 2>/dev/null; rm -rf out") != 0)
			err(1, "out");
		break;
	case 5:
		run("df IMAGE");
		run("tree IMAGE:/");
		break;
	case 6:
		run("ls -lR IMAGE:/");
		break;
	default:
		run("cp -r TREE IMAGE:/new");
		run("rm -rf IMAGE:/tree IMAGE:/new");
		break;
	}
	if (!writes && !untouched()) {
		problem("the image was changed by reading", "");
		writes = true;
	}
	restore(writes);
	result->times++;
}

static bool over(void)
{
	unsigned long took = (unsigned long)(time(NULL) - begun);

	if (seed < opt.seed + opt.least)
		return took >= (opt.seconds ? 5 * opt.seconds : 600);
	return took >= opt.seconds;
}

static void work(unsigned long number)
{
	struct rlimit limit = { LARGEST, LARGEST };
	char dir[32];
	int files[nimages];

	snprintf(dir, sizeof(dir), "worker%lu", number);
	if (mkdir(dir, 0700) != 0 || chdir(dir) != 0)
		err(1, "%s", dir);
	for (int i = 0; i < nimages; i++) {
		m = &images[i];
		files[i] = file = open(m->name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (file < 0)
			err(1, "%s", m->name);
		restore(true);
	}
	setrlimit(RLIMIT_FSIZE, &limit);
	for (seed = opt.seed + number;; seed += opt.workers) {
		for (int i = 0; i < nimages; i++) {
			if (over())
				_exit(0);
			m = &images[i];
			file = files[i];
			result = &results[i];
			try();
		}
	}
}

static void options(int argc, char **argv)
{
	for (int c; (c = getopt(argc, argv, "+s:t:m:w:k:a:")) != -1;) {
		switch (c) {
		case 's': opt.seed = strtoul(optarg, NULL, 10); break;
		case 't': opt.seconds = strtoul(optarg, NULL, 10); break;
		case 'm': opt.least = strtoul(optarg, NULL, 10); break;
		case 'w': opt.workers = strtoul(optarg, NULL, 10); break;
		case 'k': opt.keep = optarg; break;
		case 'a':
			if (opt.nextra < MOST_ARGS)
				opt.extra[opt.nextra++] = optarg;
			break;
		default: exit(2);
		}
	}
	if (argc - optind < 3)
		errx(2, "PILLION TREE IMAGE... are wanted");
	opt.pillion = argv[optind];
	opt.tree = argv[optind + 1];
}

int main(int argc, char **argv)
{
	bool well = true;
	FILE *f;

	options(argc, argv);
	nimages = argc - optind - 2;
	images = calloc((size_t)nimages, sizeof(*images));
	results = mmap(NULL, (size_t)nimages * sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!images || results == MAP_FAILED)
		err(1, "memory");
	for (int i = 0; i < nimages; i++)
		load(&images[i], argv[optind + 2 + i]);
	begun = time(NULL);
	for (unsigned long i = 0; i < opt.workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0)
			work(i);
	}
	for (int status; wait(&status) > 0;)
		well &= WIFEXITED(status) && WEXITSTATUS(status) == 0;
	f = fopen("results", "w");
	for (int i = 0; f && i < nimages; i++)
		fprintf(f, "%s %u %u %u\n", images[i].name, results[i].times, results[i].problems,
			results[i].panics);
	return f && fclose(f) == 0 && well ? 0 : 1;
}
