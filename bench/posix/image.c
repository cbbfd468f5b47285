/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pillion command beside debugfs, fuse2fs and guestfish, whole commands. Interface: posix.h.
 * Locking: none.
 *
 * A sample has three parts, of which the second is timed: prepare (a fresh image, files into the
 * page cache), the commands and an fsync of the image they wrote to, and a check of the result.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix.h"
#include "../files.h"

#define IMAGE_MB	(options.quick ? 256u : 1024u)
#define BIG_MB		(options.quick ? 32u : 512u)
#define TREE_FILES	(options.quick ? 300u : 10000u)
#define EMPTY_FILES	11	/* inodes in use in an empty ext4, as e2fsck counts */

enum tool { PILLION, DEBUGFS, FUSE2FS, GUESTFISH, HOST_CP };
enum job { LIST, COPY_OUT, COPY_OUT_SYNCED, COPY_IN, TREE_IN };
struct task {
	enum job job;
	enum tool tool;
};

static char big[256], out[256], dumped[256], tree[256], mnt[256];
static char full[256], empty[256], full_root[300], full_big[300], empty_root[300];

static const char *fusermount(void)
{
	return have_program("fusermount3") ? "fusermount3" : "fusermount";
}

/* Mount, run, unmount, and wait until fuse2fs has written everything and is gone. */
static int with_fuse(const char *image, const struct cmd *c)
{
	struct cmd mount = { .argv = { "fuse2fs", image, mnt }, .quiet = true };
	int r;

	if (image == full)
		mount.argv[3] = "-o", mount.argv[4] = "ro";
	if (cmd_run(&mount))
		return -1;
	r = cmd_run(c);
	if (cmd_run(&(struct cmd){ .argv = { fusermount(), "-u", mnt } })) {
		(void)cmd_run(&(struct cmd){ .argv = { fusermount(), "-uz", mnt }, .quiet = true });
		r = -1;
	}
	return reap_left() ? -1 : r;
}

static int list(enum tool tool)
{
	char name[300];

	switch (tool) {
	case PILLION:
		return cmd_run(&(struct cmd){ .argv = { COMMAND, "ls", full_root } });
	case DEBUGFS:
		return cmd_run(&(struct cmd){ .argv = { "debugfs", "-R", "ls -p /", full },
		    .quiet = true });
	case FUSE2FS:
		snprintf(name, sizeof(name), "%s/", mnt);
		return with_fuse(full, &(struct cmd){ .argv = { "ls", name } });
	default:
		break;
	}
	return cmd_run(&(struct cmd){ .argv = { "guestfish", "--ro", "-a", full, "-m", "/dev/sda",
	    "ls", "/" } });
}

static int copy_out(enum tool tool)
{
	char name[300];

	snprintf(name, sizeof(name), "%s/big", mnt);
	if (tool == HOST_CP)
		return cmd_run(&(struct cmd){ .argv = { "cp", "-a", big, out } });
	return tool == PILLION ?
	    cmd_run(&(struct cmd){ .argv = { COMMAND, "cp", full_big, out } }) :
	    with_fuse(full, &(struct cmd){ .argv = { "cp", "-a", name, out } });
}

static int copy_out_synced(enum tool tool)
{
	return copy_out(tool) ? -1 : file_sync(out);
}

static int copy_in(enum tool tool)
{
	if (tool == PILLION ?
	    cmd_run(&(struct cmd){ .argv = { COMMAND, "cp", big, empty_root } }) :
	    with_fuse(empty, &(struct cmd){ .argv = { "cp", "-a", big, mnt } }))
		return -1;
	return file_sync(empty);
}

static int tree_in(enum tool tool)
{
	int r;

	if (tool == PILLION)
		r = cmd_run(&(struct cmd){ .argv = { COMMAND, "cp", "-r", tree, empty_root } });
	else if (tool == FUSE2FS)
		r = with_fuse(empty, &(struct cmd){ .argv = { "cp", "-a", tree, mnt } });
	else
		r = cmd_run(&(struct cmd){ .argv = { "guestfish", "-a", empty, "-m", "/dev/sda",
		    "copy-in", tree, "/" } });
	return r ? -1 : file_sync(empty);
}

