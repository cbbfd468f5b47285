/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes into the guest's file system; see pack.h. */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libs.h"
#include "options.h"
#include "report.h"
#include "sys.h"
#include "tree.h"

enum layer { LAYER_ROOT, LAYER_FILES };

static const char guest_path[] =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static const char *env_value(const struct options *o, const char *name)
{
	size_t len = strlen(name);
	const char *value = NULL;

	for (size_t i = 0; i < o->nenv; i++) {
		if (strncmp(o->env[i], name, len) == 0 && o->env[i][len] == '=')
			value = o->env[i] + len + 1;
	}
	return value;
}

static bool is_executable(const struct sysroot *root, const char *path)
{
	int fd = sys_open_in_root(&host_side, root->fd, path, O_PATH, 0);
	struct stat st;
	bool yes = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);

	if (fd >= 0)
		close(fd);
	return yes;
}

/* A name without a slash, in the directories of a PATH. */
static bool search_path(const struct sysroot *root, const char *dirs, const char *name,
			char out[PATH_MAX])
{
	while (dirs && *dirs) {
		size_t len = strcspn(dirs, ":");

		if (dirs[0] == '/' &&
		    snprintf(out, PATH_MAX, "%.*s/%s", (int)len, dirs, name) < PATH_MAX &&
		    is_executable(root, out))
			return true;
		dirs += len;
		dirs += *dirs == ':';
	}
	return false;
}

/* An absolute path on the host. */
static bool absolute(const char *path, char out[PATH_MAX])
{
	char cwd[PATH_MAX] = "";

	if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return false;
	return snprintf(out, PATH_MAX, "%s%s%s", cwd, path[0] == '/' ? "" : "/", path) < PATH_MAX;
}

/* path without "." and double slashes; ".." is left, it may follow a link. */
static void tidy(char path[PATH_MAX])
{
	char *out = path, *p = path;

	while (*p) {
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len && !(len == 1 && *p == '.')) {
			*out++ = '/';
			memmove(out, p, len);
			out += len;
		}
		p += len;
	}
	*out = '\0';
}

static int find_program(const struct options *o, const struct sysroot *root, char out[PATH_MAX])
{
	const char *name = o->arg[0];
	bool inside = o->root_dir || o->root_disk >= 0;
	const char *dirs = inside ? env_value(o, "PATH") : getenv("PATH");

	if (!dirs)
		dirs = guest_path;
	if (!strchr(name, '/') && *name) {
		if (o->root_disk >= 0) {
			report_fail(EXIT_RUN, 0, "%s: in an image programs are not searched for: "
				    "give the whole path", name);
			return -1;
		}
		if (!search_path(root, dirs, name, out)) {
			report_fail(EXIT_RUN_NOTFOUND, 0, "%s: not found in %s%s", name,
				    inside ? "the root's PATH, " : "PATH, ", dirs);
			return -1;
		}
	} else if (!*name || (inside && name[0] != '/')) {
		report_fail(EXIT_RUN_NOTFOUND, 0, "'%s': with --root this is a path in it, and "
			    "begins with '/'", name);
		return -1;
	} else if (!absolute(name, out)) {
		report_fail(EXIT_RUN_NOTFOUND, -ENAMETOOLONG, "%s", name);
		return -1;
	}
	tidy(out);
	return 0;
}

struct found {
	const char **path;
	size_t n;
	const char *from;		/* below this */
	size_t len;
};

/* Of an entry that was copied: may it be loaded or executed? */
static int collect(const struct tree_entry *e, void *arg)
{
	struct found *f = arg;
	const char **p;

	if (!S_ISREG(e->mode) || e->layer != LAYER_FILES || !e->from ||
	    strncmp(e->from, f->from, f->len) != 0)
		return 0;
	if (!(e->mode & 0111) && !strstr(e->from, ".so"))
		return 0;
	p = array_add(&f->path, &f->n, sizeof(*p));
	if (p)
		*p = e->from;
	return p ? 0 : -1;
}

