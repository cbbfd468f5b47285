/* SPDX-License-Identifier: BSD-2-Clause */
/* Images, boot, mounts and the orderly end; see session.h. Used by the main thread only. */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <pillion/pillion.h>

#include "fstype.h"
#include "image.h"
#include "report.h"
#include "stop.h"
#include "sys.h"

#ifndef ST_RDONLY
#define ST_RDONLY 1
#endif

/*
 * The default is too little for large files: a writer is made to wait when a tenth of the memory
 * is dirty, and then it and the medium take turns instead of working at once.
 */
#define MEMORY ((size_t)64 << 20)

struct mount {
	struct mount *next;
	const struct volume *vol;
	struct image *img;
	char dir[24];
	int root;
	bool write;
};

struct session_options session_options;

static struct {
	struct ref *refs;
	struct image *images;
	struct mount *mounts;
	bool booted;
	int count;		/* mount points made */
} session;

bool ref_is_image(const char *operand)
{
	return strstr(operand, ":/") != NULL;
}

struct ref *session_ref(const char *operand, int part, bool write, bool whole)
{
	const char *colon = strstr(operand, ":/");
	struct ref *ref, **end = &session.refs;

	if (colon == operand || (!colon && !whole)) {
		report_fail(EXIT_USE, 0, "%s: not IMAGE:/PATH", operand);
		return NULL;
	}
	ref = calloc(1, sizeof(*ref));
	if (ref) {
		ref->operand = operand;
		ref->part = part;
		ref->write = write;
		ref->root = -1;
		ref->file = strndup(operand, colon ? (size_t)(colon - operand) : strlen(operand));
		ref->path = strdup(colon ? colon + 1 : "/");
	}
	if (ref && ref->path) {
		for (size_t n = strlen(ref->path); n > 1 && ref->path[n - 1] == '/'; n--)
			ref->path[n - 1] = '\0';
	}
	if (!ref || !ref->file || !ref->path) {
		report_fail(EXIT_OPERAND, -ENOMEM, "%s", operand);
		free(ref);
		return NULL;
	}
	while (*end)
		end = &(*end)->next;
	*end = ref;
	return ref;
}

static struct image *find_image(dev_t dev, ino_t ino)
{
	struct image *img = session.images;

	while (img && (img->dev != dev || img->ino != ino))
		img = img->next;
	return img;
}

bool session_has_image(dev_t dev, ino_t ino)
{
	return find_image(dev, ino) != NULL;
}

/*
 * Two operands are the same image when their files are; it is open for writing when one of them
 * writes.
 */
static struct image *open_image(struct ref *ref)
{
	struct stat st;
	struct image *img, **end = &session.images;
	bool write = ref->write;

	if (stat(ref->file, &st) != 0) {
		report_fail(EXIT_IMAGE, -errno, "%s", ref->file);
		return NULL;
	}
	img = find_image(st.st_dev, st.st_ino);
	if (img)
		return img;
	while (*end)
		end = &(*end)->next;
	for (const struct ref *r = ref->next; r; r = r->next) {
		struct stat other;

		if (r->write && stat(r->file, &other) == 0 && other.st_dev == st.st_dev &&
		    other.st_ino == st.st_ino)
			write = true;
	}
	img = malloc(sizeof(*img));
	if (!img)
		return NULL;
	if (image_open(img, ref->file, write, session_options.backing) != 0) {
		image_close(img);
		free(img);
		return NULL;
	}
	*end = img;
	return img;
}

int session_open(void)
{
	int r = 0;

	tzset();		/* reads its file now, not when confined */
	sys_raise_file_limit(&host_side);
	for (struct ref *ref = session.refs; ref; ref = ref->next) {
		ref->img = open_image(ref);
		if (!ref->img)
			r = -1;
	}
	return r;
}

