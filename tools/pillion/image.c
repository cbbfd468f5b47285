/* SPDX-License-Identifier: BSD-2-Clause */
/* Images: opening, attaching, finding the file systems; see image.h. */
#include "image.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pillion/pillion.h>

#include "dirlist.h"
#include "fstype.h"
#include "imgformat.h"
#include "nbd.h"
#include "report.h"
#include "sys.h"

#define MAX_PART 255

/*
 * Of a disk that is no file of the host, these parts are copied for libblkid to look at: of a block
 * device, too, about which it would go and ask sysfs.
 */
#define PROBE_HEAD (2ULL << 20)
#define PROBE_TAIL (1ULL << 20)

static int open_file(struct image *img, const char *path, bool write)
{
	struct stat st;
	int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

	/* On a block device O_EXCL refuses what the host has mounted. */
	if (write && stat(path, &st) == 0 && S_ISBLK(st.st_mode))
		flags |= O_EXCL;
	img->fd = open(path, flags);
	if (img->fd < 0) {
		enum exit_status status = errno == EBUSY ? EXIT_BUSY : EXIT_IMAGE;

		report_fail(status, -errno, "%s", path);
		return -1;
	}
	if (fstat(img->fd, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))) {
		report_fail(EXIT_IMAGE, 0, "%s: not an image file or a block device", path);
		return -1;
	}
	img->is_file = S_ISREG(st.st_mode);
	img->dev = st.st_dev;
	img->ino = st.st_ino;
	img->size = (uint64_t)st.st_size;
	if (S_ISBLK(st.st_mode) && ioctl(img->fd, BLKGETSIZE64, &img->size) != 0) {
		report_fail(EXIT_IMAGE, -errno, "%s: its size", path);
		return -1;
	}
	img->file_size = img->size;
	return 0;
}

