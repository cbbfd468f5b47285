/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How soon a program runs, in how much memory, how large the image is, and what system calls cost
 * in instructions. Interface: pc.h. Locking: none.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../files.h"
#include "../netns.h"
#include "pc.h"

#define PATIENCE	60.0		/* seconds for a boot */
#define LEAST_MB	4
#define MOST_MB		128
#define REQUESTS	"100"		/* of the web test in little memory */

static struct machine machines[SIDES];

static int machines_make(enum kind ours, const char *a, const char *b)
{
	if (machine_server(&machines[OURS], OURS, ours, a, b))
		return -1;
	return machine_server(&machines[PEER], PEER, ours == E1000 ? VIRTIO : ours, a, b);
}

/* ---- entry to the program's main ---- */

/* Seconds of the host's clock. */
static int sample_wall(void *arg, double *out)
{
	struct guest g;
	double at;
	int r = guest_start(&g, arg);

	if (r)
		return r;
	r = guest_wait(&g, "main ", PATIENCE, NULL, &at);
	*out = 1e3 * (at - g.begun);
	guest_end(&g);
	return r;
}

/* What the guest says: the counter at main's start, or the figure it measured. */
static int sample_counted(const struct machine *m, const char *mark, double *out)
{
	struct machine counting = *m;
	struct guest g;
	int r;

	counting.count = true;
	r = guest_start(&g, &counting);
	if (r)
		return r;
	r = guest_wait(&g, mark, 3 * PATIENCE, out, NULL);
	guest_end(&g);
	return r;
}

static int sample_instructions(void *arg, double *out)
{
	int r = sample_counted(arg, "main ", out);

	*out *= 1e-6;
	return r;
}

static int sample_call(void *arg, double *out)
{
	return sample_counted(arg, "figure ", out);
}

static int sample_answer(void *arg, double *out)
{
	const struct machine *m = arg;
	struct cmd c = { .netns = network_of(m->side),
	    .argv = { LOAD, "answer", THERE, "60" } };
	int fd = -1, r;
	struct guest g = { .pid = 0 };
	pid_t pid;

	c.out = &fd;
	pid = cmd_start(&c);
	if (pid < 0)
		return -1;
	r = guest_start(&g, m);
	if (!r)
		r = read_figure(fd, out);
	else
		kill(pid, SIGKILL);
	close(fd);
	*out = 1e3 * (*out - g.begun);
	if (cmd_wait(pid, "load"))
		r = -1;
	guest_end(&g);
	return r;
}

struct boot_row {
	const char *name, *unit;
	sample_fn sample;
	enum kind kind;
	double bar;			/* 0: none */
	unsigned pairs;
	const char *note;
};

static const char wall_note[] =
	"from the moment at which QEMU may execute its first instruction, firmware included, to the "
	"line that the program's main prints first on the serial port; the program is one file, "
	"static; the network has a static address, and nobody waits for it";
static const char count_note[] =
	"the same under -icount shift=0: guest time in nanoseconds, an instruction each; idle time "
	"counts, too";
static const char answer_note[] =
	"to the first answer of a web server, which the host asks every few milliseconds; the "
	"counterpart always has virtio-net";

static const struct boot_row boot_rows[] = {
	{ "entry to main, no network", "ms", sample_wall, NO_NETWORK, 0.14, 7, wall_note },
	{ "entry to main, virtio-net", "ms", sample_wall, VIRTIO, 0.14, 7, wall_note },
	{ "entry to main, e1000", "ms", sample_wall, E1000, 0.2, 7, wall_note },
	{ "entry to main, no network, counted", "M", sample_instructions, NO_NETWORK, 0.14, 3,
	  count_note },
	{ "entry to main, virtio-net, counted", "M", sample_instructions, VIRTIO, 0.14, 3,
	  count_note },
	{ "first answer, virtio-net", "ms", sample_answer, VIRTIO, 0, 5, answer_note },
	{ "first answer, e1000", "ms", sample_answer, E1000, 0, 5, answer_note },
};

static void boot_row(const struct boot_row *b)
{
	struct measure m = { .name = b->name, .unit = b->unit, .ours = b->sample,
	    .ours_arg = &machines[OURS], .against = "Linux guest", .theirs = b->sample,
	    .theirs_arg = &machines[PEER], .on = b->bar > 0 ? BAR_RATIO : BAR_NONE, .bar = b->bar,
	    .pairs = b->pairs, .note = b->note };

	if (!row_wanted(b->name))
		return;
	m.skip = b->kind == NO_NETWORK ? NULL : netns_unable();
	if (!m.skip && machines_make(b->kind, "web", NULL))
		m.broken = failure();
	measure(&m);
}