int session_start(enum sandbox kind)
{
	struct pillion_options opt = {
		.size = sizeof(opt), .memory = MEMORY, .loglevel = session_options.verbose ? 7 : 4,
		.log = report_kernel_log, .panic = report_panic,
	};
	int r;

	/* A command without host files of its own writes nowhere but to images that are open. */
	if (!session_options.no_sandbox && kind == SANDBOX_STREAMS)
		sandbox_limit_writes(-1);
	stop_prepare();
	r = pillion_boot(&opt);
	if (r < 0) {
		report_fail(EXIT_OPERAND, r, "the library kernel does not start");
		return -1;
	}
	session.booted = true;
	report_drop_kernel_log();
	stop_start();
	if (sandbox_enter(session_options.no_sandbox ? SANDBOX_OFF : kind) != 0)
		return -1;
	sys_raise_file_limit(&donor_side);
	pillion_syscall(SYS_umask, 0, 0, 0, 0, 0, 0);	/* modes are what the command says */
	for (struct image *img = session.images; img; img = img->next) {
		if (image_attach(img) == 0)
			image_probe(img);
	}
	return 0;
}

bool ref_is_ready(const struct ref *ref)
{
	return ref->img && ref->img->disk >= 0;
}

static int try_mount(struct mount *m, const struct fstype *fs)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
	char dev[48];

	if (!m->write)
		flags |= MS_RDONLY;
	snprintf(dev, sizeof(dev), "/dev/%s", m->vol->dev);
	snprintf(m->dir, sizeof(m->dir), "/pillion%d", session.count++);
	sys_mkdirat(&donor_side, AT_FDCWD, m->dir, 0700);
	return (int)pillion_syscall(SYS_mount, (long)dev, (long)m->dir, (long)fs->driver,
				    (long)flags, (long)fs->options, 0);
}

static void explain_mount(const struct mount *m, const struct fstype *fs, int err)
{
	enum exit_status status = EXIT_IMAGE;
	const char *name = m->img->path;

	if (err == -EUCLEAN || err == -EBADMSG || err == -EIO)
		status = EXIT_DAMAGED;
	if (err == -ENODEV)
		report_fail(status, 0, "%s: this pillion was built without the %s driver", name,
			    fs->driver);
	else if (m->vol->ufs2_low)
		report_fail(status, 0, "%s: UFS2 with its superblock at 8 KiB, where Linux's "
			    "driver does not look", name);
	else if (m->write && (err == -EROFS || err == -EACCES))
		report_fail(status, 0, "%s: this %s file system cannot be written", name, fs->name);
	else
		report_fail(status, err, "%s: cannot mount %s as %s", name, m->vol->dev, fs->name);
	report_show_kernel_log();
}

int session_mount_volume(struct image *img, struct volume *vol, bool write, int *root)
{
	const struct fstype *fs = vol->fs;
	struct mount *m = calloc(1, sizeof(*m));
	struct statfs st;
	int r;

	if (!m)
		return -1;
	m->vol = vol;
	m->img = img;
	m->write = write;
	r = try_mount(m, fs);
	if (r < 0) {
		explain_mount(m, fs, r);
		free(m);
		return -1;
	}
	m->next = session.mounts;
	session.mounts = m;
	m->root = sys_openat(&donor_side, AT_FDCWD, m->dir, O_PATH | O_DIRECTORY, 0);
	*root = m->root;
	if (m->root < 0 || sys_fstatfs(&donor_side, m->root, &st) != 0) {
		report_fail(EXIT_DAMAGED, m->root < 0 ? m->root : -EIO, "%s: its root directory",
			    img->path);
		return -1;
	}
	if (write && (st.f_flags & ST_RDONLY)) {
		report_fail(EXIT_IMAGE, 0, "%s: the %s driver opened it for reading only",
			    img->path, fs->name);
		report_show_kernel_log();
		return -1;
	}
	return 0;
}

/* --type overrides what libblkid found. */
static struct volume *choose_volume(struct ref *ref)
{
	struct image *img = ref->img;
	const struct fstype *fs;

	if (!session_options.type)
		return image_choose(img, ref->part);
	fs = fstype_by_name(session_options.type);
	if (!fs) {
		report_fail(EXIT_USE, 0, "--type: no file system '%s'", session_options.type);
		return NULL;
	}
	for (int i = 0; i < img->nvol; i++) {
		if (img->vol[i].part == (ref->part > 0 ? ref->part : 0)) {
			img->vol[i].fs = fs;
			return &img->vol[i];
		}
	}
	return image_choose(img, ref->part);
}

