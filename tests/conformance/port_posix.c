/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Port layer of the conformance suite for the POSIX platform: TAP on standard output, scratch
 * disks in a private directory, an alarm against hanging.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rump/rumpext_virtif.h>

#include "conf.h"
#include "port_posix.h"
#include "rumpuser_posix.h"

char port_dir[64];

void
port_print(const char *line)
{

	printf("%s\n", line);
	fflush(stdout);
}

static void
cleanup(void)
{
	static const char *const names[] = { "disk", "other" };
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", port_dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(port_dir);
}

void
port_exit(int status)
{

	cleanup();
	exit(status);
}

extern __typeof__(rump_ext_virtif_deliver) rump_ext_virtif_deliver __attribute__((__weak__));

bool
port_extdonor(void)
{

	return rump_ext_virtif_deliver != NULL;
}

bool
port_emulated(void)
{

	return getenv("CONF_EMULATED") != NULL;
}

bool
port_file(const char *name, uint64_t size, char *path, size_t len)
{
	int fd;

	snprintf(path, len, "%s/%s", port_dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return false;
	if (ftruncate(fd, (off_t)size) != 0)
		size = 0;
	close(fd);
	return size != 0;
}

bool
port_scratch(uint64_t size, char name[64])
{

	return port_file("disk", size, name, 64);
}

/* A test that hangs is a failure that says where: TAP's reader knows the last test that ended. */
static void
hangs(int sig)
{
	static const char msg[] = "Bail out! the test after the last one reported hangs\n";

	(void)sig;
	(void)!write(STDOUT_FILENO, msg, sizeof(msg) - 1);
	cleanup();
	_exit(2);
}

const struct test *const port_tables[] = { posix_tests, posixblk_tests, posixio_tests,
	posixsig_tests,
	posixnet_tests, posixend_tests, NULL };

int
main(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(port_dir, sizeof(port_dir), "%.40s/conf.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(port_dir) == NULL) {
		printf("Bail out! no scratch directory\n");
		return 1;
	}
	signal(SIGALRM, hangs);
	alarm(PORT_ALARM);
	conf_only = getenv("CONF_ONLY");
	conf_main();
}