/* ---- memory ---- */

/* 1: the web test passes with so much memory, 0: it does not, -1: it cannot be tried. */
static int fits(const struct machine *machine, unsigned mb)
{
	struct machine m = *machine;
	struct guest g;
	double figure;
	int r;

	m.mb = mb;
	if (guest_start(&g, &m))
		return -1;
	r = guest_wait(&g, "main ", m.side == OURS ? 5 : 15, NULL, NULL);
	if (!r)
		r = load(m.side, &figure, "requests", REQUESTS, "10");
	guest_end(&g);
	return stopped ? -1 : !r;
}

static int sample_memory(void *arg, double *out)
{
	unsigned low = LEAST_MB - 1, high = MOST_MB;
	int r = fits(arg, high);

	if (r <= 0)
		return r ? -1 : fail("not even with %u MiB: %.150s", high, failure());
	while (high - low > 1) {
		unsigned mid = (low + high) / 2;

		r = fits(arg, mid);
		if (r < 0)
			return -1;
		if (r)
			high = mid;
		else
			low = mid;
	}
	*out = high;
	return 0;
}

static void memory_row(void)
{
	struct measure m = { .name = "least memory, virtio-net", .unit = "MiB",
	    .ours = sample_memory, .ours_arg = &machines[OURS], .against = "Linux guest",
	    .theirs = sample_memory, .theirs_arg = &machines[PEER], .on = BAR_VALUE, .bar = 20,
	    .pairs = 1, .note = "found by halving: QEMU's -m with which a web server answers "
	    REQUESTS " requests, one connection each" };

	if (!row_wanted(m.name))
		return;
	m.skip = options.quick ? "takes minutes" : netns_unable();
	if (!m.skip && machines_make(VIRTIO, "web", NULL))
		m.broken = failure();
	measure(&m);
}

/* ---- size ---- */

static int add_size(const char *path, double *out)
{
	struct stat st;

	if (stat(path, &st))
		return fail("%s: not there", path);
	*out += 1e-6 * (double)st.st_size;
	return 0;
}

static int sample_size_ours(void *arg, double *out)
{
	char path[300];

	(void)arg;
	dir_path("stripped", path, sizeof(path));
	*out = 0;
	if (cmd_run(&(struct cmd){ .argv = { "strip", "-o", path, IMAGE } }))
		return -1;
	return add_size(path, out);
}

static int sample_size_peer(void *arg, double *out)
{
	const char *folder = in_folder("modules");
	DIR *d = opendir(folder);
	struct dirent *e;
	char path[400];
	int r;

	(void)arg;
	*out = 0;
	r = add_size(PEER_KERNEL, out);
	if (!d)
		return fail("%s: not there", folder);
	while (!r && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%.255s", folder, e->d_name);
		if (e->d_name[0] != '.')
			r = add_size(path, out);
	}
	closedir(d);
	return r;
}

static void size_row(void)
{
	measure(&(struct measure){ .name = "image size", .unit = "MB", .ours = sample_size_ours,
	    .against = "Linux guest", .theirs = sample_size_peer, .on = BAR_VALUE, .bar = 6,
	    .pairs = 1, .note = "the image of the web configuration, stripped, without a program (1 MB "
	    "is 1,000,000 bytes); the counterpart: the compressed kernel and its modules for virtio" });
}

void rows_boot(void)
{
	for (unsigned i = 0; i < sizeof(boot_rows) / sizeof(boot_rows[0]); i++)
		boot_row(&boot_rows[i]);
	memory_row();
	size_row();
}

/* ---- system calls ---- */

void rows_calls(void)
{
	static const char *const calls[][2] = {
		{ "getpid", "getpid" },
		{ "read", "read of 1 byte, tmpfs" },
		{ "write", "write of 1 byte, pipe" },
	};

	for (int i = 0; i < 3; i++) {
		struct measure m = { .name = calls[i][1], .unit = "instr", .ours = sample_call,
		    .ours_arg = &machines[OURS], .against = "Linux guest", .theirs = sample_call,
		    .theirs_arg = &machines[PEER], .on = BAR_RATIO, .bar = 0.8, .pairs = 3,
		    .note = "20,000 calls after 20,000, by the time-stamp counter under -icount shift=0, "
		    "that is in instructions; the program's loop of a few is included" };

		if (row_wanted(m.name) && machines_make(NO_NETWORK, "call", calls[i][0]))
			m.broken = failure();
		measure(&m);
	}
}
