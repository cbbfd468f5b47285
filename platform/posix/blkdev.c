/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices by name, and the handles that are open on them.
 *
 * Interface: rumpuser__blk_*; rumpuser_posix_blk_remove; rumpext_blkinfo.
 *
 * Invariant: a slot of handles[] is NULL or a handle whose device it counts in bd_refs.
 * Locking: blk_lock protects the table, the slots and the counts. A handle in use is found
 * without it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rump/rumpext_block.h>

#include "posix.h"
#include "rumpuser_posix.h"

#define NHANDLE	1024
#define MAXIOV	1024

static struct blkdev *devices;
static struct blkhandle *handles[NHANDLE];
static struct plock blk_lock;

struct blkhandle *
rumpuser__blk_handle(int fd)
{

	if (fd < HANDLE_BASE || fd >= HANDLE_BASE + NHANDLE)
		return NULL;
	return __atomic_load_n(&handles[fd - HANDLE_BASE], __ATOMIC_ACQUIRE);
}

struct blkdev *
rumpuser__blk_new(const char *name, const struct blkops *ops)
{
	struct blkdev *bd;

	bd = calloc(1, sizeof(*bd));
	if (bd == NULL || (bd->bd_name = strdup(name)) == NULL) {
		free(bd);
		return NULL;
	}
	bd->bd_ops = ops;
	bd->bd_fd = -1;
	bd->bd_sect = bd->bd_phys = 512;
	bd->bd_refs = 1;
	bd->bd_gone = true;
	return bd;
}

static void
destroy(struct blkdev *bd)
{

	if (bd->bd_ops->free != NULL)
		bd->bd_ops->free(bd);
	if (bd->bd_fd != -1 && bd->bd_ownfd)
		(void)close(bd->bd_fd);
	free(bd->bd_name);
	free(bd);
}

void
rumpuser__blk_unref(struct blkdev *bd)
{
	bool last;

	plock(&blk_lock);
	last = --bd->bd_refs == 0;
	punlock(&blk_lock);
	if (last)
		destroy(bd);
}

static struct blkdev **
find(const char *name)
{
	struct blkdev **bp;

	for (bp = &devices; *bp != NULL; bp = &(*bp)->bd_next)
		if (strcmp((*bp)->bd_name, name) == 0)
			break;
	return bp;
}

int
rumpuser__blk_register(struct blkdev *bd)
{
	int error = 0;

	plock(&blk_lock);
	if (*find(bd->bd_name) != NULL)
		error = RUMP_EEXIST;
	else {
		bd->bd_next = devices;
		bd->bd_gone = false;
		devices = bd;
	}
	punlock(&blk_lock);
	if (error != 0)
		destroy(bd);
	return error;
}

int
rumpuser_posix_blk_remove(const char *name)
{
	struct blkdev **bp, *bd;
	int error = 0;

	plock(&blk_lock);
	bp = find(name);
	bd = *bp;
	if (bd == NULL)
		error = RUMP_ENOENT;
	else if (bd->bd_refs > 1)
		error = RUMP_EBUSY;
	else {
		*bp = bd->bd_next;
		bd->bd_gone = true;
	}
	punlock(&blk_lock);
	if (error == 0)
		rumpuser__blk_unref(bd);
	return error;
}

int
rumpuser_posix_blk_overlaid(const char *name)
{
	struct blkdev *bd;
	int used = -1;

	plock(&blk_lock);
	bd = *find(name);
	if (bd != NULL)
		used = rumpuser__overlaid(bd);
	punlock(&blk_lock);
	return used;
}

int
rumpuser__blk_named(const char *name, uint64_t *sizep)
{
	struct blkdev *bd;

	plock(&blk_lock);
	bd = *find(name);
	if (bd != NULL)
		*sizep = bd->bd_size;
	punlock(&blk_lock);
	return bd != NULL ? 0 : RUMP_ENOENT;
}

