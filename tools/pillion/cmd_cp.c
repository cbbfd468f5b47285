/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion cp: copy files and trees into images, out of images, and between images. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "copy.h"
#include "progress.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"

/* One operand: a name in an open directory of the host or of an image. */
struct place {
	const char *text;
	struct ref *ref;	/* NULL: on the host */
	const struct side *side;
	int dir;
	const char *name;	/* "" or "." or "..": the directory itself */
	bool exists;		/* destination: dir is the operand itself, an existing directory */
	char *copy;
};

static struct owner owner;
static bool owner_given, recursive;

static const struct argp_option options[] = {
	{ "recursive", 'r', NULL, 0, "Copy directories and what is in them", 0 },
	{ "owner", 'o', "WHO", 0, "Owner of the copies: keep, none, or USER:GROUP", 0 },
	{ 0 },
};

static error_t option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'r':
		recursive = true;
		return 0;
	case 'o':
		if (!owner_parse(arg, &owner))
			argp_error(state, "--owner: '%s' is not keep, none or USER:GROUP", arg);
		owner_given = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool names_directory(const char *name)
{
	return !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Split a host path; the directory is opened now, before the confinement. */
static int open_host(struct place *p, bool dest)
{
	char *slash;
	size_t len;

	p->dir = dest ? sys_openat(p->side, AT_FDCWD, p->text, O_PATH | O_DIRECTORY, 0) : -1;
	p->exists = p->dir >= 0;
	p->copy = strdup(p->text);
	if (!p->copy)
		return -ENOMEM;
	for (len = strlen(p->copy); len > 1 && p->copy[len - 1] == '/'; len--)
		p->copy[len - 1] = '\0';
	slash = strrchr(p->copy, '/');
	p->name = slash ? slash + 1 : p->copy;
	if (p->exists)
		return 0;
	if (names_directory(p->name)) {
		p->dir = sys_openat(p->side, AT_FDCWD, p->text, O_PATH | O_DIRECTORY, 0);
		return p->dir;
	}
	if (!slash)
		p->dir = sys_openat(p->side, AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0);
	else if (slash == p->copy)
		p->dir = sys_openat(p->side, AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	else {
		*slash = '\0';
		p->dir = sys_openat(p->side, AT_FDCWD, p->copy, O_PATH | O_DIRECTORY, 0);
	}
	return p->dir;
}

static int open_in_image(struct place *p, bool dest)
{
	if (session_mount(p->ref) != 0)
		return -ECANCELED;		/* reported */
	p->dir = dest ? ref_open(p->ref, O_PATH | O_DIRECTORY, 0) : -1;
	p->exists = p->dir >= 0;
	if (p->exists)
		return 0;
	p->dir = ref_open_parent(p->ref, &p->name);
	if (p->dir >= 0 && !dest && names_directory(p->name)) {
		sys_close(p->side, p->dir);
		p->dir = ref_open(p->ref, O_PATH | O_DIRECTORY, 0);
	}
	return p->dir;
}

static bool open_place(struct place *p, bool dest, bool in_image)
{
	int r;

	if ((p->ref != NULL) != in_image)
		return true;
	r = in_image ? open_in_image(p, dest) : open_host(p, dest);
	if (r < 0 && r != -ECANCELED)
		report_call(p->side, r, "%s", p->text);
	return r >= 0;
}

static bool parse_places(const struct args *args, struct place *place)
{
	for (int i = 0; i < args->n; i++) {
		struct place *p = &place[i];
		bool dest = i == args->n - 1;

		p->text = args->op[i].text;
		p->dir = -1;
		p->name = "";
		p->side = &host_side;
		if (!ref_is_image(p->text))
			continue;
		p->side = &donor_side;
		p->ref = session_ref(p->text, args->op[i].part, dest, false);
		if (!p->ref)
			return false;
	}
	for (int i = 0; i < args->n - 1; i++) {
		if (!place[i].ref && !place[args->n - 1].ref) {
			report_fail(EXIT_USE, 0, "%s: neither this nor the destination is in an "
				    "image (IMAGE:/PATH)", place[i].text);
			return false;
		}
	}
	return true;
}

/* A link that is named without -r stands for the file it leads to. */
static void copy_followed(struct copier *c, const struct place *src, int to_dir,
			  const char *to_name)
{
	int fd = src->ref ? ref_open(src->ref, O_RDONLY | O_NONBLOCK, 0) :
		 sys_openat(src->side, src->dir, src->name, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0) {
		report_call(src->side, fd, "%s", src->text);
		return;
	}
	copy_open_file(c, fd, to_dir, to_name);
	sys_close(src->side, fd);
}

static void copy_whole_directory(struct copier *c, const struct place *src, const struct place *dst)
{
	int from;

	if (!dst->exists) {
		copy_entry(c, src->dir, ".", dst->dir, dst->name);
		return;
	}
	from = sys_openat(src->side, src->dir, ".", O_RDONLY | O_DIRECTORY, 0);
	if (from < 0) {
		report_call(src->side, from, "%s", src->text);
		return;
	}
	copy_into(c, from, dst->dir);
	sys_close(src->side, from);
}

static void copy_operand(struct copier *c, const struct place *src, const struct place *dst)
{
	const char *to_name = dst->exists ? src->name : dst->name;
	bool whole = names_directory(src->name);
	struct statx st;
	int r;

	c->from = src->side;
	c->from_type = src->ref ? ref_fstype(src->ref) : NULL;
	c->medium = src->ref ? ref_medium(src->ref) : (struct medium){ .fd = -1 };
	c->owner = owner;
	if (!owner_given)
		c->owner.keep = !c->to->host || geteuid() == 0;
	pathbuf_init(&c->source, src->text);
	pathbuf_init(&c->dest, dst->text);
	pathbuf_init(&c->place, dst->exists && whole ? "" : to_name);
	if (dst->exists && !whole)
		pathbuf_push(&c->dest, src->name);
	r = sys_statx(src->side, src->dir, whole ? "." : src->name, AT_SYMLINK_NOFOLLOW, &st);
	if (r < 0)
		report_call(src->side, r, "%s", src->text);
	else if (whole && !recursive)
		report_fail(EXIT_OPERAND, 0, "%s: is a directory (use -r)", src->text);
	else if (whole)
		copy_whole_directory(c, src, dst);
	else if (S_ISLNK(st.stx_mode) && !recursive)
		copy_followed(c, src, dst->dir, to_name);
	else
		copy_entry(c, src->dir, src->name, dst->dir, to_name);
	pathbuf_free(&c->source);
	pathbuf_free(&c->dest);
	pathbuf_free(&c->place);
}

static void copy_all(struct place *place, int n)
{
	struct place *dst = &place[n - 1];
	struct copier c = { .to = dst->side, .to_root = dst->dir, .recursive = recursive,
			    .to_type = dst->ref ? ref_fstype(dst->ref) : NULL };
	uint64_t total = 0;

	if (n > 2 && !dst->exists) {
		report_fail(EXIT_OPERAND, -ENOTDIR, "%s", dst->text);
		return;
	}
	if (!dst->exists && names_directory(dst->name)) {
		report_fail(EXIT_OPERAND, -ENOENT, "%s", dst->text);
		return;
	}
	for (int i = 0; progress_wanted() && i < n - 1; i++)
		total += copy_measure(place[i].side, place[i].dir,
				      names_directory(place[i].name) ? "." : place[i].name);
	progress_total(total);
	if (copier_init(&c)) {
		for (int i = 0; i < n - 1 && !stop_requested(); i++)
			copy_operand(&c, &place[i], dst);
	}
	if (session_options.verbose)
		report_note("%" PRIu64 " bytes were copied by the host itself", c.direct);
	copier_finish(&c);
}

/* Host files are opened before the confinement, files in images after the boot. */
static bool open_all(struct place *place, int n)
{
	struct place *dst = &place[n - 1];
	bool files = false;

	for (int i = 0; i < n; i++) {
		if (!open_place(&place[i], i == n - 1, false))
			return false;
		files |= !place[i].ref;
	}
	if (files && !session_options.no_sandbox)
		sandbox_limit_writes(dst->ref ? -1 : dst->dir);
	if (session_start(files ? SANDBOX_FILES : SANDBOX_STREAMS) != 0)
		return false;
	for (int i = n - 1; i >= 0; i--) {
		if (!open_place(&place[i], i == n - 1, true))
			return false;
	}
	return true;
}

static void run(struct args *args)
{
	struct place *place = calloc((size_t)args->n, sizeof(*place));

	if (place && parse_places(args, place) && session_open() == 0 && open_all(place, args->n))
		copy_all(place, args->n);
	for (int i = 0; place && i < args->n; i++) {
		if (place[i].dir >= 0)
			sys_close(place[i].side, place[i].dir);
		free(place[i].copy);
	}
	free(place);
}

const struct command cmd_cp = {
	.name = "cp", .args_doc = "SOURCE... DEST", .options = options, .option = option,
	.min = 2, .run = run, .doc = "Copy into, out of and between images",
};
