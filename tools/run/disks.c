/* SPDX-License-Identifier: BSD-2-Clause */
/* Disk images; see disks.h. */
#include "disks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hardware.h"
#include "imgformat.h"
#include "options.h"
#include "report.h"

static int open_disk(const struct options *o, struct disk *d)
{
	const char *other;
	struct stat st;

	d->fd = open(d->path, (d->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK |
		     O_NOCTTY);
	if (d->fd < 0) {
		int err = errno;

		report_fail(EXIT_RUN, -err, "%s", d->path);
		if (err == ENOENT && strchr(d->path, ','))
			fputs("  (options after the name are ro, cdrom, bus=BUS, format=FORMAT)\n",
			      stderr);
		if ((err == EACCES || err == EROFS) && !d->read_only)
			fprintf(stderr, "  (to attach it read-only: %s,ro)\n", d->path);
		return -1;
	}
	if (fstat(d->fd, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))) {
		report_fail(EXIT_RUN, 0, "%s: not an image file or a block device", d->path);
		return -1;
	}
	d->device = S_ISBLK(st.st_mode);
	/* QEMU is told the format, always: of a raw disk the guest writes the first bytes */
	if (!d->format)
		d->format = imgformat_detect(d->fd);
	if (!o->backing && imgformat_refers(d->fd, d->format, &other)) {
		report_fail(EXIT_RUN, 0, "%s: refers to another file of this host (%s); --backing "
			    "allows that, if you trust the image", d->path, other);
		return -1;
	}
	if (strcmp(d->format, "raw") == 0 && S_ISREG(st.st_mode) && st.st_size < 512) {
		report_fail(EXIT_RUN, 0, "%s: too small for a disk", d->path);
		return -1;
	}
	return 0;
}

/* Disks of one kind of name are numbered in the order of the options. */
static void name_disk(struct options *o, size_t index)
{
	struct disk *d = &o->disk[index];
	unsigned n = 0;

	if (d->cdrom) {
		for (size_t i = 0; i < index; i++)
			n += o->disk[i].cdrom;
		snprintf(d->name, sizeof(d->name), "sr%u", n % 100);
		return;
	}
	for (size_t i = 0; i < index; i++)
		n += !o->disk[i].cdrom && strcmp(o->disk[i].bus->guest, d->bus->guest) == 0;
	if (strcmp(d->bus->guest, "nvme") == 0)
		snprintf(d->name, sizeof(d->name), "nvme%un1", n % 100);
	else
		snprintf(d->name, sizeof(d->name), "%s%c", d->bus->guest, 'a' + (int)(n % 26));
}

/* Several controllers whose disks are all called sdX: which is first is the drivers' affair. */
static bool ambiguous(const struct options *o, const struct disk *d)
{
	if (d->cdrom || strcmp(d->bus->guest, "sd") != 0)
		return false;
	for (size_t i = 0; i < o->ndisk; i++) {
		const struct disk *other = &o->disk[i];

		if (!other->cdrom && other->bus != d->bus && strcmp(other->bus->guest, "sd") == 0)
			return true;
	}
	return false;
}

/* "disk1p2" is partition 2 of the second --disk. */
static int name_mount(const struct options *o, struct mount *m)
{
	unsigned long n, part = 0;
	const struct disk *d;
	char *end, *name;

	if (strncmp(m->dev, "disk", 4) != 0 || m->dev[4] < '0' || m->dev[4] > '9')
		return 0;
	n = strtoul(m->dev + 4, &end, 10);
	if (*end == 'p' && end[1] >= '1' && end[1] <= '9')
		part = strtoul(end + 1, &end, 10);
	/* the root is no --disk, wherever it stands among them */
	if (o->root_disk >= 0 && n >= (unsigned long)o->root_disk && n < o->ndisk)
		n++;
	if (*end || part > 255 || n >= o->ndisk) {
		report_fail(EXIT_RUN, 0, "--mount: there is no %s", m->dev);
		return -1;
	}
	d = &o->disk[n];
	if (ambiguous(o, d)) {
		report_fail(EXIT_RUN, 0, "--mount: %s: with disks on several buses, say the guest's "
			    "own name of it (sda, ...)", m->dev);
		return -1;
	}
	if (d->read_only)
		m->read_only = true;
	if ((part ? asprintf(&name, "%s%s%lu", d->name, strcmp(d->bus->guest, "nvme") == 0 ? "p" :
			     "", part) : asprintf(&name, "%s", d->name)) < 0) {
		report_fail(EXIT_RUN, -ENOMEM, "--mount");
		return -1;
	}
	m->dev = name;
	return 0;
}

int disks_open(struct options *o)
{
	for (size_t i = 0; i < o->ndisk; i++) {
		if (open_disk(o, &o->disk[i]) != 0)
			return -1;
		name_disk(o, i);
	}
	for (size_t i = 0; i < o->nmount; i++) {
		if (name_mount(o, &o->mount[i]) != 0)
			return -1;
	}
	return 0;
}
