/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pillion info: what an image holds. Nothing is mounted for it, so it also works on what cannot
 * be.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "fstype.h"
#include "image.h"
#include "json.h"
#include "report.h"
#include "session.h"
#include "term.h"

static void json_volume(const struct volume *v)
{
	json_open(NULL, '{');
	json_uint("partition", (uint64_t)v->part);
	if (v->has_start)
		json_uint("start", v->start);
	json_uint("size", v->size);
	if (v->part_type)
		json_string("partition_type", v->part_type);
	if (v->part_name)
		json_string("partition_name", v->part_name);
	json_string("content", v->content);
	json_bool("ambiguous", v->ambiguous);
	json_bool("file_system", v->fs != NULL);
	json_string("version", v->version);
	json_string("label", v->label);
	json_string("uuid", v->uuid);
	json_close();
}

static bool shown(const struct ref *ref, const struct volume *v)
{
	return ref->part < 0 || v->part == ref->part;
}

static void json_image(const struct ref *ref)
{
	const struct image *img = ref->img;

	json_open(NULL, '{');
	json_string("image", ref->file);
	json_string("format", img->format);
	json_uint("size", img->size);
	json_uint("file_size", img->file_size);
	json_string("partition_table", img->table);
	json_open("volumes", '[');
	for (int i = 0; i < img->nvol; i++) {
		if (shown(ref, &img->vol[i]))
			json_volume(&img->vol[i]);
	}
	json_close();
	json_close();
}

static void text_value(const char *name, const char *value)
{
	if (!value)
		return;
	printf("  %s ", name);
	term_puts(stdout, value);
}

static void text_volume(const struct volume *v, bool partitioned)
{
	char size[24];

	format_size(size, v->size);
	if (v->part)
		printf("  %2d  %10s  ", v->part, size);
	else
		printf("  %s  %10s  ", partitioned ? " 0" : "--", size);
	term_puts(stdout, v->ambiguous ? "more than one signature" :
		  v->content ? v->content : "nothing recognised");
	if (v->content && !v->fs)
		fputs(" (not mountable)", stdout);
	text_value("version", v->version);
	text_value("label", v->label);
	text_value("uuid", v->uuid);
	text_value("type", v->part_type);
	text_value("name", v->part_name);
	putchar('\n');
}

static void text_image(const struct ref *ref)
{
	const struct image *img = ref->img;
	char size[24];
	int known = 0;

	format_size(size, img->size);
	term_puts(stdout, ref->file);
	printf(": %s, %s (%" PRIu64 " bytes), ", img->format, size, img->size);
	if (img->nvol > 1)
		printf("partition table %s\n", img->table ? img->table : "of another kind");
	else
		puts("no partitions");
	for (int i = 0; i < img->nvol; i++) {
		const struct volume *v = &img->vol[i];

		if (!shown(ref, v))
			continue;
		known += v->fs != NULL;
		/*
		 * of a partitioned disk, the whole has something to say only when something is
		 * there, or when it is asked for
		 */
		if (v->part || img->nvol == 1 || v->content || v->ambiguous || ref->part == 0)
			text_volume(v, img->nvol > 1);
	}
	if (!known)
		puts("  no file system that pillion can mount");
}

/* Without a partition of the number that was asked for, there is nothing to show. */
static bool has_part(const struct ref *ref)
{
	for (int i = 0; i < ref->img->nvol; i++) {
		if (shown(ref, &ref->img->vol[i]))
			return true;
	}
	report_fail(EXIT_IMAGE, 0, "%s: no partition %d", ref->file, ref->part);
	return false;
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, false, true);

	if (args->json)
		json_open(NULL, '[');
	for (int i = 0; refs && i < args->n; i++) {
		if (!ref_is_ready(refs[i]) || !has_part(refs[i]))
			continue;
		if (args->json)
			json_image(refs[i]);
		else
			text_image(refs[i]);
	}
	if (args->json)
		json_close();
	free(refs);
}

const struct command cmd_info = {
	.name = "info", .args_doc = "IMAGE...", .json = true, .min = 1, .run = run,
	.doc = "Show partitions, file systems, labels and UUIDs of images",
};
