/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hello IMAGE [TYPE]: boot the donor in this process, mount a disk image (ext4 if no other type is
 * given) and list its root directory.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <pillion/pillion.h>
#include <pillion/syscalls.h>

static int failed(const char *what, long error)
{
	fprintf(stderr, "hello: %s: %s\n", what, strerror((int)-error));
	return 1;
}

static void list(int dir)
{
	char buf[4096];
	long n;

	while ((n = pillion_sys_getdents64(dir, buf, sizeof(buf))) > 0)
		for (long i = 0; i < n;) {
			struct pillion_dirent64 *d = (void *)(buf + i);

			puts(d->name);
			i += d->reclen;
		}
}

int main(int argc, char **argv)
{
	char name[32], device[64];
	long r;

	if (argc < 2) {
		fprintf(stderr, "usage: hello IMAGE [TYPE]\n");
		return 2;
	}
	r = pillion_boot(NULL);
	if (r < 0)
		return failed("boot", r);
	r = pillion_disk_path(argv[1], PILLION_DISK_OVERLAY, name);
	if (r < 0)
		return failed(argv[1], r);
	snprintf(device, sizeof(device), "/dev/%s", name);
	pillion_sys_mkdirat(AT_FDCWD, "/mnt", 0755);
	r = pillion_sys_mount(device, "/mnt", argc > 2 ? argv[2] : "ext4", 0, NULL);
	if (r < 0)
		return failed("mount", r);
	r = pillion_sys_openat(AT_FDCWD, "/mnt", O_RDONLY | O_DIRECTORY, 0);
	if (r < 0)
		return failed("/mnt", r);
	list((int)r);
	pillion_sys_close((int)r);
	r = pillion_shutdown();
	return r < 0 ? failed("shutdown", r) : 0;
}