/* Give bh, whose device's count the caller has taken, a number. */
static int
install(struct blkhandle *bh, int *fdp)
{
	struct blkdev *bd = bh->bh_dev;
	int i, error = 0;

	plock(&blk_lock);
	for (i = 0; i < NHANDLE && handles[i] != NULL; i++)
		continue;
	if (i == NHANDLE)
		error = RUMP_EMFILE;
	else if (bh->bh_write && bd->bd_writers > 0)
		error = RUMP_EBUSY;
	else {
		bd->bd_writers += bh->bh_write;
		__atomic_store_n(&handles[i], bh, __ATOMIC_RELEASE);
		*fdp = HANDLE_BASE + i;
	}
	punlock(&blk_lock);
	return error;
}

int
rumpuser__blk_open(const char *name, int flags, int *fdp)
{
	struct blkhandle *bh;
	struct blkdev *bd;
	int error = 0, mode = flags & RUMPUSER_OPEN_ACCMODE;

	bh = calloc(1, sizeof(*bh));
	if (bh == NULL)
		return RUMP_ENOMEM;
	plock(&blk_lock);
	bd = *find(name);
	if (bd != NULL)
		bd->bd_refs++;
	punlock(&blk_lock);
	if (bd == NULL)
		error = rumpuser__blkfile_open(name, flags, &bd);
	else if ((flags & (RUMPUSER_OPEN_CREATE | RUMPUSER_OPEN_EXCL)) ==
	    (RUMPUSER_OPEN_CREATE | RUMPUSER_OPEN_EXCL))
		error = RUMP_EEXIST;
	if (error == 0) {
		bh->bh_dev = bd;
		bh->bh_write = mode != RUMPUSER_OPEN_RDONLY;
		bh->bh_read = mode != RUMPUSER_OPEN_WRONLY;
		if (bh->bh_write && (bd->bd_flags & RUMPEXT_BLK_RDONLY))
			error = RUMP_EROFS;
		else
			error = install(bh, fdp);
	}
	if (error != 0) {
		if (bd != NULL)
			rumpuser__blk_unref(bd);
		free(bh);
	}
	return error;
}

int
rumpuser__blk_close(int fd)
{
	struct blkhandle *bh;
	int error = 0;

	plock(&blk_lock);
	bh = rumpuser__blk_handle(fd);
	if (bh == NULL)
		error = RUMP_EBADF;
	else if (__atomic_load_n(&bh->bh_inflight, __ATOMIC_ACQUIRE) != 0)
		error = RUMP_EBUSY;
	else {
		__atomic_store_n(&handles[fd - HANDLE_BASE], NULL, __ATOMIC_RELEASE);
		bh->bh_dev->bd_writers -= bh->bh_write;
	}
	punlock(&blk_lock);
	if (error == 0) {
		rumpuser__blk_unref(bh->bh_dev);
		free(bh);
	}
	return error;
}

int
rumpext_blkinfo(int fd, struct rumpext_blkinfo *info)
{
	struct blkhandle *bh = rumpuser__blk_handle(fd);
	struct blkdev *bd;

	if (bh == NULL)
		return RUMP_EBADF;
	bd = bh->bh_dev;
	info->bi_size = bd->bd_size;
	info->bi_sectsize = bd->bd_sect;
	info->bi_physsize = bd->bd_phys;
	info->bi_flags = bd->bd_flags | (bh->bh_write ? 0 : RUMPEXT_BLK_RDONLY);
	info->bi_maxiov = MAXIOV;
	return 0;
}

void
rumpuser__blk_fini(void)
{
	struct blkdev *bd;
	int i;

	for (i = 0; i < NHANDLE; i++)
		if (handles[i] != NULL)
			(void)rumpuser__blk_close(HANDLE_BASE + i);
	while ((bd = devices) != NULL) {
		devices = bd->bd_next;
		bd->bd_gone = true;
		rumpuser__blk_unref(bd);
	}
}
