/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries of dynamic programs; see libs.h. */
#include "libs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elffile.h"
#include "ldcache.h"
#include "report.h"

#define MAX_OBJECTS 4096
#define MAX_SCRIPTS 4			/* an interpreter may be a script, as often as Linux allows */
#define MUSL_PATH "/etc/ld-musl-x86_64.path"

static const char *const glibc_dirs[] = {
	"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib",
	"/usr/lib", NULL
};
static const char *const musl_dirs[] = { "/lib", "/usr/local/lib", "/usr/lib", NULL };

/* Something that was read: the program, an interpreter, a library. */
struct object {
	struct object *next;
	const struct object *loader;	/* what needs it; NULL for a program */
	char *path, *name;		/* name: as it was asked for */
	bool musl;
	bool optional;			/* it may lack something */
	bool elsewhere;			/* packed already */
	struct elf_file elf;
};

struct libs {
	struct tree *tree;
	const struct sysroot *root;
	bool pack;
	const char *library_path;
	struct object *first, **end;
	size_t count;
	struct ldcache *cache;
	bool cache_tried;
	char *musl_path;
};

struct libs *libs_new(struct tree *tree, const struct sysroot *root, bool pack,
		      const char *library_path)
{
	struct libs *l = calloc(1, sizeof(*l));

	if (!l) {
		report_fail(EXIT_RUN, -ENOMEM, "libraries");
		return NULL;
	}
	*l = (struct libs){ .tree = tree, .root = root, .pack = pack,
			    .library_path = library_path };
	l->end = &l->first;
	return l;
}

static void free_object(struct object *o)
{
	elf_free(&o->elf);
	free(o->path);
	free(o->name);
	free(o);
}

void libs_free(struct libs *l)
{
	struct object *next;

	if (!l)
		return;
	for (struct object *o = l->first; o; o = next) {
		next = o->next;
		free_object(o);
	}
	ldcache_close(l->cache);
	free(l->musl_path);
	free(l);
}

static int pack(struct libs *l, const char *path)
{
	int r = l->pack ? tree_add_path(l->tree, l->root, path) : 0;

	if (r < -1)
		report_fail(EXIT_RUN, r, "%s%s", l->root->name, path);
	return r ? -1 : 0;
}

/* Of an object in dir: $ORIGIN, $LIB and $PLATFORM in a search path. false: too long. */
static bool expand(const char *text, size_t len, const char *dir, char out[PATH_MAX])
{
	static const struct { const char *name, *value; } words[] = {
		{ "$ORIGIN", NULL }, { "${ORIGIN}", NULL },
		{ "$LIB", "lib/x86_64-linux-gnu" }, { "${LIB}", "lib/x86_64-linux-gnu" },
		{ "$PLATFORM", "x86_64" }, { "${PLATFORM}", "x86_64" },
	};
	size_t at = 0;

	while (len > 0 && at < PATH_MAX - 1) {
		size_t used = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !used; i++) {
			size_t n = strlen(words[i].name);
			const char *value = words[i].value ? words[i].value : dir;

			if (len < n || memcmp(text, words[i].name, n) != 0)
				continue;
			used = n;
			at += (size_t)snprintf(out + at, PATH_MAX - at, "%s", value);
		}
		if (!used) {
			out[at++] = *text;
			used = 1;
		}
		text += used;
		len -= used;
	}
	if (at >= PATH_MAX - 1)
		return false;
	out[at] = '\0';
	return true;
}

/* Is there a file for x86-64 at path? Then it is read into o. */
static bool try_path(const struct libs *l, const char *path, struct object *o)
{
	int fd = sysroot_open_file(l->root, path);
	const char *why;
	enum elf_kind kind;

	if (fd < 0)
		return false;
	kind = elf_read(fd, &o->elf, &why);
	close(fd);
	if (kind == ELF_PROGRAM || kind == ELF_LIBRARY) {
		free(o->path);
		o->path = strdup(path);
		return o->path != NULL;
	}
	elf_free(&o->elf);
	return false;
}