static int add_extra(const struct extra *x, struct tree *tree, const struct sysroot *host,
		     struct libs *libs)
{
	struct found found = { 0 };
	char from[PATH_MAX];
	int r = -1;

	if (!absolute(x->host, from)) {
		report_fail(EXIT_RUN, -ENAMETOOLONG, "%s", x->host);
		return -1;
	}
	tidy(from);
	tree->layer = LAYER_FILES;
	if (tree_add_copy(tree, host, from, x->guest) == 0) {
		found.from = from;
		found.len = strlen(from);
		r = tree_walk(tree, collect, &found);
	}
	tree->layer = LAYER_ROOT;
	for (size_t i = 0; i < found.n && r == 0; i++)
		r = libs_add(libs, found.path[i], LIBS_COPY);
	free(found.path);
	return r;
}

static int add_extras(const struct options *o, struct tree *tree, const struct sysroot *host)
{
	struct libs *libs = libs_new(tree, host, true, env_value(o, "LD_LIBRARY_PATH"));
	int r = libs ? 0 : -1;

	for (size_t i = 0; i < o->nextra && r == 0; i++)
		r = add_extra(&o->extra[i], tree, host, libs);
	libs_free(libs);
	return r;
}

static int add_resolv_conf(const struct options *o, struct tree *tree)
{
	char text[MAX_DNS * 32] = "";

	for (unsigned i = 0; i < o->ndns; i++) {
		uint32_t a = ntohl(o->dns[i].s_addr);
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "nameserver %u.%u.%u.%u\n", a >> 24,
			 a >> 16 & 255, a >> 8 & 255, a & 255);
	}
	return *text ? tree_add_text(tree, "/etc/resolv.conf", 0644, text) : 0;
}

/* What programs rely on, where nothing else has brought it. */
static int add_defaults(const struct options *o, struct tree *tree)
{
	static const struct { const char *path; mode_t mode; const char *text; } files[] = {
		{ "/dev", S_IFDIR | 0755, NULL },
		{ "/proc", S_IFDIR | 0555, NULL },
		{ "/sys", S_IFDIR | 0555, NULL },
		{ "/run", S_IFDIR | 0755, NULL },
		{ "/root", S_IFDIR | 0700, NULL },
		{ "/tmp", S_IFDIR | 01777, NULL },
		{ "/var/tmp", S_IFDIR | 01777, NULL },
		{ "/etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\n"
		  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n" },
		{ "/etc/group", 0644, "root:x:0:\nnogroup:x:65534:\n" },
		{ "/etc/hosts", 0644, "127.0.0.1\tlocalhost\n::1\tlocalhost\n" },
		{ "/etc/nsswitch.conf", 0644, "passwd: files\ngroup: files\nhosts: files dns\n" },
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && r == 0; i++)
		r = tree_add_text(tree, files[i].path, files[i].mode, files[i].text);
	return r ? r : add_resolv_conf(o, tree);
}

int pack_program(const struct options *o, struct tree *tree, const char **program)
{
	static char path[PATH_MAX];
	static struct sysroot host, inside;	/* the tree refers to them */
	const struct sysroot *root = o->root_dir ? &inside : &host;
	struct libs *libs;
	int r;

	if (sysroot_open(&host, "/") != 0 ||
	    (o->root_dir && sysroot_open(&inside, o->root_dir) != 0))
		return -1;
	if (find_program(o, root, path) != 0)
		return -1;
	*program = path;
	if (o->root_disk >= 0)
		return 0;		/* the image has it all */
	tree->owners = geteuid() == 0;
	if (o->root_dir && tree_add_copy(tree, root, "", "") != 0)
		return -1;
	libs = libs_new(tree, root, !o->root_dir, env_value(o, "LD_LIBRARY_PATH"));
	r = libs ? libs_add(libs, path, LIBS_PROGRAM) : -1;
	libs_free(libs);
	if (r == 0)
		r = add_extras(o, tree, &host);
	return r ? r : add_defaults(o, tree);
}
