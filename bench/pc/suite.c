/* SPDX-License-Identifier: BSD-2-Clause */
/* What `make bench-pc` measures, and with which machines. Interface: pc.h. Locking: none. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../files.h"
#include "pc.h"

/* Kept until the end. */
__attribute__((format(printf, 1, 2)))
static const char *text(const char *fmt, ...)
{
	char *made = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&made, fmt, ap) < 0)
		abort();
	va_end(ap);
	return made;
}

const char *in_folder(const char *name)
{
	return text("%s/%s", options.operand[0], name);
}

/* pillion run makes the archive, as it would to run the program. */
static int archive(struct machine *m, const char *root, const char *const *argv)
{
	char path[300], name[40];
	static unsigned made;
	struct cmd c = { .argv = { COMMAND, "run" } };
	unsigned n = 2;

	snprintf(name, sizeof(name), "archive%u.cpio", made++);
	m->archive = text("%s", dir_path(name, path, sizeof(path)));
	c.argv[n++] = text("--image=%s", m->archive);
	c.argv[n++] = text("--kernel=%s", IMAGE);
	if (m->nic) {
		c.argv[n++] = text("--nic=%s", strcmp(m->nic, "e1000") == 0 ? "e1000" : "virtio");
		c.argv[n++] = "--address=" THERE "/24";
		c.argv[n++] = "--gateway=" HERE;
	}
	if (root)
		c.argv[n++] = text("--root=%s", root);
	while (*argv)
		c.argv[n++] = *argv++;
	return cmd_run(&c);
}

static const char *init_arguments(const struct machine *m, bool root, const char *const *argv)
{
	const char *s = text("%s%s", m->nic ? "-n " THERE " " : "", root ? "-r /dev/vda " : "");

	while (*argv)
		s = text("%s%s ", s, *argv++);
	return s;
}

int machine_server(struct machine *m, enum side side, enum kind kind, const char *a, const char *b)
{
	static const char *const models[] = { NULL, "virtio-net-pci", "e1000" };
	const char *argv[] = { side == OURS ? SERVER : "/server", a, b, NULL };

	*m = (struct machine){ .side = side, .nic = models[kind] };
	if (m->nic && networks_make())
		return -1;
	if (side == OURS)
		return archive(m, NULL, argv);
	m->archive = in_folder(m->nic ? "net.cpio" : "none.cpio");
	m->arguments = init_arguments(m, false, argv);
	return 0;
}

int machine_disk(struct machine *m, enum side side, const char *image, const char *const *argv)
{
	*m = (struct machine){ .side = side, .nic = "virtio-net-pci", .disk = image,
	    .writable = true };
	if (networks_make())
		return -1;
	if (side == OURS)
		return archive(m, image, argv);
	m->archive = in_folder("net.cpio");
	m->arguments = init_arguments(m, true, argv);
	return 0;
}

static void all(void)
{
	if (dir_make()) {
		fprintf(stderr, "%s\n", failure());
		exit(1);
	}
	rows_boot();
	rows_calls();
	rows_net();
	rows_redis();
	dir_remove();
}

const struct suite suite = {
	.name = "pc", .operands = "FOLDER IMAGE PILLION", .noperands = 3, .rows = all,
};