int session_mount(struct ref *ref)
{
	struct volume *vol = ref_is_ready(ref) ? choose_volume(ref) : NULL;
	bool write = false;

	if (!vol)
		return -1;
	for (struct mount *m = session.mounts; m; m = m->next) {
		if (m->vol == vol) {
			ref->mnt = m;
			ref->root = m->root;
			return 0;
		}
	}
	/* Mounted once for all operands: for writing when one of them writes there. */
	for (const struct ref *r = session.refs; r; r = r->next)
		write |= r->img == ref->img && r->write && (r->part == ref->part || r->part < 0);
	if (write && (vol->fs->flags & FS_READ_ONLY)) {
		report_fail(EXIT_IMAGE, 0, "%s: %s cannot be written", ref->img->path,
			    vol->fs->name);
		return -1;
	}
	if (session_mount_volume(ref->img, vol, write, &ref->root) != 0)
		return -1;
	ref->mnt = session.mounts;
	return 0;
}

const struct fstype *ref_fstype(const struct ref *ref)
{
	return ref->mnt->vol->fs;
}

struct medium ref_medium(const struct ref *ref)
{
	const struct image *img = ref->img;
	const struct volume *vol = ref->mnt->vol;
	bool usable = img->is_file && !img->writable && (vol->fs->flags & FS_MAPS) &&
		      (vol->part == 0 || vol->has_start);

	return (struct medium){ .fd = usable ? img->fd : -1, .disk = img->disk,
				.start = vol->part ? vol->start : 0, .size = vol->size };
}

static void unmount(struct mount *m)
{
	int r;

	if (m->write && m->root >= 0) {
		/* Unmounting reports no write errors; this does. */
		int fd = sys_openat(&donor_side, m->root, ".", O_RDONLY | O_DIRECTORY, 0);

		r = fd < 0 ? fd : (int)pillion_syscall(SYS_syncfs, fd, 0, 0, 0, 0, 0);
		if (r < 0)
			report_call(&donor_side, r, "%s: writing what was left", m->img->path);
		if (fd >= 0)
			sys_close(&donor_side, fd);
	}
	if (m->root >= 0)
		sys_close(&donor_side, m->root);
	r = (int)pillion_syscall(SYS_umount2, (long)m->dir, 0, 0, 0, 0, 0);
	if (r < 0)
		report_call(&donor_side, r, "%s: unmounting", m->img->path);
}

void session_end(void)
{
	stop_end();
	/* reading attributes may have left the working directory inside a mount */
	if (session.booted)
		pillion_syscall(SYS_chdir, (long)"/", 0, 0, 0, 0, 0);
	while (session.mounts) {
		struct mount *m = session.mounts;

		session.mounts = m->next;
		unmount(m);
		free(m);
	}
	while (session.images) {
		struct image *img = session.images;

		session.images = img->next;
		image_close(img);
		free(img);
	}
	if (session.booted)
		pillion_shutdown();
	session.booted = false;
	while (session.refs) {
		struct ref *ref = session.refs;

		session.refs = ref->next;
		free(ref->file);
		free(ref->path);
		free(ref);
	}
}

int ref_open(const struct ref *ref, int flags, mode_t mode)
{
	return sys_open_in_root(&donor_side, ref->root, ref->path, flags, mode);
}

int ref_open_parent(const struct ref *ref, const char **name)
{
	size_t len = strlen(ref->path);
	char *path;
	int fd;

	while (len > 0 && ref->path[len - 1] != '/')
		len--;
	*name = ref->path + len;
	if (strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) {
		/* above the image's root lies the donor's: only as a part of the path it ends there */
		*name += strlen(*name);
		len = strlen(ref->path);
	}
	path = strndup(ref->path, len);
	fd = path ? sys_open_in_root(&donor_side, ref->root, path, O_PATH | O_DIRECTORY, 0) :
	     -ENOMEM;
	free(path);
	return fd;
}