static int prepare(const struct task *t)
{
	switch (t->job) {
	case LIST:
		break;
	case COPY_OUT:
	case COPY_OUT_SYNCED:
		(void)unlink(out);
		return file_warm(t->tool == HOST_CP ? big : full);
	case COPY_IN:
		if (image_make(empty, NULL, IMAGE_MB) || file_warm(empty))
			return -1;
		return file_warm(big);
	case TREE_IN:
		if (image_make(empty, NULL, IMAGE_MB) || file_warm(empty))
			return -1;
		return cmd_run(&(struct cmd){ .argv = { "grep", "-rc", "x", tree } });
	}
	return 0;
}

static int check(enum job job)
{
	struct cmd dump = { .argv = { "debugfs", "-R", "dump /big dumped", empty }, .quiet = true };
	char command[300];
	unsigned dirs = TREE_FILES / 100 + 1;

	switch (job) {
	case LIST:
		break;
	case COPY_OUT:
	case COPY_OUT_SYNCED:
		return files_same(big, out);
	case COPY_IN:
		snprintf(command, sizeof(command), "dump /big %s", dumped);
		dump.argv[2] = command;
		if (image_clean(empty, EMPTY_FILES + 1) || cmd_run(&dump))
			return -1;
		return files_same(big, dumped);
	case TREE_IN:
		return image_clean(empty, EMPTY_FILES + dirs + TREE_FILES);
	}
	return 0;
}

/* What the images need could not be made; failure() says why. */
static int sample_none(void *arg, double *figure)
{
	(void)arg;
	(void)figure;
	return -1;
}

/* MB/s, files/s, or ms for a list. */
static int sample(void *arg, double *figure)
{
	static int (*const run[])(enum tool) = { list, copy_out, copy_out_synced,
	    copy_in, tree_in };
	const struct task *t = arg;
	double begin;

	if (prepare(t))
		return -1;
	begin = now();
	if (run[t->job](t->tool))
		return -1;
	*figure = now() - begin;
	if (t->job == LIST)
		*figure *= 1e3;
	else
		*figure = (t->job == TREE_IN ? TREE_FILES : BIG_MB * 1.048576) / *figure;
	return check(t->job);
}

static const char *unable(enum tool tool)
{
	static const char *const package[] = { "the pillion command", "debugfs (package e2fsprogs)",
	    "fuse2fs (package fuse2fs)", "guestfish (package libguestfs-tools)", "cp" };
	static const char *const program[] = { NULL, "debugfs", "fuse2fs", "guestfish",
	    "cp" };
	static char text[5][80];
	const char *name = program[tool] ? program[tool] : COMMAND;

	if (!have_program(name)) {
		snprintf(text[tool], sizeof(text[tool]), "not installed: %s", package[tool]);
		return text[tool];
	}
	if (tool == FUSE2FS && access("/dev/fuse", R_OK | W_OK))
		return "no right to use /dev/fuse";
	return NULL;
}

static void row(const char *name, enum job job, enum tool tool, const char *note)
{
	static const char *const peers[] = { NULL, "debugfs", "fuse2fs", "guestfish",
	    "cp, plain file" };
	static const char *const units[] = { "ms", "MB/s", "MB/s", "MB/s", "files/s" };
	struct task ours = { job, PILLION }, theirs = { job, tool };
	struct measure m = { .name = name, .unit = units[job], .ours = sample, .ours_arg = &ours,
	    .against = peers[tool], .note = note, .skip = unable(tool) };

	if (tool != PILLION)
		m.theirs = sample, m.theirs_arg = &theirs;
	if (job != LIST && job != COPY_OUT_SYNCED && tool != HOST_CP)
		m.on = BAR_RATIO, m.bar = 3, m.at_least = true;
	else if (job == LIST && tool == PILLION)
		m.on = BAR_VALUE, m.bar = 25, m.pairs = 15;
	measure(&m);
}