static void directory_of(const char *path, char dir[PATH_MAX])
{
	char *slash;

	snprintf(dir, PATH_MAX, "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
}

/* In the directories of a list with colons, as the object `owner` has it. */
static bool try_list(const struct libs *l, const char *list, const struct object *owner,
		     struct object *o)
{
	char origin[PATH_MAX], dir[PATH_MAX], path[PATH_MAX];

	if (!list)
		return false;
	directory_of(owner->path, origin);
	while (*list) {
		size_t len = strcspn(list, ":;\n");

		/* a relative one would depend on the guest's working directory */
		if (len && expand(list, len, origin, dir) && dir[0] == '/' &&
		    snprintf(path, sizeof(path), "%s/%s", dir, o->name) < PATH_MAX &&
		    try_path(l, path, o))
			return true;
		list += len;
		list += *list != '\0';
	}
	return false;
}

static bool try_dirs(const struct libs *l, const char *const *dir, struct object *o)
{
	char path[PATH_MAX];

	for (; *dir; dir++) {
		if (snprintf(path, sizeof(path), "%s/%s", *dir, o->name) < PATH_MAX &&
		    try_path(l, path, o))
			return true;
	}
	return false;
}

static bool try_cache(struct libs *l, struct object *o)
{
	const char *path;

	if (!l->cache_tried) {
		l->cache_tried = true;
		l->cache = ldcache_open(l->root);
	}
	path = ldcache_find(l->cache, o->name);
	/* the guest's linker finds it by the cache only */
	return path && try_path(l, path, o) && pack(l, LDCACHE_PATH) == 0;
}

static bool try_musl(struct libs *l, struct object *o)
{
	int fd = l->musl_path ? -1 : sysroot_open_file(l->root, MUSL_PATH);

	if (fd >= 0) {
		l->musl_path = calloc(1, 4096);
		if (l->musl_path && read(fd, l->musl_path, 4095) > 0)
			pack(l, MUSL_PATH);
		close(fd);
	}
	if (l->musl_path)
		return try_list(l, l->musl_path, o->loader, o);
	return try_dirs(l, musl_dirs, o);
}

static bool find_library(struct libs *l, struct object *o)
{
	const struct object *from = o->loader;
	char origin[PATH_MAX], path[PATH_MAX];

	if (strchr(o->name, '/')) {
		directory_of(from->path, origin);
		return expand(o->name, strlen(o->name), origin, path) && try_path(l, path, o);
	}
	for (const struct object *p = from; p && !from->elf.runpath; p = p->loader) {
		if (!p->elf.runpath && try_list(l, p->elf.rpath, p, o))
			return true;
	}
	if (try_list(l, l->library_path, from, o) || try_list(l, from->elf.runpath, from, o))
		return true;
	if (o->musl)
		return try_musl(l, o);
	/* first the directories that need no cache in the guest; the libraries are the same */
	return try_dirs(l, glibc_dirs, o) || try_cache(l, o);
}

/* musl's linker is its libc, and answers for these names itself. */
static bool musl_has(const char *name)
{
	static const char *const own[] = { "c.", "pthread.", "rt.", "m.", "dl.", "util.",
					   "xnet." };

	if (strncmp(name, "lib", 3) != 0)
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strncmp(name + 3, own[i], strlen(own[i])) == 0)
			return true;
	}
	return false;
}

static const struct object *known(const struct libs *l, const char *name, bool musl)
{
	for (const struct object *o = l->first; o; o = o->next) {
		if (o->musl == musl && strcmp(o->name, name) == 0)
			return o;
	}
	return NULL;
}

static struct object *new_object(const char *name, const struct object *loader, bool musl)
{
	struct object *o = calloc(1, sizeof(*o));

	if (o)
		o->name = strdup(name);
	if (!o || !o->name) {
		report_fail(EXIT_RUN, -ENOMEM, "%s", name);
		free(o);
		return NULL;
	}
	o->loader = loader;
	o->musl = musl;
	o->optional = loader && loader->optional;
	return o;
}

static int append(struct libs *l, struct object *o)
{
	if (++l->count > MAX_OBJECTS) {
		report_fail(EXIT_RUN, 0, "%s: too many libraries", o->path);
		free_object(o);
		return -1;
	}
	*l->end = o;
	l->end = &o->next;
	return o->elsewhere ? 0 : pack(l, o->path);
}

/* must: it is an error that it is not there. */
static int add_library(struct libs *l, const char *name, const struct object *loader, bool must)
{
	struct object *o;

	if (known(l, name, loader->musl) || (loader->musl && musl_has(name)))
		return 0;
	o = new_object(name, loader, loader->musl);
	if (!o)
		return -1;
	if (find_library(l, o))
		return append(l, o);
	free_object(o);
	if (!must)
		return 0;
	if (!l->pack || loader->optional) {
		report_note("%s%s: needs the library %s, which is not found", l->root->name,
			    loader->path, name);
		return 0;
	}
	report_fail(EXIT_RUN_NOEXEC, 0, "%s: needs the library %s, which is not found; if it is "
		    "somewhere unusual, say --env LD_LIBRARY_PATH=DIR", loader->path, name);
	return -1;
}

/* What libc opens by itself when the program calls certain functions. */
static int add_hidden(struct libs *l, const struct object *o)
{
	static const char *const services[] = { "libnss_files.so.2", "libnss_dns.so.2" };
	const struct object *libc = known(l, "libc.so.6", false);
	int r = 0;

	if (o->musl || o == libc || !libc)
		return 0;
	if (o->elf.unwinds)
		r = add_library(l, "libgcc_s.so.1", libc, false);
	for (size_t i = 0; r == 0 && o->elf.resolves && libc->elf.old_libc && i < 2; i++)
		r = add_library(l, services[i], libc, false);
	return r;
}

