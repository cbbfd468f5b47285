/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena: a memory file mapped at its home and, piecewise, a second time in the window behind
 * it.
 *
 * Interface: rumpext_arena, rumpext_map, rumpext_unmap; rumpuser__vm_fini.
 * Locking: none: there is one arena, made at boot; the host serialises changes of the address
 * space.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rump/rumpext_vm.h>

#include "posix.h"

static int arenafd = -1;
static uint8_t *arena;
static size_t arenasize, windowsize;

/*
 * Not under the number of a standard descriptor that the process has closed: messages would be
 * written into the kernel's memory.
 */
static int
arenafile(void)
{
	int fd = memfd_create("rump-arena", MFD_CLOEXEC), low = fd;

	if (fd >= 0 && fd <= STDERR_FILENO) {
		fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		(void)close(low);
	}
	return fd;
}

int
rumpext_arena(size_t size, size_t window, size_t align, void **basep)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), total, span, populate;
	uint8_t *raw, *base;
	int fd, error;

	if (arenafd != -1)
		return RUMP_EBUSY;
	if (align < page)
		align = page;
	if (size == 0 || ((size | window) & (page - 1)) != 0 || (align & (align - 1)) != 0)
		return RUMP_EINVAL;
	if (__builtin_add_overflow(size, window, &span) ||
	    __builtin_add_overflow(span, align, &total))
		return RUMP_ENOMEM;
	fd = arenafile();
	if (fd == -1)
		return rumpuser__errtrans(errno);
	raw = MAP_FAILED;
	if (ftruncate(fd, (off_t)size) != 0 || (raw = mmap(NULL, total, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) == MAP_FAILED)
		goto fail;
	base = (uint8_t *)(((uintptr_t)raw + align - 1) & ~(uintptr_t)(align - 1));
	if (mmap(base, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		goto fail;
	if (base > raw)
		(void)munmap(raw, (size_t)(base - raw));
	if (base + span < raw + total)
		(void)munmap(base + span, (size_t)(raw + total - base - span));
	/* A child made by fork() would share the memory of a kernel that it does not run. */
	(void)madvise(base, size, MADV_DONTFORK);
	populate = (size_t)rumpuser__param_long("RUMPUSER_ARENA_POPULATE", 0);
	if (populate > 0)
		(void)madvise(base, populate < size ? populate & ~(page - 1) : size,
		    MADV_POPULATE_WRITE);
	arenafd = fd;
	arena = base;
	arenasize = size;
	windowsize = window;
	*basep = base;
	return 0;
fail:
	error = rumpuser__errtrans(errno);
	if (raw != MAP_FAILED)
		(void)munmap(raw, total);
	(void)close(fd);
	return error;
}

static bool
inwindow(const void *va, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t off = (uintptr_t)va - (uintptr_t)arena - arenasize;

	return arena != NULL && len != 0 && (((uintptr_t)va | len) & (page - 1)) == 0 &&
	    off < windowsize && len <= windowsize - off;
}

int
rumpext_map(void *va, size_t len, size_t off)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!inwindow(va, len) || (off & (page - 1)) != 0 || off >= arenasize ||
	    len > arenasize - off)
		return RUMP_EINVAL;
	if (mmap(va, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, arenafd,
	    (off_t)off) == MAP_FAILED)
		return rumpuser__errtrans(errno);
	(void)madvise(va, len, MADV_DONTFORK);
	return 0;
}

int
rumpext_unmap(void *va, size_t len)
{

	if (!inwindow(va, len))
		return RUMP_EINVAL;
	if (mmap(va, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
	    0) == MAP_FAILED)
		return rumpuser__errtrans(errno);
	return 0;
}

void
rumpuser__vm_fini(void)
{

	if (arenafd == -1)
		return;
	(void)munmap(arena, arenasize + windowsize);
	(void)close(arenafd);
	arenafd = -1;
	arena = NULL;
}
