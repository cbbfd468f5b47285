/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process without its standard descriptors: neither the kernel's memory nor a disk takes their
 * numbers, so that what the application writes there goes nowhere.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "common.h"
#include "tap.h"

static int taken(void)
{
	int n = 0;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(void)
{
	struct pillion_options opt = { .size = sizeof(opt), .loglevel = 0 };
	char path[] = "/tmp/pillion-descriptors.XXXXXX", name[32];
	int fd, saved[3], after_boot, after_disk, booted, disk;

	tap_begin();
	fd = mkstemp(path);
	if (fd < 0 || ftruncate(fd, 1 << 20) != 0)
		return 1;
	for (int i = 0; i < 3; i++)
		saved[i] = fcntl(i, F_DUPFD, 10);
	close(fd);
	for (int i = 0; i < 3; i++)
		close(i);
	booted = pillion_boot(&opt);
	after_boot = taken();
	disk = pillion_disk_path(path, 0, name);
	after_disk = taken();
	for (int i = 0; i < 3; i++)
		dup2(saved[i], i);
	unlink(path);
	is(booted, 0, "boot without standard descriptors");
	is(after_boot, 0, "takes none of their numbers");
	ok(disk >= 0, "a disk by its path (%d)", disk);
	is(after_disk, 0, "takes none, either");
	is(pillion_disk_detach(disk), 0, "detach");
	is(pillion_shutdown(), 0, "shutdown");
	return tap_done();
}
