/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion stat: everything that a file's inode says, extended attributes included. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "entry.h"
#include "json.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"
#include "term.h"
#include "xattr.h"

static bool follow;

static const struct argp_option options[] = {
	{ "dereference", 'L', NULL, 0, "Of a symbolic link, show what it leads to", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != 'L')
		return ARGP_ERR_UNKNOWN;
	follow = true;
	return 0;
}

static void text_time(const char *label, const struct statx_timestamp *t)
{
	char buf[40];

	format_time(buf, t->tv_sec);
	printf("  %-9s %s.%09u\n", label, buf, t->tv_nsec);
}

static void text_file(const struct ref *ref, int dfd, const char *name, const struct statx *st)
{
	char mode[11];
	int err;

	term_puts(stdout, ref->operand);
	printf("\n  %-9s %s\n", "type", entry_type(st->stx_mode));
	if (S_ISLNK(st->stx_mode)) {
		const char *target = entry_target(dfd, name, &err);

		printf("  %-9s ", "target");
		term_puts(stdout, target ? target : "?");
		putchar('\n');
	}
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode))
		printf("  %-9s %u, %u\n", "device", st->stx_rdev_major, st->stx_rdev_minor);
	printf("  %-9s %" PRIu64 " (%" PRIu64 " allocated)\n", "size", (uint64_t)st->stx_size,
	       (uint64_t)st->stx_blocks * 512);
	format_mode(mode, st->stx_mode);
	printf("  %-9s %04o (%s)\n", "mode", st->stx_mode & 07777, mode);
	printf("  %-9s %u, group %u\n", "owner", st->stx_uid, st->stx_gid);
	printf("  %-9s %" PRIu64 ", %u links\n", "inode", (uint64_t)st->stx_ino, st->stx_nlink);
	text_time("accessed", &st->stx_atime);
	text_time("modified", &st->stx_mtime);
	text_time("changed", &st->stx_ctime);
	if (st->stx_mask & STATX_BTIME)
		text_time("born", &st->stx_btime);
}

static void text_xattr(void *arg, const char *name, const void *value, size_t len)
{
	const unsigned char *v = value;
	bool text = len > 0 && utf8_valid(value, len) && !memchr(value, 0, len);

	(void)arg;
	fputs("  xattr     ", stdout);
	term_puts(stdout, name);
	putchar('=');
	if (text) {
		char *clean = term_escape(value, len);

		printf("\"%s\"", clean ? clean : "?");
		free(clean);
	} else {
		fputs("0x", stdout);
		for (size_t i = 0; i < len; i++)
			printf("%02x", v[i]);
	}
	putchar('\n');
}

static void json_xattr(void *arg, const char *name, const void *value, size_t len)
{
	(void)arg;
	json_open(NULL, '{');
	json_string("name", name);
	json_bytes("value", value, len);
	json_close();
}

static void one(const struct ref *ref, bool json, int dfd, const char *name)
{
	struct statx st;
	int r = sys_statx(&donor_side, dfd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &st);

	if (r < 0) {
		report_call(&donor_side, r, "%s", ref->operand);
		return;
	}
	if (json) {
		json_open(NULL, '{');
		json_string("path", ref->operand);
		entry_json(dfd, name, &st);
		json_open("xattrs", '[');
	} else {
		text_file(ref, dfd, name, &st);
	}
	r = xattr_each(&donor_side, dfd, *name ? name : ".", json ? json_xattr : text_xattr, NULL);
	if (r < 0 && r != -EOPNOTSUPP)
		report_call(&donor_side, r, "%s: extended attributes", ref->operand);
	if (json) {
		json_close();
		json_close();
	}
}

static void stat_operand(const struct ref *ref, bool json)
{
	const char *name = "";
	int fd;

	if (follow) {
		/*
		 * the name is resolved here, then the parent is asked about "." or the file by
		 * itself
		 */
		fd = ref_open(ref, O_RDONLY | O_NONBLOCK, 0);
		if (fd == -ENXIO)
			fd = ref_open(ref, O_PATH, 0);
	} else {
		fd = ref_open_parent(ref, &name);
		if (!*name)
			name = ".";
	}
	if (fd < 0) {
		report_call(&donor_side, fd, "%s", ref->operand);
		return;
	}
	one(ref, json, fd, name);
	sys_close(&donor_side, fd);
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, false, false);

	if (args->json)
		json_open(NULL, '[');
	for (int i = 0; refs && i < args->n && !stop_requested(); i++) {
		if (session_mount(refs[i]) == 0)
			stat_operand(refs[i], args->json);
	}
	if (args->json)
		json_close();
	free(refs);
}

const struct command cmd_stat = {
	.name = "stat", .args_doc = "IMAGE:/PATH...", .options = options, .option = option,
	.json = true, .min = 1, .run = run, .doc = "Show everything about files",
};
