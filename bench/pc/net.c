/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests, streams and a disk of two guests that run beside each other: the one whose turn it is
 * not is stopped. Interface: pc.h. Locking: none.
 */
#include <stdio.h>

#include "../files.h"
#include "../netns.h"
#include "pc.h"

#define DISK_MB		(options.quick ? 16u : 256u)

struct load_row {
	const char *name, *unit, *what;
	const char *argument;		/* of load, before the seconds; NULL: none */
	bool seconds;
	double bar;
	const char *note;
};

static const char echo_note[] =
	"a program on the host sends 64 bytes and waits for them to come back, on each of so many "
	"connections; for 2 seconds after 0.2; the host's end of the tap is the host's stack";
static const char web_note[] =
	"a page of 1 KiB, a connection a request, so many at a time; for 2 seconds after 0.2";
static const char bulk_note[] =
	"one connection, writes of 128 KiB, for 2 seconds; virtio-net with the offloads that QEMU "
	"and the guest agree on";
static const char disk_note[] =
	"the guest reads a raw disk of 256 MiB, which is in the host's page cache, from its begin to "
	"its end; direct: O_DIRECT, 1 MiB a read; buffered: 128 KiB a read, nothing cached before";

static const struct load_row load_rows[] = {
	{ "echo of 64 bytes, 1 connection", "/s", "echo", "1", true, 1.2, echo_note },
	{ "echo of 64 bytes, 16 connections", "/s", "echo", "16", true, 1.2, echo_note },
	{ "HTTP, 1 at a time", "/s", "web", "1", true, 1.3, web_note },
	{ "HTTP, 16 at a time", "/s", "web", "16", true, 1.3, web_note },
	{ "bulk, guest to host", "Gbit/s", "from", NULL, true, 1.0, bulk_note },
	{ "bulk, host to guest", "Gbit/s", "to", NULL, true, 1.0, bulk_note },
	{ "disk, direct", "MB/s", "disk", "d", false, 1.0, disk_note },
	{ "disk, buffered", "MB/s", "disk", "b", false, 1.0, disk_note },
};
#define ROWS	(sizeof(load_rows) / sizeof(load_rows[0]))

struct turn {
	enum side side;
	const struct load_row *row;
};

static struct guest guests[SIDES];

static int sample(void *arg, double *out)
{
	const struct turn *t = arg;
	const char *seconds = options.quick ? "0.2" : "2";
	const char *a = t->row->argument ? t->row->argument : seconds;
	const char *b = t->row->argument && t->row->seconds ? seconds : NULL;
	int r = guest_resume(&guests[t->side]);

	if (r)
		return r;
	r = load(t->side, out, t->row->what, a, b);
	if (guest_pause(&guests[t->side]))
		return -1;
	return r;
}

static int start(const char *disk)
{
	struct machine m;

	if (file_random(disk, (size_t)DISK_MB << 20) || file_warm(disk))
		return -1;
	for (int side = 0; side < SIDES; side++) {
		if (machine_server(&m, side, VIRTIO, "serve", NULL))
			return -1;
		m.disk = disk;
		if (guest_start(&guests[side], &m) ||
		    guest_wait(&guests[side], "ready", 60, NULL, NULL) || guest_pause(&guests[side]))
			return -1;
	}
	return 0;
}

static bool any_wanted(void)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (row_wanted(load_rows[i].name))
			return true;
	return false;
}

void rows_net(void)
{
	const char *skip = netns_unable(), *broken = NULL;
	char disk[300];

	if (!any_wanted())
		return;
	dir_path("disk", disk, sizeof(disk));
	if (!skip && start(disk))
		broken = failure();
	for (unsigned i = 0; i < ROWS; i++) {
		const struct load_row *l = &load_rows[i];
		struct turn ours = { OURS, l }, theirs = { PEER, l };

		measure(&(struct measure){ .name = l->name, .unit = l->unit, .ours = sample,
		    .ours_arg = &ours, .against = "Linux guest", .theirs = sample,
		    .theirs_arg = &theirs, .on = BAR_RATIO, .bar = l->bar, .at_least = true,
		    .skip = skip, .broken = broken, .note = l->note });
	}
	guest_end(&guests[OURS]);
	guest_end(&guests[PEER]);
}
