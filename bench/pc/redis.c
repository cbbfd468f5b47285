/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debian's redis-server in both guests, from the files of its package on an ext4 root, and its
 * redis-benchmark on the host. Interface: pc.h. Locking: none.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../files.h"
#include "../netns.h"
#include "pc.h"

struct redis_row {
	const char *name, *test, *pipeline;
};

static const struct redis_row redis_rows[] = {
	{ "redis GET, pipeline 1", "GET", "1" },
	{ "redis SET, pipeline 1", "SET", "1" },
	{ "redis GET, pipeline 16", "GET", "16" },
	{ "redis SET, pipeline 16", "SET", "16" },
};
#define ROWS	(sizeof(redis_rows) / sizeof(redis_rows[0]))

struct turn {
	enum side side;
	const struct redis_row *row;
};

static struct guest guests[SIDES];

/* A line of its table: "GET","41666.67",... */
static int find_rate(int fd, const char *test, double *out)
{
	char text[4096], key[20], *at;
	size_t n = 0;
	ssize_t r;

	while (n < sizeof(text) - 1 && (r = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = '\0';
	snprintf(key, sizeof(key), "\"%s\",\"", test);
	at = strstr(text, key);
	if (!at)
		return fail("redis-benchmark says %.150s", text);
	*out = 1e-3 * strtod(at + strlen(key), NULL);
	return 0;
}

static int benchmark(const struct turn *t, double *out)
{
	bool one = strcmp(t->row->pipeline, "1") == 0;
	int fd = -1, r;
	struct cmd c = { .netns = network_of(t->side), .out = &fd, .argv = {
	    in_folder("redis-benchmark"), "-h", THERE, "--csv", "-t", t->row->test,
	    "-P", t->row->pipeline, "-c", "20", "-n",
	    options.quick ? "2000" : one ? "20000" : "100000" } };
	pid_t pid = cmd_start(&c);

	if (pid < 0)
		return -1;
	r = find_rate(fd, t->row->test, out);
	close(fd);
	return cmd_wait(pid, "redis-benchmark") ? -1 : r;
}

static int sample(void *arg, double *out)
{
	const struct turn *t = arg;
	int r = guest_resume(&guests[t->side]);

	if (r)
		return r;
	r = benchmark(t, out);
	if (guest_pause(&guests[t->side]))
		return -1;
	return r;
}

static int start(void)
{
	static const char *const argv[] = { "/usr/bin/redis-server", "--save", "--protected-mode",
	    "no", "--bind", "0.0.0.0", NULL };
	static char image[SIDES][300];
	struct machine m;

	for (int side = 0; side < SIDES; side++) {
		dir_path(side == OURS ? "ours.ext4" : "peer.ext4", image[side], sizeof(image[0]));
		if (cmd_run(&(struct cmd){ .argv = { "cp", "--sparse=always",
		    in_folder("redis.ext4"), image[side] } }) ||
		    machine_disk(&m, side, image[side], argv) || guest_start(&guests[side], &m) ||
		    guest_wait(&guests[side], "Ready to accept connections", 90, NULL, NULL) ||
		    guest_pause(&guests[side]))
			return -1;
	}
	return 0;
}

static bool any_wanted(void)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (row_wanted(redis_rows[i].name))
			return true;
	return false;
}

void rows_redis(void)
{
	const char *skip = netns_unable(), *broken = NULL;

	if (!any_wanted())
		return;
	if (!skip && start())
		broken = failure();
	for (unsigned i = 0; i < ROWS; i++) {
		struct turn ours = { OURS, &redis_rows[i] }, theirs = { PEER, &redis_rows[i] };

		measure(&(struct measure){ .name = redis_rows[i].name, .unit = "k/s", .ours = sample,
		    .ours_arg = &ours, .against = "Linux guest", .theirs = sample,
		    .theirs_arg = &theirs, .on = BAR_RATIO, .bar = 1.1, .at_least = true,
		    .skip = skip, .broken = broken,
		    .note = "Debian's redis-server without saving, on an ext4 root; redis-benchmark "
		    "on the host, 20 connections, values of 3 bytes" });
	}
	guest_end(&guests[OURS]);
	guest_end(&guests[PEER]);
}
