/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that is killed (SIGKILL) at any point while it writes to an ext4 image: the journal
 * recovers, what was fsync'ed is there, and e2fsck finds nothing.
 *
 * TEST_KILLS: how often (250), on one image, which ages. TEST_SEED.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "common.h"
#include "image.h"
#include "tap.h"
#include "work.h"

static char path[64];
static int notes[2];
static struct work state;

static void tell(void *arg, const struct note *n)
{
	(void)arg;
	if (write(notes[1], n, sizeof(*n)) != sizeof(*n))
		_exit(9);
}

static int writer(void *arg)
{
	int r = mount_path(path, NULL);

	if (r) {
		diag("mount: %d", r);
		return 1;
	}
	/* Anew in each run: the notes begin with no file. */
	for (int i = 0; i < WORK_FILES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/mnt/d%d/f%d", i % 3, i);
		pillion_sys_unlinkat(AT_FDCWD, name, 0);
	}
	r = work_do(*(uint64_t *)arg, 0, tell, NULL);
	diag("the work ends with %d", r);
	return 1;
}

static int judge(void *arg)
{
	int r = mount_path(path, NULL);

	(void)arg;
	if (r) {
		diag("mount after the kill: %d", r);
		return 1;
	}
	if (!work_check(&state))
		return 2;
	return unmount() ? 3 : 0;
}

/* Kill after so many notes and a moment; the moment decides where in the work it is. */
static bool one_kill(uint64_t seed)
{
	uint64_t rng = seed;
	long after = (long)(rng_next(&rng) % 60) + 1, count = 0;
	struct timespec moment = { 0, (long)(rng_next(&rng) % 2000000) };
	struct note n;
	int status;
	pid_t pid;

	memset(&state, 0, sizeof(state));
	if (pipe(notes))
		bail("no pipe");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		signal(SIGALRM, SIG_DFL);
		_exit(writer(&seed));
	}
	close(notes[1]);
	while (count < after && read(notes[0], &n, sizeof(n)) == sizeof(n)) {
		work_note(&state, &n);
		count++;
	}
	nanosleep(&moment, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (read(notes[0], &n, sizeof(n)) == sizeof(n))
		work_note(&state, &n);
	close(notes[0]);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
		diag("the writer ended by itself: %x", status);
		return false;
	}
	status = in_child(judge, NULL);
	if (status) {
		diag("seed %lu: %x", (unsigned long)seed, status);
		return false;
	}
	return image_check(path) == 0;
}

int main(void)
{
	uint64_t seed = (uint64_t)env_long("TEST_SEED", 1);
	long kills = env_long("TEST_KILLS", 250), bad = 0;

	setenv("TEST_TIMEOUT", "1200", 0);
	tap_begin();
	image_make(path, 24, "-b 4096 -J size=4");
	for (long i = 0; i < kills && bad < 5; i++)
		bad += !one_kill(seed * 1000003 + (uint64_t)i);
	is(bad, 0, "killed %ld times while it writes: all that was fsync'ed is there, e2fsck -fn is clean",
	    kills);
	unlink(path);
	return tap_done();
}