static int make_files(void)
{
	char root[300], big_in[320];

	dir_path("big", big, sizeof(big));
	dir_path("out", out, sizeof(out));
	dir_path("dumped", dumped, sizeof(dumped));
	dir_path("tree", tree, sizeof(tree));
	dir_path("mnt", mnt, sizeof(mnt));
	dir_path("full.img", full, sizeof(full));
	dir_path("empty.img", empty, sizeof(empty));
	dir_path("root", root, sizeof(root));
	snprintf(full_root, sizeof(full_root), "%s:/", full);
	snprintf(full_big, sizeof(full_big), "%s:/big", full);
	snprintf(empty_root, sizeof(empty_root), "%s:/", empty);
	snprintf(big_in, sizeof(big_in), "%s/big", root);
	if (mkdir(mnt, 0755))
		return fail("%s: %s", mnt, strerror(errno));
	if (file_random(big, (size_t)BIG_MB << 20) || tree_random(tree, TREE_FILES) ||
	    tree_random(root, 1000))
		return -1;
	if (link(big, big_in))
		return fail("%s: %s", big_in, strerror(errno));
	return image_make(full, root, IMAGE_MB);
}

static const char list_note[] = "the root directory, 12 names, of an image of 1 GiB with 1,000 "
    "files, in the host's page cache; from the start of the first command to the end of the last; "
    "fuse2fs: mounted read-only, ls, fusermount -u, until fuse2fs has ended";
static const char copy_note[] = "whole commands: pillion cp; fuse2fs: mount, cp -a, fusermount -u, "
    "until fuse2fs has ended. Into ext4: and then an fsync of the image, on both sides. Out of it: "
    "no command syncs the host's file, so that a row of its own adds that on both sides. Sources "
    "and images in the host's page cache, an empty image new each time with mkfs.ext4's defaults; "
    "contents compared and e2fsck -fn afterwards";
static const char tree_note[] = "pillion cp -r; fuse2fs: mount, cp -a, fusermount -u, until "
    "fuse2fs has ended; guestfish: copy-in. 10,000 files of 100 to 4000 bytes in 100 directories. "
    "Whole commands and then an fsync of the image; sources and image in the host's page cache, "
    "the image new each time with mkfs.ext4's defaults; e2fsck -fn counts the files afterwards";

void rows_image(void)
{
	static const char *const names[] = { "pillion ls of 1 GiB ext4", "copy 512 MiB out of ext4",
	    "copy 512 MiB out of ext4, and fsync", "copy 512 MiB into ext4",
	    "10,000 small files into ext4" };
	bool wanted = false;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		wanted = wanted || row_wanted(names[i]);
	if (!wanted)
		return;
	if (dir_make() || make_files()) {
		measure(&(struct measure){ .name = names[0], .unit = "ms", .ours = sample_none });
		dir_remove();
		return;
	}
	row(names[LIST], LIST, PILLION, list_note);
	row(names[LIST], LIST, DEBUGFS, list_note);
	row(names[LIST], LIST, FUSE2FS, list_note);
	row(names[LIST], LIST, GUESTFISH, list_note);
	row(names[COPY_OUT], COPY_OUT, FUSE2FS, copy_note);
	row(names[COPY_OUT], COPY_OUT, HOST_CP, copy_note);
	row(names[COPY_OUT_SYNCED], COPY_OUT_SYNCED, FUSE2FS, copy_note);
	row(names[COPY_IN], COPY_IN, FUSE2FS, copy_note);
	row(names[TREE_IN], TREE_IN, FUSE2FS, tree_note);
	row(names[TREE_IN], TREE_IN, GUESTFISH, tree_note);
	dir_remove();
}