/* The libraries of o and of all that come after it; the list grows meanwhile. */
static int add_needed(struct libs *l, struct object *o)
{
	struct object *next = o;
	size_t count;
	int r = 0;

	do {
		for (; next && r == 0; o = next, next = next->next) {
			for (size_t i = 0; r == 0 && i < next->elf.nneeded; i++)
				r = add_library(l, next->elf.needed[i], next, true);
		}
		count = l->count;
		for (struct object *p = l->first; p && r == 0; p = p->next)
			r = add_hidden(l, p);
		next = o->next;
	} while (r == 0 && l->count != count);
	return r;
}

static int add_interp(struct libs *l, struct object *program)
{
	const char *name = program->elf.interp;
	struct object *o;

	if (known(l, name, program->musl))
		return 0;
	o = new_object(name, program, program->musl);
	if (!o)
		return -1;
	if (try_path(l, name, o))
		return append(l, o);
	free_object(o);
	report_fail(EXIT_RUN_NOEXEC, 0, "%s: its interpreter %s%s is not there or not for x86-64",
		    program->path, l->root->name, name);
	return -1;
}

static int add_elf(struct libs *l, struct object *o)
{
	const char *base = o->elf.interp ? strrchr(o->elf.interp, '/') : NULL;

	o->musl = base && strncmp(base, "/ld-musl-", 9) == 0;
	if (append(l, o) != 0)
		return -1;
	if (o->elf.interp && add_interp(l, o) != 0)
		return -1;
	return add_needed(l, o);
}

/* The interpreter in "#!PATH ..." at the start of a file. false: it is no script. */
static bool script_interp(const struct libs *l, const char *path, char interp[PATH_MAX],
			  bool *executable)
{
	char head[256] = "";
	int fd = sysroot_open_file(l->root, path);
	ssize_t n = fd < 0 ? fd : pread(fd, head, sizeof(head) - 1, 0);
	const char *p = head + 2;
	struct stat st = { .st_mode = 0 };

	if (fd >= 0) {
		fstat(fd, &st);
		close(fd);
	}
	*executable = (st.st_mode & 0111) != 0;
	if (n < 2 || memcmp(head, "#!", 2) != 0)
		return false;
	p += strspn(p, " \t");
	snprintf(interp, PATH_MAX, "%.*s", (int)strcspn(p, " \t\r\n"), p);
	return true;
}

static int add(struct libs *l, const char *path, enum libs_use use, int depth);

/*
 * At a depth a script has named the file, which may be anybody's: a private file of the host is not
 * packed because some script says that it is its interpreter.
 */
static int add_other(struct libs *l, const char *path, enum libs_use use, int depth)
{
	char interp[PATH_MAX];
	bool executable, script = script_interp(l, path, interp, &executable);

	if (depth > 0 && !(script && executable)) {
		if (use != LIBS_PROGRAM)
			report_note("%s%s: a script's interpreter, but no program: not packed",
				    l->root->name, path);
		else
			report_fail(EXIT_RUN_NOEXEC, 0, "%s%s: a script's interpreter, but neither "
				    "an ELF file nor an executable script", l->root->name, path);
		return use != LIBS_PROGRAM ? 0 : -1;
	}
	if (use != LIBS_COPY && pack(l, path) != 0)
		return -1;
	if (script && interp[0] == '/' && depth < MAX_SCRIPTS)
		return add(l, interp, use == LIBS_PROGRAM ? use : LIBS_HELPER, depth + 1);
	if (use != LIBS_PROGRAM)
		return 0;
	report_fail(EXIT_RUN_NOEXEC, 0, "%s%s: %s", l->root->name, path,
		    script ? "the interpreter of this script cannot be used" :
		    "not a program: neither an ELF file nor a script");
	return -1;
}

static int missing(const struct libs *l, const char *path, enum libs_use use, int err)
{
	if (use != LIBS_PROGRAM)
		return 0;
	report_fail(err == -ENOENT ? EXIT_RUN_NOTFOUND : EXIT_RUN_NOEXEC, err, "%s%s",
		    l->root->name, path);
	return -1;
}

static int add(struct libs *l, const char *path, enum libs_use use, int depth)
{
	int fd = sysroot_open_file(l->root, path);
	struct object *o;
	const char *why;
	enum elf_kind kind;

	if (fd < 0)
		return missing(l, path, use, fd);
	o = new_object(path, NULL, false);
	if (!o) {
		close(fd);
		return -1;
	}
	o->optional = use != LIBS_PROGRAM;
	o->elsewhere = use == LIBS_COPY;
	kind = elf_read(fd, &o->elf, &why);
	close(fd);
	if (kind == ELF_PROGRAM || (kind == ELF_LIBRARY && use != LIBS_PROGRAM)) {
		o->path = strdup(path);
		if (o->path)
			return add_elf(l, o);
	}
	free_object(o);
	if (kind == ELF_NOT || use != LIBS_PROGRAM)
		return add_other(l, path, use, depth);
	report_fail(EXIT_RUN_NOEXEC, 0, "%s%s: %s", l->root->name, path,
		    kind == ELF_LIBRARY ? "a library, not a program" : why);
	return -1;
}

int libs_add(struct libs *l, const char *path, enum libs_use use)
{
	return add(l, path, use, 0);
}
