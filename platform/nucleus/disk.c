/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices in memory by name, and the table of handles.
 *
 * Interface: block.h; rumpuser_nucleus_disk; rumpuser_open, _close, _getfileinfo.
 *
 * Invariant: a handle's disk stays, since disks are never removed.
 * Locking: a spin lock protects the list, the handles and the counts. A handle in use is found
 * without it.
 */
#include <nucleus/heap.h>
#include <nucleus/string.h>

#include "block.h"
#include "platform.h"
#include "rumpuser_nucleus.h"

#define HANDLES		64
#define HANDLE_BASE	3		/* so that 0 to 2 are nobody's */

static struct disk *disks;
static struct handle handles[HANDLES];
static struct spinlock lock = SPINLOCK_INIT;

struct handle *handle_find(int fd)
{
	struct handle *h;

	if (fd < HANDLE_BASE || fd >= HANDLE_BASE + HANDLES)
		return NULL;
	h = &handles[fd - HANDLE_BASE];
	return READ_ONCE(h->disk) != NULL ? h : NULL;
}

/* With the lock held. */
static struct disk *find(const char *name)
{
	struct disk *d = disks;

	while (d != NULL && strcmp(d->name, name) != 0)
		d = d->next;
	return d;
}

int rumpuser_nucleus_disk(const char *name, void *base, uint64_t len, unsigned flags)
{
	size_t nlen = strlen(name) + 1;
	struct disk *d = heap_zalloc(sizeof(*d) + nlen);
	unsigned long irq;
	bool taken;

	if (d == NULL)
		return RUMP_ENOMEM;
	memcpy(d + 1, name, nlen);
	d->name = (const char *)(d + 1);
	d->base = base;
	d->size = len;
	d->rdonly = (flags & RUMPUSER_NUCLEUS_RDONLY) != 0;
	irq = spin_lock(&lock);
	taken = find(name) != NULL;
	if (!taken) {
		d->next = disks;
		disks = d;
	}
	spin_unlock(&lock, irq);
	if (taken)
		heap_free(d);
	return taken ? RUMP_EEXIST : 0;
}

/* With the lock held. */
static int open_locked(const char *name, int flags, int *fdp)
{
	int mode = flags & RUMPUSER_OPEN_ACCMODE, i;
	struct disk *d = find(name);
	struct handle *h;

	if (d == NULL)
		return flags & RUMPUSER_OPEN_CREATE ? RUMP_EROFS : RUMP_ENOENT;
	if ((flags & RUMPUSER_OPEN_CREATE) && (flags & RUMPUSER_OPEN_EXCL))
		return RUMP_EEXIST;
	if (d->rdonly && mode != RUMPUSER_OPEN_RDONLY)
		return RUMP_EROFS;
	if ((flags & RUMPUSER_OPEN_BIO) && mode != RUMPUSER_OPEN_RDONLY && d->writers > 0)
		return RUMP_EBUSY;
	for (i = 0; i < HANDLES && handles[i].disk != NULL; i++)
		continue;
	if (i == HANDLES)
		return RUMP_EMFILE;
	h = &handles[i];
	h->read = mode != RUMPUSER_OPEN_WRONLY;
	h->write = mode != RUMPUSER_OPEN_RDONLY;
	h->bio = (flags & RUMPUSER_OPEN_BIO) != 0;
	h->pos = 0;
	d->writers += h->bio && h->write;
	WRITE_ONCE(h->disk, d);
	*fdp = HANDLE_BASE + i;
	return 0;
}

int rumpuser_open(const char *name, int flags, int *fdp)
{
	unsigned long irq;
	int nlocks, error;

	if ((flags & RUMPUSER_OPEN_ACCMODE) == RUMPUSER_OPEN_ACCMODE || (flags & ~0x1f) != 0)
		return RUMP_EINVAL;
	nlocks = unsched(NULL);
	irq = spin_lock(&lock);
	error = open_locked(name, flags, fdp);
	spin_unlock(&lock, irq);
	resched(nlocks, NULL);
	return error;
}

int rumpuser_close(int fd)
{
	int nlocks = unsched(NULL), error = 0;
	unsigned long irq = spin_lock(&lock);
	struct handle *h = handle_find(fd);

	if (h != NULL) {
		h->disk->writers -= h->bio && h->write;
		WRITE_ONCE(h->disk, NULL);
	} else {
		error = RUMP_EBADF;
	}
	spin_unlock(&lock, irq);
	resched(nlocks, NULL);
	return error;
}

int rumpuser_getfileinfo(const char *name, uint64_t *sizep, int *typep)
{
	int nlocks = unsched(NULL);
	unsigned long irq = spin_lock(&lock);
	struct disk *d = find(name);

	spin_unlock(&lock, irq);
	resched(nlocks, NULL);
	if (d == NULL)
		return RUMP_ENOENT;
	if (sizep != NULL)
		*sizep = d->size;
	if (typep != NULL)
		*typep = RUMPUSER_FT_BLK;
	return 0;
}
