/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion df: how full the file systems of images are. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>

#include "cmd.h"
#include "fstype.h"
#include "image.h"
#include "json.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "term.h"

static bool human;

static const struct argp_option options[] = {
	{ "human-readable", 'h', NULL, 0, "Sizes as 1.5 MiB instead of KiB blocks", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != 'h')
		return ARGP_ERR_UNKNOWN;
	human = true;
	return 0;
}

static void put_size(uint64_t bytes)
{
	char buf[24];

	if (human)
		format_size(buf, bytes);
	else
		snprintf(buf, sizeof(buf), "%" PRIu64, bytes / 1024);
	printf(" %12s", buf);
}

static void show(const struct image *img, const struct volume *v, const struct statfs *st,
		 bool json)
{
	uint64_t unit = st->f_frsize ? (uint64_t)st->f_frsize : (uint64_t)st->f_bsize;
	uint64_t total = st->f_blocks * unit, used = (st->f_blocks - st->f_bfree) * unit;
	uint64_t avail = st->f_bavail * unit;

	if (json) {
		json_open(NULL, '{');
		json_string("image", img->path);
		json_uint("partition", (uint64_t)v->part);
		json_string("type", v->fs->name);
		json_uint("total", total);
		json_uint("used", used);
		json_uint("available", avail);
		json_uint("inodes", st->f_files);
		json_uint("inodes_free", st->f_ffree);
		json_close();
		return;
	}
	printf("%-9s", v->fs->name);
	put_size(total);
	put_size(used);
	put_size(avail);
	printf(" %10" PRIu64 " ", (uint64_t)(st->f_files - st->f_ffree));
	term_puts(stdout, img->path);
	if (v->part)
		printf(" -p %d", v->part);
	putchar('\n');
}

static void volume(struct image *img, struct volume *v, bool json)
{
	struct statfs st;
	int root = -1, r;

	if (session_mount_volume(img, v, false, &root) != 0)
		return;
	r = sys_fstatfs(&donor_side, root, &st);
	if (r < 0)
		report_call(&donor_side, r, "%s", img->path);
	else
		show(img, v, &st, json);
}

static void each_volume(struct image *img, int part, bool json)
{
	int shown = 0;

	for (int i = 0; i < img->nvol && !stop_requested(); i++) {
		struct volume *v = &img->vol[i];

		if (!v->fs || (part >= 0 && v->part != part))
			continue;
		/* of a hybrid CD image, the partitions are parts of the one file system */
		if (part < 0 && v->part && img->vol[0].fs &&
		    (img->vol[0].fs->flags & FS_READ_ONLY))
			continue;
		volume(img, v, json);
		shown++;
	}
	if (!shown)
		image_choose(img, part);	/* says why there is nothing */
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, false, true);

	if (args->json)
		json_open(NULL, '[');
	else if (refs)
		printf("%-9s %12s %12s %12s %10s %s\n", "Type", human ? "Size" : "1K-blocks",
		       "Used", "Available", "Inodes", "Image");
	for (int i = 0; refs && i < args->n; i++) {
		if (ref_is_ready(refs[i]))
			each_volume(refs[i]->img, refs[i]->part, args->json);
	}
	if (args->json)
		json_close();
	free(refs);
}

const struct command cmd_df = {
	.name = "df", .args_doc = "IMAGE...", .options = options, .option = option, .json = true,
	.min = 1, .run = run, .doc = "Show how full file systems are",
};