static int open_container(struct image *img, bool backing)
{
	const char *other = NULL, *reason = NULL;
	bool busy = false;

	if (!backing && imgformat_refers(img->fd, img->format, &other)) {
		report_fail(EXIT_IMAGE, 0, "%s: refers to another file of this host (%s); "
			    "--backing allows that, if you trust the image", img->path, other);
		return -1;
	}
	/* qemu's own locks keep qemu out; this one keeps a second pillion out. */
	if (flock(img->fd, (img->writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
		report_fail(EXIT_BUSY, 0, "%s: in use by another process", img->path);
		return -1;
	}
	img->nbd = nbd_open(img->fd, backing ? img->path : NULL, img->format, img->writable,
			    &reason, &busy);
	if (!img->nbd) {
		report_fail(busy ? EXIT_BUSY : EXIT_IMAGE, 0, "%s: %s: %s", img->path, img->format,
			    reason);
		return -1;
	}
	img->is_file = false;
	img->size = nbd_size(img->nbd);
	return 0;
}

int image_open(struct image *img, const char *path, bool write, bool backing)
{
	*img = (struct image){ .path = path, .fd = -1, .disk = -1, .writable = write };
	if (open_file(img, path, write) != 0)
		return -1;
	img->format = imgformat_detect(img->fd);
	if (strcmp(img->format, "raw") != 0)
		return open_container(img, backing);
	if (img->size < 512) {
		report_fail(EXIT_IMAGE, 0, "%s: too small for an image (%" PRIu64 " bytes)", path,
			    img->size);
		return -1;
	}
	return 0;
}

int image_attach(struct image *img)
{
	unsigned flags = img->writable ? 0 : PILLION_DISK_OVERLAY;

	if (img->nbd) {
		struct pillion_disk_ops ops = {
			.size = img->size & ~511ULL, .sectsize = 512, .read = nbd_read,
			.write = nbd_write,	/* never called under the overlay */
			.flush = img->writable ? nbd_flush : NULL,
			.discard = img->writable && nbd_can_discard(img->nbd) ? nbd_discard : NULL,
		};

		img->disk = pillion_disk_callbacks(&ops, img->nbd, flags, img->name);
	} else {
		img->disk = pillion_disk_fd(img->fd, flags, img->name);
	}
	if (img->disk >= 0)
		return 0;
	if (img->disk == -EAGAIN || img->disk == -EBUSY || img->disk == -EACCES)
		report_fail(EXIT_BUSY, 0, "%s: in use by another process", img->path);
	else
		report_fail(EXIT_IMAGE, img->disk, "%s: cannot attach", img->path);
	return -1;
}

/* The donor's partitions of this disk, from its /dev: "vda1", "vda2"... */
static void list_partitions(struct image *img)
{
	int dev = sys_openat(&donor_side, AT_FDCWD, "/dev", O_RDONLY | O_DIRECTORY, 0);
	size_t len = strlen(img->name);
	struct dirlist list;

	if (dev < 0)
		return;
	if (dirlist_read(&donor_side, dev, &list) == 0) {
		for (size_t i = 0; i < list.n && img->nvol <= MAX_PART; i++) {
			const char *name = list.entry[i].name, *digits = name + len;
			int part;

			if (strncmp(name, img->name, len) != 0 || !*digits ||
			    digits[strspn(digits, "0123456789")] != '\0')
				continue;
			part = atoi(digits);
			if (part < 1 || part > MAX_PART)
				continue;
			img->vol[img->nvol++].part = part;
		}
	}
	dirlist_free(&list);
	sys_close(&donor_side, dev);
}

static int by_number(const void *a, const void *b)
{
	return ((const struct volume *)a)->part - ((const struct volume *)b)->part;
}

/* The head and the tail of a donor device, in a memory file of the same size. */
static int probe_window(int dev, uint64_t size)
{
	char *buf = malloc(PROBE_HEAD);
	int fd = memfd_create("probe", MFD_CLOEXEC);
	uint64_t tail = size > PROBE_HEAD + PROBE_TAIL ? size - PROBE_TAIL : PROBE_HEAD;
	ssize_t n = -1;

	if (buf && fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
		n = sys_pread(&donor_side, dev, buf, PROBE_HEAD, 0);
		if (n > 0)
			sys_pwrite_all(&host_side, fd, buf, (size_t)n, 0);
		if (n > 0 && tail < size)
			n = sys_pread(&donor_side, dev, buf, (size_t)(size - tail), (off_t)tail);
		if (n > 0)
			sys_pwrite_all(&host_side, fd, buf, (size_t)n, (off_t)tail);
	}
	free(buf);
	return fd;
}

/* Where the donor has the partition: what it reads there is what a copy by the host must be. */
static void find_start(struct volume *v)
{
	char path[64], text[24] = "", *end;
	uint64_t sector;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/block/%s/start", v->dev);
	fd = sys_openat(&donor_side, AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return;
	if (sys_read(&donor_side, fd, text, sizeof(text) - 1) > 0) {
		sector = strtoull(text, &end, 10);
		v->has_start = end != text && sector <= UINT64_MAX / 512;
		v->start = v->has_start ? sector * 512 : 0;
	}
	sys_close(&donor_side, fd);
}

static int open_volume(struct image *img, struct volume *v)
{
	char path[64];
	uint64_t size = 0;
	int fd;

	snprintf(v->dev, sizeof(v->dev), v->part ? "%s%d" : "%s", img->name, v->part);
	snprintf(path, sizeof(path), "/dev/%s", v->dev);
	fd = sys_openat(&donor_side, AT_FDCWD, path, O_RDONLY, 0);
	if (fd >= 0 &&
	    pillion_syscall(SYS_ioctl, fd, (long)BLKGETSIZE64, (long)&size, 0, 0, 0) == 0)
		v->size = size;
	if (v->part)
		find_start(v);
	return fd;
}

static void probe_volume(struct image *img, struct volume *v, int fd)
{
	int window;

	if (v->size < 512)
		return;
	if (img->is_file && (v->part == 0 || v->has_start)) {
		probe_superblock(img->fd, v->start, v->size, v);
		return;
	}
	window = probe_window(fd, v->size);
	if (window >= 0) {
		probe_superblock(window, 0, v->size, v);
		close(window);
	}
}

void image_probe(struct image *img)
{
	int fd[MAX_PART + 1] = { -1 };

	img->vol = calloc(MAX_PART + 1, sizeof(*img->vol));
	if (!img->vol)
		return;
	img->nvol = 1;
	list_partitions(img);
	qsort(img->vol, (size_t)img->nvol, sizeof(*img->vol), by_number);
	for (int i = 0; i < img->nvol; i++)
		fd[i] = open_volume(img, &img->vol[i]);
	if (img->nvol > 1) {
		int table = img->is_file ? dup(img->fd) : probe_window(fd[0], img->size);

		probe_partitions(table, img->size, img->vol, img->nvol, &img->table);
		close(table);
	}
	for (int i = 0; i < img->nvol; i++) {
		probe_volume(img, &img->vol[i], fd[i]);
		if (fd[i] >= 0)
			sys_close(&donor_side, fd[i]);
	}
}

/* "partitions: 1 (vfat), 2 (ext4), 3 (swap)" */
static void list_candidates(const struct image *img, char *buf, size_t len)
{
	size_t at = (size_t)snprintf(buf, len, "partitions:");

	for (int i = 1; i < img->nvol && at < len; i++) {
		const struct volume *v = &img->vol[i];

		at += (size_t)snprintf(buf + at, len - at, "%s %d (%s)", i > 1 ? "," : "", v->part,
				       v->content ? v->content : "unknown");
	}
	if (img->nvol == 1)
		snprintf(buf, len, "there is no partition table that the library kernel knows");
}

static struct volume *choose_part(struct image *img, int part, const char *candidates)
{
	for (int i = 0; i < img->nvol; i++) {
		struct volume *v = &img->vol[i];

		if (v->part != part)
			continue;
		if (v->fs)
			return v;
		if (v->ambiguous)
			report_fail(EXIT_IMAGE, 0, "%s: signatures of more than one file system: "
				    "say which with --type", img->path);
		else
			report_fail(EXIT_IMAGE, 0, "%s: %s%.0d: no file system that this tool "
				    "knows (%s)", img->path,
				    part ? "partition " : "the whole disk", part,
				    v->content ? v->content : "nothing recognised");
		return NULL;
	}
	report_fail(EXIT_IMAGE, 0, "%s: no partition %d; %s", img->path, part, candidates);
	return NULL;
}

struct volume *image_choose(struct image *img, int part)
{
	struct volume *whole = &img->vol[0], *found = NULL;
	char candidates[512];
	int n = 0;

	list_candidates(img, candidates, sizeof(candidates));
	if (part >= 0)
		return choose_part(img, part, candidates);
	for (int i = 1; i < img->nvol; i++) {
		if (img->vol[i].fs) {
			found = &img->vol[i];
			n++;
		}
	}
	/*
	 * A hybrid CD image has a partition table for firmware, and is one file system all the
	 * same.
	 */
	if (whole->fs && (n == 0 || (whole->fs->flags & FS_READ_ONLY)))
		return whole;
	if (n == 1 && !whole->fs)
		return found;
	if (n > 0)
		report_fail(EXIT_USE, 0, "%s: more than one file system: choose with -p N; %s%s",
			    img->path, candidates, whole->fs ? ", 0 (the whole disk)" : "");
	else if (whole->ambiguous)
		return choose_part(img, 0, candidates);
	else
		report_fail(EXIT_IMAGE, 0, "%s: no file system found (%s; 'pillion info' says what "
			    "is there)", img->path, img->nvol > 1 ? candidates :
			    whole->content ? whole->content : "nothing recognised");
	return NULL;
}

void image_close(struct image *img)
{
	if (img->disk >= 0) {
		int r = pillion_disk_detach(img->disk);

		if (r < 0)
			report_fail(EXIT_OPERAND, r, "%s: writing what was left", img->path);
	}
	if (img->nbd)
		nbd_close(img->nbd);
	if (img->fd >= 0)
		close(img->fd);
	probe_free(img->vol, img->vol ? img->nvol : 0);
	free(img->table);
}
